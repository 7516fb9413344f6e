"""Updates that are clearly the whole file. They are used as they are, without alignment.

In doubt, an update is not a whole file: a snippet mistaken for one would lose the lines that it does not show.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from fastapply.align.chunks import Outline, file_outline
from fastapply.align.depths import Depths
from fastapply.align.languages import new_errors
from fastapply.align.rows import SnippetRow, read_snippet
from fastapply.text.diff import is_telling
from fastapply.text.lines import starts_of
from fastapply.text.markers import classify, inline_marker

LARGE = 1_000_000  # lines of the file times lines of the update
_KNOWN = 0.5  # the least share of the file's lines that the update has too
_KNOWN_WITHOUT_DEFINITIONS = 0.8

_SAYS_SO = re.compile(
    r"\b(?:full|whole|complete|entire)\s+(?:new\s+|updated\s+|changed\s+|revised\s+|rewritten\s+)?"
    r"(?:files?|scripts?|modules?|components?|documents?|workflows?|stylesheets?|configurations?|config|contents?)\b"
    r"|\b(?:file|script|module|component|document|workflow)\s+in\s+full\b",
    re.IGNORECASE,
)
_FEWEST, _SAME = 4, 0.75  # of a file shown line for line: its lines, and the share that must be unchanged


def shown_line_for_line(original: str, update: str, language: str | None) -> str | None:
    """The new file, if an update without markers has as many lines as the file and most of them are in the same place.
    LF texts. Unchanged lines keep their trailing white space, and the file keeps its final newlines."""
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


def is_said_to_be_whole(original: str, update: str, language: str | None, said: str) -> bool:
    """Does the prose or instruction call a snippet without markers the whole file, and is most of the file in it? LF
    texts."""
    if not _SAYS_SO.search(said):
        return False
    before, after = (Counter(filter(None, map(str.strip, text.split("\n")))) for text in (original, update))
    known = (before & after).total() >= _KNOWN * max(before.total(), 1)
    marked = any(_is_marker(line, language) for line in after - before)
    return known and not marked and new_errors(update, original, language) <= 0


def is_whole_file(original: str, update: str, language: str | None) -> bool:
    """Does a large update show the whole file? It must have all definitions, most lines, no marker and no new syntax
    error. LF texts."""
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


def shows_no_change(original: str, update: str, language: str | None) -> bool:
    """Does a snippet only quote the file, each run of its lines in order and complete? Then it was applied before. LF
    texts.

    A run that ends inside a block whose head it shows may be a shorter version of it, and most of a file without
    markers may be the file with its beginning or end removed.
    """
    old = file_outline(original.removesuffix("\n"), language)
    rows, snippet = read_snippet(update, language, old)
    if any(row.kind == "remove" for row in rows) or Depths(snippet, rows).off(old.lines):
        return False
    solid = [k for k, text in enumerate(old.stripped) if text]
    texts, at, shown = [old.stripped[k] for k in solid], 0, 0
    for run, marker in _runs(rows, snippet):
        ours = [snippet.stripped[k] for k in run]
        start = next(starts_of(ours, texts, at), None)
        if start is None or _fits_elsewhere(old, texts, solid, range(start, start + len(ours))):
            return False
        widths = {snippet.width[k] - old.width[line] for k, line in zip(run, solid[start:], strict=False)}
        at, shown = start + len(ours), shown + len(ours)
        below = solid[at] if at < len(solid) else None
        if below is not None and solid[start] <= old.chunk_of[below].header < below:  # a block ends here too early
            stays = marker is not None and snippet.width[marker] >= old.width[below]
            if not stays:
                return False
        if len(widths) > 1:
            return False
    marked = any(row.kind in ("keep", "bare") for row in rows)
    return shown == len(texts) or (shown > 0 and (marked or 2 * shown < len(texts)))


def _fits_elsewhere(old: Outline, texts: Sequence[str], solid: Sequence[int], run: range) -> bool:
    """May the run be meant for another place, which has its lines but for those that only this one has? Not if it shows
    the head of a definition."""
    beyond = Counter(texts) - Counter(texts[c] for c in run)
    if any(old.chunk_of[solid[c]].header == solid[c] and old.chunk_of[solid[c]].is_definition for c in run):
        return False
    shared = [texts[c] for c in run if beyond[texts[c]]]
    if not any(map(is_telling, shared)) or len(shared) == len(run):
        return False
    return any(start not in run for start in starts_of(shared, texts))


def _runs(rows: Sequence[SnippetRow], snippet: Outline) -> Iterator[tuple[list[int], int | None]]:
    """The solid lines between markers, each with the marker below, if there is one."""
    run: list[int] = []
    for row in rows:
        if row.kind == "code" and snippet.stripped[row.line]:
            run.append(row.line)
        elif row.kind not in ("code", "edge") and run:
            yield run, row.line
            run = []
    if run:
        yield run, None


def _is_marker(line: str, language: str | None) -> bool:
    return classify(line, language) is not None or inline_marker(line, language) is not None
