"""Updates of any format as snippets: a diff becomes its new side with keep markers. Also detects whole files."""

from __future__ import annotations

from fastapply.align.languages import comment
from fastapply.align.whole import is_whole_file, shown_line_for_line
from fastapply.text.formats import Update
from fastapply.text.lines import indent_of
from fastapply.text.markers import classify
from fastapply.text.places import without_blanks, without_signs
from fastapply.text.replacements import Replacement
from fastapply.text.rows import Role


def as_snippet(update: Update, original: str, language: str | None) -> str:
    """The new side of a diff. Context that the file lacks, perhaps from an older version, is not new code."""
    if not update.replacements:
        return _in_own_signs(update.text, original)
    marker = comment(language, "... existing code ...")
    places: dict[str, list[int]] = {}
    lines = original.split("\n")
    for number, line in enumerate(lines):
        places.setdefault(line.strip(), []).append(number)
    shown = [marker]
    for part in update.replacements:
        last = -1
        for line in part.after:
            context, at = line in part.before, places.get(line.strip(), [])
            if context and not at and classify(line) is None:
                continue
            if context and line.strip() and len(at) == 1:
                # Only signs delete: lines that a diff omits between two lines of context stay.
                if part.loose and last >= 0 and any(map(str.strip, lines[last + 1 : at[0]])):
                    shown += [marker] * (not _between(part, lines[last], lines[at[0]]))
                line, last = lines[at[0]], at[0]
            shown.append(line)
        shown.append(marker)
    return "\n".join(shown) + "\n"


def _in_own_signs(snippet: str, original: str) -> str:
    """A snippet whose lines keep the file's own dashes, quotes and blanks where they differ from it in nothing else."""
    if snippet.isascii() and original.isascii():
        return snippet
    own: dict[str, set[str]] = {}
    for line in original.split("\n"):
        own.setdefault(without_blanks(line), set()).add(line.strip())
    lines = snippet.split("\n")
    for k, line in enumerate(lines):
        theirs = own.get(without_blanks(line), set())
        if line.strip() not in theirs and len(theirs) == 1 and _plain(line) == _plain(text := next(iter(theirs))):
            lines[k] = indent_of(line) + text
    return "\n".join(lines)


def _plain(line: str) -> str:
    """A line with plain signs and single blanks."""
    return " ".join(without_signs(line).split())


def _between(part: Replacement, above: str, below: str) -> bool:
    """Does a diff delete or insert lines between two lines of its context?"""
    roles = {row.text.strip(): i for i, row in enumerate(part.rows)}
    start, end = (roles.get(line.strip(), -1) for line in (above, below))
    return start < 0 or any(row.role is not Role.CONTEXT for row in part.rows[start + 1 : end])


def shown_whole(original: str, update: str, language: str | None) -> str | None:
    """The new text, without its last line break, if a snippet shows the whole file. Otherwise None."""
    whole = shown_line_for_line(original, update, language)
    if whole is None and is_whole_file(original, update, language):
        whole = update
    return None if whole is None else whole.removesuffix("\n")
