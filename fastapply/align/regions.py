"""Proposes the regions of the file that a part of a snippet may replace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fastapply.align.boundaries import Boundaries
from fastapply.align.chunks import CLOSES, CONTINUES, Chunk
from fastapply.align.core_ranges import CoreRanges
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.align.reading import Counts, Region, Shift, difference
from fastapply.align.region_counts import RegionCounts
from fastapply.text.lines import indent_of

_WORD = re.compile(r"\w+")
_TAILS = 8  # last statements of a unit that are tried
_SHIFTS = 2  # other shifts of a part


class Regions:
    """Regions for the parts of one pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.places = pairing.places
        self.told = pairing.told
        self.shifts = pairing.writer.shifts
        self.counts = RegionCounts(pairing)
        self._ranges_of = CoreRanges(pairing)
        self._boundaries = Boundaries(pairing)
        self._found: dict[Part, list[tuple[Region, Counts]]] = {}
        self._beside: dict[Part, list[Shift]] = {}

    def of(self, part: Part) -> list[tuple[Region, Counts]]:
        """The regions of a part, each with its counts."""
        if part not in self._found:
            self._found[part] = self._counted(part)
        return self._found[part]

    def _counted(self, part: Part) -> list[tuple[Region, Counts]]:
        if part.removes is not None:
            return self._removals(part, part.removes)
        found = dict.fromkeys((start, end, shift) for start, end, shift in self._ranges(part) if start <= end)
        # The longest first: its solution is reused for ranges that end sooner.
        ranges = sorted({(start, -end) for start, end, _ in found})
        pairs = {(start, -end): self.pairing.lines.pairs(part.lines, start, -end) for start, end in ranges}
        regions = [Region(part, start, end, pairs[start, end], shift) for start, end, shift in found]
        regions = [region for region in regions if not self._swallows(region)] or regions
        regions += [replace(region, shift=shift) for region in regions for shift in self._other_shifts(region)]
        counted = [(region, self.counts.of(region)) for region in regions]
        there = [self._is_there(region) for region in regions]
        if any(there):  # the part quotes the file, perhaps without some lines
            for (_, counts), whole in zip(counted, there, strict=True):
                if not whole:
                    counts["not_as_quoted"] = 1.0
        return counted

    def _swallows(self, region: Region) -> bool:
        """Does a new version of a definition replace more than the old one, though it shows nothing of the rest?"""
        chunk = self.pairing.unit(region.part)
        if chunk is None or not chunk.is_definition or chunk.header not in region.part.lines:
            return False
        column = region.pairs[region.part.lines.index(chunk.header)]
        theirs = self.original.chunk_of[self.field.solid[column]] if column >= 0 else self.original.root
        if theirs is self.original.root or theirs.header != self.field.solid[column] or theirs.name != chunk.name:
            return False
        own, shown = self.field.columns(theirs), [column for column in region.pairs if column >= 0]
        below = own.stop < region.end and max(shown) < own.stop
        return below or (region.start < own.start <= min(shown))

    def _is_there(self, region: Region) -> bool:
        """Does the file have every line of the part in the region?"""
        pairs = zip(region.part.lines, region.pairs, strict=True)
        return all(column >= 0 and self.pairing.same(line, column) for line, column in pairs)

    def _ranges(self, part: Part) -> Iterator[tuple[int, int, Shift | None]]:
        yield from ((start, end, None) for start, end in self._ranges_of.of(part))
        for start, end in self._ranges_of.unwrapped(part):
            depths = indent_of(self.field.line(start)), indent_of(self.snippet.lines[part.start])
            yield start, end, difference(*depths)
        yield from ((start, end, None) for start, end in self._units(part))
        yield from ((start, end, None) for start, end in self._tails(part))
        for boundary in self._boundaries.of(part):
            yield boundary, boundary, None
            for shift in self._sibling_shifts(part, boundary):
                yield boundary, boundary, shift

    def _units(self, part: Part) -> Iterator[tuple[int, int]]:
        """If the part is a single unit, the units of the file that it may be a new version of."""
        chunk = self.pairing.unit(part)
        if chunk is None:
            return
        for theirs in self._claimed(chunk):
            columns = self.field.columns(theirs)
            yield columns.start, columns.stop
            header = self.field.column_of.get(theirs.header)
            if header is not None:
                yield header, columns.stop
        for theirs in self._near_definitions(chunk):
            columns = self.field.columns(theirs)
            yield columns.start, columns.stop

    def _tails(self, part: Part) -> Iterator[tuple[int, int]]:
        """The last statements of a unit of the file, if the part shows the end of that unit."""
        ours = next((c for c in self.snippet.chunk_of[part.start].chain() if c.start < part.start), None)
        below = next((k for k in range(part.end, len(self.snippet.lines)) if self.snippet.stripped[k]), None)
        if not part.marked or ours is None or ours.parent is None or (below is not None and below < ours.end):
            return
        for theirs in self._claimed(ours)[:2]:
            columns = self.field.columns(theirs)
            closed = theirs.closed and not CLOSES.match(self.snippet.stripped[part.lines[-1]])
            body = [c for c in columns if self._begins_statement(c, theirs)]
            yield from ((c, columns.stop - closed) for c in body[-_TAILS:] if c < columns.stop - closed)

    def _begins_statement(self, column: int, outer: Chunk) -> bool:
        chunk = self.original.chunk_of[self.field.solid[column]]
        inner = chunk.parent is outer and chunk.start == self.field.solid[column]
        closes = CLOSES.match(self.field.text[column]) or CONTINUES.match(self.field.text[column])
        return (inner or (chunk is outer and outer.header < self.field.solid[column])) and not closes

    def _claimed(self, chunk: Chunk) -> list[Chunk]:
        """The file's chunks that this chunk shows."""
        shown = [theirs for theirs in self.original.chunks[1:] if chunk.index in self.places.claimers[theirs.index]]
        if shown:
            return shown
        header = self.snippet.stripped[chunk.header]
        alike = [
            theirs
            for theirs in self.original.chunks[1:]
            if (theirs.name == chunk.name and "block" not in (theirs.kind, chunk.kind))
            or self.original.stripped[theirs.header] == header
        ]
        named = self.told.named_columns
        return sorted(alike, key=lambda theirs: not named.issuperset(self.field.columns(theirs)))[:3]

    def _near_definitions(self, chunk: Chunk) -> list[Chunk]:
        """Definitions of other names that a new one may replace: those that share most lines with it, and those that
        the instruction names."""
        if not chunk.is_definition or chunk.name in self.field.names:
            return []
        shares = [
            (float(self.places.shared[chunk.index, theirs.index]), theirs) for theirs in self.original.definitions
        ]
        near = sorted((pair for pair in shares if pair[0] > 0.2), key=lambda pair: -pair[0])
        words = set(self.told.instruction.replace("`", " ").split())
        named = [theirs for theirs in self.original.definitions if theirs.name in words]
        return [theirs for _, theirs in near[:2]] + named[:2]

    def _other_shifts(self, region: Region) -> list[Shift]:
        """Other shifts of a part, by its other lines or by the parts beside it. They disagree in a block that the edit
        opens or removes."""
        shifts = self.shifts.shifts_of(region) if region.shift is None else []
        if not shifts:
            return []
        beside = self._shifts_beside(region.part)
        return [shift for shift in dict.fromkeys([*beside, *shifts]) if shift != shifts[0]][:_SHIFTS]

    def _shifts_beside(self, part: Part) -> list[Shift]:
        if part not in self._beside:
            units = self.pairing.parts.units
            above = [] if part.marked or not part.first else [units[part.first - 1]]
            below = [] if part.last == len(units) or units[part.last].marked else [units[part.last]]
            cores = [(unit, self.pairing.cores[unit][0]) for unit in (*above, *below) if self.pairing.cores.get(unit)]
            voted = [self.shifts.voted(Region(u, core.start, core.end, core.pairs)) for u, core in cores]
            self._beside[part] = [shift for shift in voted if shift is not None]
        return self._beside[part]

    def _sibling_shifts(self, part: Part, boundary: int) -> Iterator[Shift]:
        """Shifts that bring a part to the depth of the siblings at a boundary."""
        if self.snippet.chunk_of[part.start].parent is not None and any(
            chunk.header < part.start and chunk.parent is not None
            for chunk in self.snippet.chunk_of[part.start].chain()
        ):
            return
        ours = indent_of(self.snippet.lines[part.start])
        shape = _shape(self.snippet.stripped[part.start])
        for chunk in self.field.open_at[min(boundary, len(self.field))]:
            beside = self._line_beside(chunk, shape) if chunk.parent is not None else None
            if beside is not None and (theirs := indent_of(self.original.lines[beside])) != ours:
                yield difference(theirs, ours)

    def _line_beside(self, chunk: Chunk, shape: str) -> int | None:
        """The header of a definition in a chunk, or a line of this shape right in it."""
        texts = self.original.stripped
        heads = (c.header for c in chunk.children if c.is_definition or _shape(texts[c.start]) == shape)
        own = (self.field.solid[column] for column in self.field.columns(chunk))
        lines = (
            k for k in own if k > chunk.header and self.original.chunk_of[k] is chunk and _shape(texts[k]) == shape
        )
        return next(heads, None) or next(lines, None)

    def _removals(self, part: Part, target: str) -> list[tuple[Region, Counts]]:
        """What a removal marker may mean. `target` is what it names."""
        ends, starts = self._boundaries.span[part.first]
        below = [] if target else [(start, end) for start in ends for end in self.field.unit_ends(start)]
        ranges = [(start, end, "removed_named") for start, end in self._named(target)]
        ranges += [(start, end, "removed_below") for start, end in below]
        ranges += [(start, start, "removed_nothing") for start in (*ends, *starts)]
        return [(Region(part, start, end, ()), {name: 1.0}) for start, end, name in ranges]

    def _named(self, target: str) -> list[tuple[int, int]]:
        """The ranges of columns that a name may mean."""
        words = target.split()
        if not target:
            return []
        chunks = [chunk for chunk in self.original.chunks[1:] if chunk.name in (target, *words[-1:])]
        ranges = [(self.field.columns(chunk).start, self.field.columns(chunk).stop) for chunk in chunks]
        if not ranges:
            ranges = [
                (c, c + 1) for c in range(len(self.field)) if self.original.info[self.field.solid[c]].name == target
            ]
        if not ranges:
            word = re.compile(rf"(?<!\w){re.escape(target)}(?!\w)")
            ranges = [(c, c + 1) for c in range(len(self.field)) if word.search(self.field.text[c])]
        return [(self._with_comments(start), end) for start, end in ranges]

    def _with_comments(self, column: int) -> int:
        while (
            column and self.original.info[self.field.solid[column - 1]].comment and not self.field.blanks_above(column)
        ):
            column -= 1
        return column


def _shape(text: str) -> str:
    """The beginning of a line with words masked. `it("...", ...)` and `test("...")` have the same shape, and so do `-
    name: ...` and `- id: ...`."""
    return _WORD.sub("w", text[:40])[:4]
