"""Any update as a snippet: the new side of a diff, with markers for what stays; and a snippet that is a whole file."""

from __future__ import annotations

from fastapply.align.languages import comment
from fastapply.align.whole import is_whole_file, shown_line_for_line
from fastapply.text.formats import Update
from fastapply.text.markers import classify
from fastapply.text.replacements import Replacement
from fastapply.text.rows import Role


def as_snippet(update: Update, original: str, language: str | None) -> str:
    """The new side of a diff. Context that the file does not have, of an older version say, is not new code."""
    if not update.replacements:
        return update.text
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
                # Only a sign deletes: what a diff leaves out between two lines of its context stays.
                if part.loose and last >= 0 and any(map(str.strip, lines[last + 1 : at[0]])):
                    shown += [marker] * (not _between(part, lines[last], lines[at[0]]))
                line, last = lines[at[0]], at[0]
            shown.append(line)
        shown.append(marker)
    return "\n".join(shown) + "\n"


def _between(part: Replacement, above: str, below: str) -> bool:
    """Does a diff take lines away, or put some in, between two lines of its context?"""
    roles = {row.text.strip(): i for i, row in enumerate(part.rows)}
    start, end = (roles.get(line.strip(), -1) for line in (above, below))
    return start < 0 or any(row.role is not Role.CONTEXT for row in part.rows[start + 1 : end])


def shown_whole(original: str, update: str, language: str | None) -> str | None:
    """The new text, without its last line break, where a snippet shows all of the file; None: it does not."""
    whole = shown_line_for_line(original, update, language)
    if whole is None and is_whole_file(original, update, language):
        whole = update
    return None if whole is None else whole.removesuffix("\n")
