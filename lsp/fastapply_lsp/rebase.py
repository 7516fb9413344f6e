"""Rebase hunks on a text that has changed: a hunk moves if it is apart from the change, and is lost if it overlaps.

A change is itself a hunk of the text before it. Lines are those of `split_lines`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fastapply.text.lines import split_lines
from fastapply.types import Hunk


def rebase(hunk: Hunk, change: Hunk) -> Hunk | None:
    """The same hunk on the text after `change`; None if both touch the same line or insert at the same place."""
    if _overlap(hunk, change):
        return None
    if change.end_line > hunk.start_line:
        return hunk
    grown = len(split_lines(change.new_text)) - (change.end_line - change.start_line)
    return moved(hunk, grown)


def moved(hunk: Hunk, lines: int) -> Hunk:
    """The same hunk and its reasons, `lines` lines further down."""
    reasons = tuple(
        replace(reason, start_line=reason.start_line + lines, end_line=reason.end_line + lines)
        for reason in hunk.reasons
    )
    return Hunk(hunk.start_line + lines, hunk.end_line + lines, hunk.new_text, reasons)


def _overlap(a: Hunk, b: Hunk) -> bool:
    if a.start_line == a.end_line and b.start_line == b.end_line:
        return a.start_line == b.start_line
    return a.start_line < b.end_line and b.start_line < a.end_line


def rebase_through(hunk: Hunk, changes: Iterable[Hunk]) -> Hunk | None:
    """`rebase` over successive changes."""
    there: Hunk | None = hunk
    for change in changes:
        if there is None:
            return None
        there = rebase(there, change)
    return there


def fits(hunk: Hunk, lines: Sequence[str]) -> bool:
    """Whether the hunk is still between whole lines: a final line end may have been added or removed since."""
    if not hunk.start_line <= hunk.end_line <= len(lines):
        return False
    before = lines[hunk.start_line - 1] if hunk.start_line else "\n"
    ended = hunk.new_text.endswith(("\n", "\r")) or not hunk.new_text or hunk.end_line == len(lines)
    joins = before.endswith("\r") and hunk.new_text.startswith("\n")
    return before.endswith(("\n", "\r")) and ended and not joins
