"""A snippet as an ordered list of parts: runs of code, and removal markers.

A marker between two runs keeps the lines of the file there. A run is cut into units where a definition or a block of
several lines begins or ends, because snippets may omit the marker that belongs between units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.rows import SnippetRow


@dataclass(frozen=True, eq=False)  # a key of many tables: found by identity, without hashing its lines
class Part:
    """Lines of the snippet that are contiguous in the file.

    `lines` are the numbers of its solid lines, empty for a removal. `removes` is what a removal names ("" for what
    stands there), else None. `marked`: there is a marker above. `blanks`: blank lines up to the code or marker above.
    `below`: blank lines down to the marker below. [first, last) are the numbers of its units. `markers`: the marker
    lines right above.
    """

    lines: tuple[int, ...]
    marked: bool
    blanks: int
    first: int
    last: int
    removes: str | None = None
    below: int = 0
    markers: tuple[int, ...] = ()

    @property
    def start(self) -> int:
        return self.lines[0]

    @property
    def end(self) -> int:
        return self.lines[-1] + 1


@dataclass(frozen=True)
class Parts:
    """A snippet's parts: `units`, cut as finely as possible, and whole runs. `runs[k]` begins with unit k.

    `marked_end`: there is a marker below the last part, in the lines `markers_end`. `blanks_end`: the blank lines at
    the end if there is no marker.
    """

    outline: Outline
    units: tuple[Part, ...]
    runs: dict[int, Part]
    marked_end: bool
    blanks_end: int
    markers_end: tuple[int, ...] = ()

    @property
    def has_markers(self) -> bool:
        return self.marked_end or any(part.marked for part in self.units)

    def marked_below(self, part: Part) -> bool:
        return self.units[part.last].marked if part.last < len(self.units) else self.marked_end

    def blanks_below(self, part: Part) -> int:
        if self.marked_below(part):
            return self.units[part.last - 1].below
        return self.units[part.last].blanks if part.last < len(self.units) else self.blanks_end


def cut(rows: Sequence[SnippetRow], outline: Outline) -> Parts:
    """The parts of a snippet, from its classified rows."""
    parts: list[Part] = []
    run: list[int] = []
    markers: list[int] = []
    marked, blanks = False, 0

    def close() -> None:
        nonlocal marked, blanks
        above = run[0] if run else 0
        for unit in _units(run, outline):
            begins = unit[0] == run[0]
            between = blanks if begins else unit[0] - above - 1
            said = tuple(markers) if begins else ()
            parts.append(Part(tuple(unit), marked and begins, between, len(parts), len(parts) + 1, markers=said))
            above = unit[-1]
        if run:
            marked, blanks = False, 0
            markers.clear()
        run.clear()

    for row in rows:
        if row.kind == "code":
            if outline.stripped[row.line]:
                run.append(row.line)
            elif not run:
                blanks += 1
            continue
        last = run[-1] if run else None
        close()
        if last is not None and row.kind != "edge":
            parts[-1] = replace(parts[-1], below=row.line - last - 1)
        if row.kind == "remove":
            parts.append(Part((), marked, blanks, len(parts), len(parts) + 1, row.target, markers=tuple(markers)))
            marked, blanks = False, 0
            markers.clear()
        elif row.kind != "edge":
            marked, blanks = True, 0
            markers.append(row.line)
    trailing = rows[-1].line - 1 - (parts[-1].lines[-1] if parts and parts[-1].lines else rows[-1].line - 1)
    blanks_end = 0 if marked else max(trailing, 0)
    return Parts(outline, tuple(parts), _runs(parts), marked, blanks_end, tuple(markers))


def arranged(parts: Parts, groups: Sequence[Sequence[Part]]) -> Parts:
    """The same parts, with the groups of units between markers in another order and a marker above each group."""
    units: list[Part] = []
    for group in groups:
        for k, unit in enumerate(group):
            marked = unit.marked or (k == 0 and bool(units))
            units.append(replace(unit, marked=marked, first=len(units), last=len(units) + 1))
    return replace(parts, units=tuple(units), runs=_runs(units))


def _runs(units: Sequence[Part]) -> dict[int, Part]:
    """The parts of several units without a marker between them."""
    found: dict[int, Part] = {}
    first = 0
    for k in range(1, len(units) + 1):
        if k < len(units) and not units[k].marked and units[k].lines and units[k - 1].lines:
            continue
        if k - first > 1:
            lines = tuple(line for unit in units[first:k] for line in unit.lines)
            found[first] = replace(units[first], lines=lines, last=k)
        first = k
    return found


def _units(run: Sequence[int], outline: Outline) -> Iterator[list[int]]:
    """The run, cut around its outermost definitions and blocks. The comment right above a unit belongs to it."""
    if not run:
        return
    units = [*_outermost(run, outline), *_along_paths(run, outline)]
    starts = {_with_comment(chunk.start, run, outline) for chunk in units}
    ends = {chunk.end for chunk in units}
    unit = [run[0]]
    for above, line in pairwise(run):
        if line in starts or any(above < end <= line for end in ends):
            yield unit
            unit = []
        unit.append(line)
    yield unit


def _along_paths(run: Sequence[int], outline: Outline) -> Iterator[Chunk]:
    """Chunks whose header stands right below that of the chunk around them: `jobs:`, `unit:`, `steps:`. Such headers
    tell a place, and the file may have lines between them."""
    for above, line in pairwise(run):
        outer, inner = outline.chunk_of[above], outline.chunk_of[line]
        if outer.header == above and inner.header == line and inner.parent is outer and outer.kind in ("type", "value"):
            yield inner


def _with_comment(start: int, run: Sequence[int], outline: Outline) -> int:
    """The first line of the comment right above a line of the run."""
    while start - 1 in run and outline.info[start - 1].comment:
        start -= 1
    return start


def _outermost(run: Sequence[int], outline: Outline) -> list[Chunk]:
    """Definitions and chunks of several lines that begin in the run, without those nested in another."""
    inside = set(run)
    begun = [chunk for chunk in outline.chunks[1:] if chunk.start in inside and chunk.header in inside]
    found: list[Chunk] = []
    for chunk in begun:
        nested = any(outer in begun for outer in chunk.chain() if outer is not chunk)
        several = sum(bool(outline.stripped[k]) for k in range(chunk.start, chunk.end)) > 1
        if not nested and (several or chunk.is_definition):
            found.append(chunk)
    return found
