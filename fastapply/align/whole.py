"""Updates that are plainly the whole file: they are taken as they stand, and nothing needs to be aligned.

When in doubt, they are not: a snippet that stood for the file would lose what it does not show.
"""

from __future__ import annotations

from collections import Counter

from fastapply.align.chunks import Outline, file_outline
from fastapply.align.languages import new_errors
from fastapply.text.markers import classify, inline_marker

LARGE = 1_000_000  # lines of the file times lines of the update
_KNOWN = 0.5  # the least share of the file's lines that the update has too
_KNOWN_WITHOUT_DEFINITIONS = 0.8

_FEWEST, _SAME = 4, 0.75  # lines of a file that is shown line for line, and the share that must stay as they are


def shown_line_for_line(original: str, update: str, language: str | None) -> str | None:
    """The file with some lines exchanged, where an update without markers shows as many lines as the file has, and most
    of them in their places. LF texts. Lines that stay keep their own trailing blanks, and the file its end."""
    olds, news = original.split("\n"), update.split("\n")
    old_at, new_at = ([k for k, line in enumerate(lines) if line.strip()] for lines in (olds, news))
    if len(old_at) != len(new_at) or len(old_at) < _FEWEST:
        return None
    same = [(i, k) for i, k in zip(old_at, new_at, strict=True) if olds[i].rstrip() == news[k].rstrip()]
    changed = set(new_at) - {k for _, k in same}
    if len(same) < _SAME * len(old_at) or any(_is_marker(news[k], language) for k in changed):
        return None
    for i, k in same:
        news[k] = olds[i]
    return "\n".join(news).rstrip("\n") + original[len(original.rstrip("\n")) :]


def is_whole_file(original: str, update: str, language: str | None) -> bool:
    """Does a large update show the whole file? It has all its definitions and most of its lines, no marker, and no new
    syntax error. LF texts."""
    old = file_outline(original.removesuffix("\n"), language)
    lines = update.removesuffix("\n").split("\n")
    if len(lines) * len(old.lines) < LARGE:
        return False
    before, after = Counter(filter(str.strip, old.lines)), Counter(lines)
    share = (before & after).total() / max(before.total(), 1)
    if share < _KNOWN or any(_is_marker(line, language) for line in after - before):
        return False
    new = Outline(lines, language)
    shown = Counter(chunk.name for chunk in old.definitions) <= Counter(chunk.name for chunk in new.definitions)
    least = _KNOWN if old.definitions else _KNOWN_WITHOUT_DEFINITIONS
    return shown and share >= least and new_errors(update, original, language) <= 0


def _is_marker(line: str, language: str | None) -> bool:
    return classify(line, language) is not None or inline_marker(line, language) is not None
