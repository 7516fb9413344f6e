"""Where a part of a snippet may stand: the regions of the file that are worth a look."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from heapq import nsmallest
from itertools import islice, product

import numpy as np

from fastapply.align.chunks import CLOSES, CONTINUES, Chunk
from fastapply.align.counts import Counts, RegionCounts
from fastapply.align.field import Ints
from fastapply.align.lines import Pairs
from fastapply.align.match import key_of
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.align.reading import Region, Shift, difference
from fastapply.text.brackets import open_brackets
from fastapply.text.lines import indent_of

_WORD = re.compile(r"\w+")
_CORES = 6  # places of one line
_NOWHERE: Ints = np.empty(0, np.intp)
_LONGEST = 60  # lines that one may take the place of
_TAILS = 8  # last statements of a unit
_SHIFTS = 2  # other ways to indent a part
_EXTEND = 3  # lines above or below a range that its part may replace too
_OLD = 12  # and lines among which the old version of one that seems new may stand


class Regions:
    """Proposes regions for the parts of one pairing."""

    def __init__(self, pairing: Pairing, counts: RegionCounts) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.places = pairing.places
        self.lines = pairing.lines
        self.told = pairing.told
        self.parts = pairing.parts
        self.instruction = pairing.told.instruction
        self.counts = counts
        self._found: dict[Part, list[tuple[Region, Counts]]] = {}
        self._beside: dict[Part, list[Shift]] = {}
        self._span = self._spans()

    def of(self, part: Part) -> list[tuple[Region, Counts]]:
        """Where a part may stand, and what each place counts."""
        if part not in self._found:
            self._found[part] = self._counted(part)
        return self._found[part]

    def _counted(self, part: Part) -> list[tuple[Region, Counts]]:
        if part.removes is not None:
            return self._removals(part, part.removes)
        found = dict.fromkeys((start, end, shift) for start, end, shift in self._ranges(part) if start <= end)
        # The longest first: what is found for a range holds for those that end sooner.
        ranges = sorted({(start, -end) for start, end, _ in found})
        pairs = {(start, -end): self.lines.pairs(part.lines, start, -end) for start, end in ranges}
        regions = [Region(part, start, end, pairs[start, end], shift) for start, end, shift in found]
        regions += [replace(region, shift=shift) for region in regions for shift in self._other_shifts(region)]
        return [(region, self.counts.of(region)) for region in regions]

    def _ranges(self, part: Part) -> Iterator[tuple[int, int, Shift | None]]:
        for core in self.pairing.cores[part]:
            yield from ((start, end, None) for start, end in self._cut_cores(part, core.pairs))
            starts, ends = self._starts(part, core.pairs), self._ends(part, core.pairs)
            for start in starts:
                for end in ends:
                    yield start, end, None
        yield from ((start, end, None) for start, end in self._hulls(part))
        chunk = self.pairing.unit(part)
        if chunk is not None:
            for theirs in self._claimed(chunk):
                columns = self.field.columns(theirs)
                yield columns.start, columns.stop, None
                header = self.field.column_of.get(theirs.header)
                if header is not None:
                    yield header, columns.stop, None
            for theirs in self._near_definitions(chunk):
                columns = self.field.columns(theirs)
                yield columns.start, columns.stop, None
        yield from ((start, end, None) for start, end in self._tails(part))
        for boundary in self._boundaries(part, found=self._is_found(part)):
            yield boundary, boundary, None
            for shift in self._sibling_shifts(part, boundary):
                yield boundary, boundary, shift

    def _hulls(self, part: Part) -> Iterator[tuple[int, int]]:
        """From the first line of the part that the file has to the last one, whatever else stands between."""
        at = [self.field.columns_of.get(self.snippet.stripped[line], _NOWHERE) for line in part.lines]
        once = _ascending([int(columns[0]) for columns in at if len(columns) == 1])
        known = [k for k, columns in enumerate(at) if len(columns)]
        if not known:
            return
        if once:
            starts, ends = self._around(part.lines[: known[0]], part.lines[known[-1] + 1 :], once[0], once[1] + 1)
            yield from product(starts, ends)
        first, last = at[known[0]], at[known[-1]]
        for start in first[:_CORES]:
            yield from ((int(start), int(end) + 1) for end in last[last >= start][:1])
        for end in last[:_CORES]:
            yield from ((int(start), int(end) + 1) for start in first[first <= end][-1:])
        texts = {self.snippet.stripped[line] for line in part.lines}
        for core in self.pairing.cores[part][:2]:
            yield self._widened(core.start, core.end, texts)

    def _tails(self, part: Part) -> Iterator[tuple[int, int]]:
        """The ends of the file's version of a unit, where the part is shown as the end of it."""
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

    def _widened(self, start: int, end: int, texts: set[str]) -> tuple[int, int]:
        """The range with the lines beside it that the part has too: they may only stand in another order there."""
        while start and self.field.text[start - 1] in texts:
            start -= 1
        while end < len(self.field) and self.field.text[end] in texts:
            end += 1
        return start, end

    def _cut_cores(self, part: Part, pairs: Pairs) -> Iterator[tuple[int, int]]:
        """Ranges with what begins to differ, or ends to, put in beside them: a new element below the head of its list,
        or above the end of it, stands for none of its siblings."""
        changed = [i for i, c in enumerate(pairs) if c < 0 or not self.pairing.same(part.lines[i], c)]
        if not changed or len(part.lines) < 2:
            return
        for inner in (False, True):
            first = self._begins(part, changed[0], inner)
            if first > 0 and pairs[first - 1] >= 0:
                kept = [c for c in pairs[:first] if c >= 0]
                yield kept[0], kept[-1] + 1
            after = self._ends_at(part, changed[-1], inner)
            if after < len(pairs) and pairs[after] >= 0:
                kept = [c for c in pairs[after:] if c >= 0]
                yield kept[0], kept[-1] + 1

    def _begins(self, part: Part, i: int, inner: bool) -> int:
        """The first line of the element around a line of the part."""
        chunk = self._element(part, i, inner)
        return i if chunk is None else next(k for k, line in enumerate(part.lines) if line >= chunk.start)

    def _ends_at(self, part: Part, i: int, inner: bool) -> int:
        """The line below the element around a line of the part."""
        chunk = self._element(part, i, inner)
        ends = i + 1 if chunk is None else next((k for k, line in enumerate(part.lines) if line >= chunk.end), None)
        return len(part.lines) if ends is None else ends

    def _element(self, part: Part, i: int, inner: bool) -> Chunk | None:
        """The innermost chunk, or the one around it, that begins in the part below its first line."""
        chain = self.snippet.chunk_of[part.lines[i]].chain()
        inside = [chunk for chunk in chain if chunk.parent is not None and chunk.start > part.start]
        return inside[0 if inner else -1] if inside else None

    def _is_found(self, part: Part) -> bool:
        """Is the part surely in the file: are its first and last telling lines?"""
        cores = self.pairing.cores[part]
        if not cores:
            return False
        pairs = cores[0].pairs
        same = [
            c >= 0 and self.snippet.stripped[line] == self.field.text[c] and self.field.weights[c] > 0.3
            for line, c in zip(part.lines, pairs, strict=True)
        ]
        return any(same) and sum(same) * 2 >= len(same)

    def _is_there(self, part: Part) -> bool:
        """Does the file have all lines of the part, as its best range shows them?"""
        pairs = self.pairing.cores[part][0].pairs
        return all(c >= 0 and self.pairing.same(line, c) for line, c in zip(part.lines, pairs, strict=True))

    def _starts(self, part: Part, pairs: Pairs) -> list[int]:
        """Columns at which the range of a core may begin."""
        found = [i for i, c in enumerate(pairs) if c >= 0]
        first = pairs[found[0]]
        starts = [first]
        exact = next((pairs[i] for i in found if self.pairing.same(part.lines[i], pairs[i])), None)
        if exact is not None:
            starts.append(exact)
        leading = found[0]
        starts += [first - n for n in range(1, min(leading, _EXTEND) + 1) if first >= n]
        chunk = self.original.chunk_of[self.field.solid[first]]
        if leading and chunk.header == self.field.solid[first]:
            starts.append(self.field.columns(chunk).start)
        starts += self._around(part.lines[:leading], (), first, first)[0]
        return list(dict.fromkeys(starts))

    def _ends(self, part: Part, pairs: Pairs) -> list[int]:
        """Boundaries at which the range of a core may end."""
        found = [i for i, c in enumerate(pairs) if c >= 0]
        last = pairs[found[-1]]
        ends = [last + 1]
        exact = next((pairs[i] for i in reversed(found) if self.pairing.same(part.lines[i], pairs[i])), None)
        if exact is not None:
            ends.append(exact + 1)
        trailing = len(pairs) - 1 - found[-1]
        ends += [last + 1 + n for n in range(1, min(trailing, _EXTEND) + 1) if last + n < len(self.field)]
        if trailing:
            line = self.field.solid[last]
            for chunk in self.original.chunk_of[line].chain():
                if chunk.parent is not None and len(ends) < 8:
                    ends.append(self.field.columns(chunk).stop)
            ends.extend(self._block_ends(last))
            ends += self._around((), part.lines[found[-1] + 1 :], last, last + 1)[1]
        if not self.pairing.same(part.lines[found[-1]], last):
            ends += self._closed_alike(part.lines[found[-1] :], last)
            ends += self._block_of(part.lines[found[-1]], last)
        return list(dict.fromkeys(ends))

    def _closed_alike(self, lines: Sequence[int], column: int) -> Iterator[int]:
        """Where as much is open below a column as behind the lines, the first of which took its place: a list, a call
        or a condition may have become one line."""
        ours = open_brackets(self.snippet.stripped[line] for line in lines)
        theirs = ""
        for c in range(column, min(column + _LONGEST, len(self.field))):
            theirs = open_brackets((self.field.text[c],), theirs)
            if c > column and len(theirs) <= len(ours):
                if theirs == ours:
                    yield c + 1
                return

    def _block_of(self, line: int, column: int) -> Iterator[int]:
        """Where the block ends that a column opens, if the line in its place opens none: the value of a key may have
        become one line."""
        theirs = self.original.chunk_of[self.field.solid[column]]
        if theirs.header == self.field.solid[column] and self.snippet.chunk_of[line].header != line:
            yield self.field.columns(theirs).stop

    def _around(self, above: Sequence[int], below: Sequence[int], start: int, end: int) -> tuple[list[int], list[int]]:
        """Where a range may begin and end so that it has the old versions of the new lines `above` and `below` too."""
        starts = self._old_versions(above, range(start - 1, max(start - _OLD, 0) - 1, -1))
        ends = self._old_versions(below, range(end, min(end + _OLD, len(self.field))))
        return [start, *starts], [end, *(c + 1 for c in ends)]

    def _old_versions(self, lines: Sequence[int], columns: Sequence[int]) -> list[int]:
        """The columns, nearest first, that say the same as one of the lines, or of the same key or name."""
        said = {self.snippet.stripped[line] for line in lines}
        keys = {key for line in lines if (key := key_of(self.snippet, line))}
        names = {name for line in lines if (name := self.snippet.info[line].name)}
        found = (
            c
            for c in columns
            if self.field.keys[c] in keys
            or self.original.info[self.field.solid[c]].name in names
            or (self.field.weights[c] > 0.1 and self.field.text[c] in said)
        )
        return list(islice(found, 2))

    def _block_ends(self, column: int) -> Iterator[int]:
        """Where the unit that begins right below a column ends."""
        if column + 1 < len(self.field):
            line = self.field.solid[column + 1]
            chunk = self.original.chunk_of[line]
            if chunk.start == line or chunk.header == line:
                yield self.field.columns(chunk).stop

    def _claimed(self, chunk: Chunk) -> list[Chunk]:
        """The file's chunks that this one shows."""
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
        """Definitions of other names that this new one may replace: those with the most of its lines."""
        if not chunk.is_definition or chunk.name in self.field.names:
            return []
        shares = [
            (float(self.places.shared[chunk.index, theirs.index]), theirs) for theirs in self.original.definitions
        ]
        near = sorted((pair for pair in shares if pair[0] > 0.2), key=lambda pair: -pair[0])
        words = set(self.instruction.replace("`", " ").split())
        named = [theirs for theirs in self.original.definitions if theirs.name in words]
        return [theirs for _, theirs in near[:2]] + named[:2]

    def _spans(self) -> list[tuple[list[int], list[int]]]:
        """For each part: boundaries at which the parts before it may end, and those after it may begin."""
        units = self.parts.units
        count = len(units)
        anchored = [k for k in range(count) if units[k].lines and self._is_found(units[k])]
        result = []
        for k in range(count):
            before = next((j for j in reversed(anchored) if j < k), None)
            after = next((j for j in anchored if j > k), None)
            ends = [core.end for core in self.pairing.cores[units[before]][:3]] if before is not None else [0]
            starts = (
                [core.start for core in self.pairing.cores[units[after]][:3]]
                if after is not None
                else [len(self.field)]
            )
            result.append((ends, starts))
        return result

    def _boundaries(self, part: Part, *, found: bool) -> list[int]:
        """Where a part that is new may be put in."""
        ends, starts = self._span[part.first][0], self._span[part.last - 1][1]
        if found and self._is_there(part):
            return [b for b in dict.fromkeys([*ends, *starts]) if 0 <= b <= len(self.field)]
        low, high = min(ends), max(starts)
        place = [round(cost, 1) for cost in self.lines.place_between(part.lines[0])[low : high + 1].tolist()]
        every = self._sibling_boundaries
        fits = every[bisect_left(every, low) : bisect_right(every, high)]
        chosen = [*ends, *starts]
        chosen += nsmallest(5 if found else 12, fits, lambda b: (place[b - low], min(b - low, high - b)))
        chosen += nsmallest(4, fits, lambda b: (place[b - low], high - b))
        chosen += [len(self.field)] if high == len(self.field) else []
        chosen += self._beside_named(part)
        if self.snippet.info[part.start].kind == "import":
            imports = self.field.imports
            chosen += [imports[-1] + 1, imports[0]] if imports else []
        return [b for b in dict.fromkeys(chosen) if 0 <= b <= len(self.field)]

    def _beside_named(self, part: Part) -> Iterator[int]:
        """Beside the units that the instruction names, and those that are most like the part."""
        yield from self.told.boundaries
        chunk = self.pairing.unit(part)
        units = self.told.named_units[:3]
        if chunk is not None:
            share = self.places.shared[chunk.index]
            near = 1 + np.argsort(-share[1:], kind="stable")[:2]
            units += [self.original.chunks[k] for k in near if share[k] > 0.2]
        for theirs in units:
            columns = self.field.columns(theirs)
            yield from (columns.start, columns.stop)

    @cached_property
    def _sibling_boundaries(self) -> list[int]:
        return [b for b in range(len(self.field) + 1) if self._is_sibling_boundary(b)]

    def _is_sibling_boundary(self, boundary: int) -> bool:
        """Does a unit begin or end there?"""
        if boundary in (0, len(self.field)):
            return True
        line, next_line = self.field.solid[boundary - 1], self.field.solid[boundary]
        above, below = self.original.chunk_of[line], self.original.chunk_of[next_line]
        text = self.original.stripped[next_line]
        edge = above.header == line or bool(CLOSES.match(text) or CONTINUES.match(text))
        return edge or above is not below or self.field.blanks_above(boundary) > 0

    def _other_shifts(self, region: Region) -> list[Shift]:
        """How else a part may be indented: as other lines of it say, or as what is shown right above or below it. In a
        block that the edit opens or takes away they do not agree."""
        shifts = self.pairing.writer.shifts.shifts_of(region) if region.shift is None else []
        if not shifts:
            return []
        beside = self._shifts_beside(region.part)
        return [shift for shift in dict.fromkeys([*beside, *shifts]) if shift != shifts[0]][:_SHIFTS]

    def _shifts_beside(self, part: Part) -> list[Shift]:
        if part not in self._beside:
            units = self.parts.units
            above = [] if part.marked or not part.first else [units[part.first - 1]]
            below = [] if part.last == len(units) or units[part.last].marked else [units[part.last]]
            cores = [(unit, self.pairing.cores[unit][0]) for unit in (*above, *below) if self.pairing.cores.get(unit)]
            voted = [self.pairing.writer.shifts.voted(Region(u, core.start, core.end, core.pairs)) for u, core in cores]
            self._beside[part] = [shift for shift in voted if shift is not None]
        return self._beside[part]

    def _sibling_shifts(self, part: Part, boundary: int) -> Iterator[Shift]:
        """Shifts that bring a part to the depth of what stands beside it."""
        if self.snippet.chunk_of[part.start].parent is not None and any(
            chunk.header < part.start and chunk.parent is not None
            for chunk in self.snippet.chunk_of[part.start].chain()
        ):
            return
        ours = indent_of(self.snippet.lines[part.start])
        shape = _shape(self.snippet.stripped[part.start])
        for chunk in self.field.open_at[min(boundary, len(self.field))]:
            alike = (c for c in chunk.children if c.is_definition or _shape(self.original.stripped[c.start]) == shape)
            beside = next(alike, None)
            if chunk.parent is None or beside is None:
                continue
            theirs = indent_of(self.original.lines[beside.header])
            if theirs != ours:
                yield difference(theirs, ours)

    def _removals(self, part: Part, target: str) -> list[tuple[Region, Counts]]:
        """What a marker that says that `target` goes may mean."""
        found: list[tuple[Region, Counts]] = []
        for start, end in self.named(target):
            found.append((Region(part, start, end, ()), {"removed_named": 1.0}))
        if not target:
            below = [(start, end) for start in self._span[part.first][0] for end in self._block_ends(start - 1)]
            found += [(Region(part, start, end, ()), {"removed_below": 1.0}) for start, end in below]
        nothing = [*self._span[part.first][0], *self._span[part.first][1]]
        return found + [(Region(part, start, start, ()), {"removed_nothing": 1.0}) for start in nothing]

    def named(self, target: str) -> list[tuple[int, int]]:
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
    """How a line begins, whatever its words are: `it("...", ...)` and `test("...")` look alike, so do `- name: ...` and
    `- id: ...`."""
    return _WORD.sub("w", text[:40])[:4]


def _ascending(columns: Sequence[int]) -> tuple[int, int] | None:
    """First and last of a longest ascending subsequence (Schensted 1961)."""
    firsts: list[int] = []  # for each length: where the subsequence with the least end begins, and that end
    ends: list[int] = []
    for column in columns:
        k = bisect_left(ends, column)
        firsts[k : k + 1] = [firsts[k - 1] if k else column]
        ends[k : k + 1] = [column]
    return (firsts[-1], ends[-1]) if ends else None
