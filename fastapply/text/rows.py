"""Rows: the lines of an update in any format, each with a role."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from fastapply.text.diff import diff_lines
from fastapply.text.lines import indent_of
from fastapply.text.markers import MarkerKind, classify


class Role(StrEnum):
    """CONTEXT is in the file. CODE is context or new. REST is a keep marker or the gap between two hunks. LEFT_OUT is
    an elision that the new side lacks: what it stands for is deleted."""

    CONTEXT = "context"
    NEW = "new"
    GONE = "gone"
    CODE = "code"
    REST = "rest"
    LEFT_OUT = "left out"


class Row(NamedTuple):
    """A line of an update without its sign and line end. The text of a gap is empty. `indents`: of an elision on both
    sides, its indentation before and after; the lines that it stands for move along."""

    role: Role
    text: str
    indents: tuple[str, str] = ("", "")


OLD = frozenset({Role.CONTEXT, Role.GONE, Role.REST, Role.LEFT_OUT})
ELIDED = frozenset({Role.REST, Role.LEFT_OUT})
_ELISION = "\0"


def is_elision(line: str, known: Collection[str]) -> bool:
    """Does a line only say that lines stay? `known`: the stripped lines of the file, which are content."""
    kind = classify(line)
    return kind in (MarkerKind.KEEP, MarkerKind.BARE) and line.strip() not in known


def rows_between(before: Sequence[str], after: Sequence[str], known: Collection[str]) -> list[Row]:
    """The rows of "`before` becomes `after`". An elision on both sides keeps lines, one in `before` alone deletes them,
    and one in `after` alone stands for the old lines in its place."""
    olds, news = ([_ELISION if is_elision(line, known) else line for line in side] for side in (before, after))
    rows: list[Row] = []
    at = new_at = 0
    for hunk in diff_lines([line + "\n" for line in olds], [line + "\n" for line in news]):
        kept = hunk.start_line - at
        rows += map(_kept, olds[at : hunk.start_line])
        new = hunk.new_text.split("\n")[:-1]
        rows += _changed(olds[hunk.start_line : hunk.end_line], new)
        at, new_at = hunk.end_line, new_at + kept + len(new)
    return _with_indents([*rows, *map(_kept, olds[at:])], before, after, known)


def _with_indents(rows: list[Row], before: Sequence[str], after: Sequence[str], known: Collection[str]) -> list[Row]:
    """The rows, with the indentation of the elisions if each is on both sides."""
    olds, news = ([indent_of(line) for line in side if is_elision(line, known)] for side in (before, after))
    if not len(olds) == len(news) == sum(row.role is Role.REST for row in rows):
        return rows
    indents = zip(olds, news, strict=True)
    return [row._replace(indents=next(indents)) if row.role is Role.REST else row for row in rows]


def _kept(line: str) -> Row:
    return Row(Role.REST, "") if line == _ELISION else Row(Role.CONTEXT, line)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    gone = [Row(Role.LEFT_OUT, "") if line == _ELISION else Row(Role.GONE, line) for line in old]
    if new.count(_ELISION) != 1:
        yield from gone
        yield from (Row(Role.NEW, line) for line in new if line != _ELISION)
        return
    cut = new.index(_ELISION)
    yield from (Row(Role.NEW, line) for line in new[:cut])
    yield from (_kept(_ELISION) if row.role is Role.LEFT_OUT else Row(Role.CONTEXT, row.text) for row in gone)
    yield from (Row(Role.NEW, line) for line in new[cut + 1 :])


def split_at_rests(rows: Sequence[Row]) -> list[list[Row]]:
    """The parts between keep markers."""
    parts: list[list[Row]] = [[]]
    for row in rows:
        if row.role is Role.REST:
            parts.append([])
        else:
            parts[-1].append(row)
    return [part for part in parts if part]
