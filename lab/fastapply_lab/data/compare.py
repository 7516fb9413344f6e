"""The differences between two texts as a reader sees them: runs of changed lines.

Changes with only blank lines and closing brackets between them count as one.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Lines [old_start, old_end) turned into lines [new_start, new_end)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def telling(line: str) -> bool:
    """Whether a line has content: it is not blank and not only brackets, `end` or the like."""
    bare = line.strip().strip("{}()[];,")
    return len(bare) > 1 and bare not in (
        "end",
        "else",
        "fi",
        "done",
        "esac",
        "pass",
        "*/",
        "/**",
        '"""',
        "break",
        "</",
    )


def changes(original: Sequence[str], expected: Sequence[str]) -> list[ChangedLines]:
    """The changes in order. They never touch."""
    matcher = difflib.SequenceMatcher(None, original, expected, autojunk=False)
    found: list[ChangedLines] = []
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        last = found[-1] if found else None
        if last is not None and _melts(
            original[last.old_end : old_start], last, new_end - new_start, old_end - old_start
        ):
            found[-1] = ChangedLines(last.old_start, old_end, last.new_start, new_end)
        else:
            found.append(ChangedLines(old_start, old_end, new_start, new_end))
    return found


def _melts(between: Sequence[str], last: ChangedLines, added: int, deleted: int) -> bool:
    """Whether two changes count as one, because only brackets and blank lines between them were kept."""
    both = (last.new_end > last.new_start and deleted > 0) or (last.old_end > last.old_start and added > 0)
    return len(between) <= 2 and both and not any(telling(line) for line in between)
