"""Replacements: "these lines become those". The original is searched for the lines (`text/apply_blocks`).

Line numbers are only hints, because models miscount them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapply.text.lines import indent_of
from fastapply.text.placed import Edits
from fastapply.text.places import Place
from fastapply.text.rows import OLD, Role, Row, split_at_rests

_HEAD = 2  # lines of a head at most
_TELLING = re.compile(r"\w{3}")


@dataclass(frozen=True, slots=True)
class Replacement:
    """The lines `before` become `after`. They have no line ends, and context is in both.

    `line_hint`: the stated first line of `before`, from 0. `anchors`: lines to find first, in order, above the place
    (the `@@ def f():` of a patch). `loose`: as in a diff, only what `after` lacks is deleted, and `before` may omit
    lines in between. `rows`: the lines with their roles, if signs tell them.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    line_hint: int | None = None
    anchors: tuple[str, ...] = ()
    loose: bool = False
    rows: tuple[Row, ...] = ()


def spelt_out(wanted: Replacement, lines: Sequence[str]) -> Replacement:
    """The replacement with what dots inside its old lines stand for. A new line with the same dots is that line too.

    `log(...)` is the one line of the file that begins with `log(` and ends with `)`, or the one beside the same line.
    """
    if not any("..." in line for line in wanted.before):
        return wanted
    solid = ["", *filter(None, map(str.strip, lines)), ""]
    known, found = set(solid), dict[str, str]()
    old = ["", *filter(None, map(str.strip, wanted.before)), ""]
    for above, text, below in zip(old, old[1:], old[2:], strict=False):
        head, dots, tail = text.partition("...")
        if not dots or text in known or not _TELLING.search(head) or "..." in tail:
            continue
        meant = [
            (before, own, after)
            for before, own, after in zip(solid, solid[1:], solid[2:], strict=False)
            if own.startswith(head) and own.endswith(tail) and len(own) >= len(head + tail)
        ]
        meant = meant if len(meant) == 1 else [each for each in meant if above == each[0] or below == each[2]]
        if len(meant) == 1:
            found[text] = meant[0][1]

    def spelt(line: str) -> str:
        return indent_of(line) + found[line.strip()] if line.strip() in found else line

    before, after = (tuple(map(spelt, side)) for side in (wanted.before, wanted.after))
    rows = tuple(row._replace(text=spelt(row.text)) for row in wanted.rows)
    return replace(wanted, before=before, after=after, rows=rows)


@dataclass
class Placing:
    """A replacement that is being placed. `number`: in the update, from 1. Parts of one replacement share it."""

    wanted: Replacement
    number: int
    rows: list[Row]
    edits: Edits | None = None
    why: str = ""

    @property
    def old(self) -> list[Row]:
        return [row for row in self.rows if row.role in OLD]


def opened_by(block: Placing) -> int:
    """How many more brackets the old rows open than the new ones."""
    return _depth(block.wanted.before) - _depth(block.wanted.after)


def _depth(lines: Sequence[str]) -> int:
    text = "\n".join(lines)
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))


def with_forgotten_neighbour(rows: list[Row], opened: int) -> list[Row]:
    """Rows that replace only the head (or end) of a block with something complete: the head stays, below it."""
    gone = [row for row in rows if row.role is Role.GONE]
    new = [row for row in rows if row.role is Role.NEW]
    whole = any(row.text.strip() for row in new) and _depth([row.text for row in new]) == 0
    filled = [row.text.strip() for row in gone if row.text.strip()]
    if len(gone) + len(new) < len(rows) or not whole or not 0 < len(filled) <= _HEAD:
        return rows
    if not (filled[-1][-1] in "([{" if opened > 0 else filled[0][0] in ")]}"):
        return rows  # a bracket in a comment, say
    kept = [Row(Role.CONTEXT, row.text) for row in gone]
    return [*new, *kept] if opened > 0 else [*kept, *new]


def changes(rows: Sequence[Row]) -> bool:
    return any(row.role in (Role.NEW, Role.GONE, Role.LEFT_OUT) for row in rows)


def between_rests(block: Placing) -> list[Placing]:
    return [replace(block, rows=rows, edits=None, why="") for rows in split_at_rests(block.rows)]


def first_line(place: Place) -> int:
    return next(line for line in place if line is not None)


def changed_lines(block: Placing, place: Place) -> list[int]:
    """The lines of the file that are deleted, or between which something is inserted."""
    matter = rows_that_matter(block.rows)
    return [line for i, line in enumerate(place) if line is not None and i in matter]


def rows_that_matter(rows: Sequence[Row]) -> frozenset[int]:
    """The numbers, among the old rows, of deleted rows and of solid rows beside an insertion."""
    found: set[int] = set()
    old: list[Row] = []
    new = False
    for row in rows:
        if row.role is Role.NEW:
            new = True
            if old and old[-1].role is Role.CONTEXT:
                found.add(len(old) - 1)
            continue
        if row.role is Role.GONE or (new and row.role is Role.CONTEXT and not (old and old[-1].role is Role.GONE)):
            found.add(len(old))
        new = False
        old.append(row)
    return frozenset(i for i in found if old[i].text.strip())
