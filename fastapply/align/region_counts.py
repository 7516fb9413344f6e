"""What a reading does inside the regions of its parts, as counts by feature name. The experts weigh these counts.

`gap_counts` counts what happens between the regions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from math import log1p

import numpy as np

from fastapply.align.chunks import CLOSES, Chunk
from fastapply.align.field import Ints
from fastapply.align.indentation import Indentation
from fastapply.align.line_counts import LineCounts
from fastapply.align.lines import Pairs
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.align.reading import Counts, Region
from fastapply.text.asked import only_adds

_BESIDE = 3  # lines on either side of a region that are compared with its part
_LONG = 60  # lines; in longer parts single lines say little


class RegionCounts:
    """Counts the regions of one pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.places = pairing.places
        self.lines = pairing.lines
        self.told = pairing.told
        self.parts = pairing.parts
        self.shifts = pairing.writer.shifts
        self._nameable: dict[Part, bool] = {}
        self._indentation = Indentation(pairing)
        self._line_counts = LineCounts(pairing)
        self._defined_in = cache(self._find_defined_in)
        self._ended_by = cache(self._find_ended_by)
        self._closers_of = cache(self._find_closers_of)
        self._named_and_texts = cache(self._find_named_and_texts)

    def of(self, region: Region) -> Counts:
        """The counts of a region, by feature."""
        part = region.part
        counts: Counts = {}

        def add(name: str, value: float = 1.0) -> None:
            counts[name] = counts.get(name, 0.0) + value

        place = similar = known = 0.0
        any_tied = False
        for line, column in zip(part.lines, region.pairs, strict=True):
            if column < 0:
                continue
            pair = self._line_counts.pair(line, column)
            if pair.same:
                place += pair.cost
                continue
            similar += pair.cost
            add("changed")
            if len(part.lines) < _LONG and self.lines.tied(line, column):
                add("tied_first" if not any_tied else "tied")
                any_tied = True
            if pair.renamed:
                add("renamed_definition")
            add("names_lost", pair.lost)
            if pair.heads_block:
                add("head_names_lost", pair.lost)
        for line, column in zip(part.lines, region.pairs, strict=True):
            if column < 0 and not self.lines.is_new_definition(line):
                known += self.lines.known(line)
        add("place", place)
        add("unlike", similar)
        add("new_known", known)
        add("new_runs", sum(1 for _ in _new_runs(region.pairs)))
        self._count_astray(part, region, add)
        self._count_gone(part, region, add)
        self._count_edges(part, region, add)
        self._count_units(part, region, add)
        self._indentation.count(region, add)
        return {name: value for name, value in counts.items() if value}

    def _count_astray(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Count lines outside the chunk that the snippet shows around them, and imports away from the others."""
        astray, last = 0, region.start
        for line, column in zip(part.lines, region.pairs, strict=True):
            if column >= 0:
                astray += self._line_counts.pair(line, column).astray
                last = column + 1
                continue
            if self._line_counts.is_astray(line, last):
                add("new_astray")
            if self.snippet.info[line].kind == "import" and self.field.imports and last not in self._beside_imports:
                add("import_astray")
        add("astray", log1p(astray))

    @cached_property
    def _beside_imports(self) -> set[int]:
        return {boundary for c in self.field.imports for boundary in (c, c + 1)}

    @cached_property
    def _adds(self) -> bool:
        return only_adds(self.told.instruction)

    def _count_gone(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Count deleted lines. They are told if both their neighbours are shown, else loose."""
        kept = set(region.pairs)
        columns = [c for c in range(region.start, region.end) if c not in kept]
        if self._unwraps(region, columns):
            add("unwrapped")
            return
        named, texts = self._named_and_texts(part)
        add("gone_definitions", sum(self.field.labels[c] not in named for c in columns if self.field.labels[c]))
        add("gone_shown", log1p(sum(self.field.text[c] in texts for c in columns if self.field.weights[c] > 0.1)))
        keys = {self.pairing.keys[line] for line in part.lines} - {""}
        add("gone_keys", log1p(sum(self.field.keys[c] in keys for c in columns)))  # its new version has another partner
        add("gone_comments", log1p(sum(self.original.info[self.field.solid[c]].comment for c in columns)))
        told = loose = loose_runs = 0
        said = self.pairing.wording.share
        shown = zip(part.lines, region.pairs, strict=True)
        exact = {c for line, c in shown if c >= 0 and self._line_counts.pair(line, c).same} if columns else set[int]()
        for start, end in _consecutive(columns):
            above, below = start - 1 in exact, end in exact and not self._headless(start, end)
            add("headless", float(end in exact and not below))
            if above and below and min(self.field.weights[start - 1], self.field.weights[end]) > 0.2:
                told += end - start
                add("told_runs")
                add("told_said", said(part, start, end))
            else:
                loose += end - start
                loose_runs += 1
                add("loose_said", said(part, start, end))
                if not above and not below:
                    add("lonely_runs")
        add("told_lines", log1p(told))
        if self._replaces_namesake(part, region):
            add("replaced_lines", log1p(loose))
        else:
            add("loose_lines", log1p(loose))
            add("loose_runs", loose_runs)

    def _unwraps(self, region: Region, gone: Sequence[int]) -> bool:
        """Do only the head and the end of a block go, while all that it holds stays?"""
        if not gone or gone[0] != region.start:
            return False
        block = self.original.chunk_of[self.field.solid[region.start]]
        ends = [self.field.columns(block).stop - 1] * block.closed
        return block.header == self.field.solid[region.start] and list(gone) == [region.start, *ends]

    def _headless(self, start: int, end: int) -> bool:
        """Do the columns [start, end) contain the first line of a block around column `end`? Then the
        line at `end` is in another block without them, perhaps a new one, and does not mark its place."""
        around = (c for c in self.original.chunk_of[self.field.solid[end]].chain() if c.kind == "block")
        return any(start <= self.field.column_of.get(c.header, -1) < end for c in around)

    def _find_named_and_texts(self, part: Part) -> tuple[set[str], set[str]]:
        """The labels and the texts of a part's lines."""
        return {self.snippet.info[k].label for k in part.lines}, {self.snippet.stripped[k] for k in part.lines}

    def _replaces_namesake(self, part: Part, region: Region) -> bool:
        """Is the part a whole unit that replaces all of the file's unit with that header or name?"""
        chunk = self.pairing.unit(part)
        if chunk is None or chunk.header not in part.lines or not self.pairing.whole(chunk):
            return False
        column = region.pairs[part.lines.index(chunk.header)]
        if column < 0:
            return False
        theirs = self.original.chunk_of[self.field.solid[column]]
        if theirs.header != self.field.solid[column]:
            return False
        same = self.field.labels[column] == self.snippet.info[chunk.header].label or self.pairing.same(
            chunk.header, column
        )
        return same and region.end == self.field.columns(theirs).stop

    def _count_edges(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Count how the region begins and ends: with lines that both sides have, or with new ones."""
        marked_below = self.parts.marked_below(part)
        first, last = region.pairs[0], region.pairs[-1]
        if region.start == region.end:
            add("inserted")
            sides = {(True, True): "put", (True, False): "after", (False, True): "before", (False, False): "bare"}
            add(f"{sides[part.marked, marked_below]}_{self._position(part, region.start)}")
            if self.told.boundaries:
                add("as_told" if region.start in self.told.boundaries else "not_as_told")
        elif self._may_be_named(part) and not self._in_named(region):
            add("not_as_named")
        for side, column, line, boundary, marked in (
            ("top", first, part.lines[0], region.start, part.marked),
            ("bottom", last, part.lines[-1], region.end, marked_below),
        ):
            exact = column >= 0 and self.field.text[column] == self.snippet.stripped[line]
            if exact:
                continue
            where = "marked" if marked else "open"
            add(f"{side}_{where}_" + ("changed" if column >= 0 else "new"))
            if column < 0:
                place = self.lines.place_between(self._first_line(part, region, line))
                add("place_new", min(float(place[boundary]), 3.0))
                add("edge_again", float(self._stands_once(self.snippet.stripped[line])))
            add(f"{side}_beside_said", self._said_beside(part, side == "top", boundary))
        if not region.pairs or first < 0:
            over = (region.first_pair if region.first_pair >= 0 else region.end) - region.start
            add("top_over", float(over > 0))
            add("top_over_lines", log1p(over))
        if not region.pairs or last < 0:
            over = region.end - (region.last_pair + 1)
            add("bottom_over", float(over > 0 and region.first_pair < region.end))
            add("bottom_over_lines", log1p(over) if region.first_pair < region.end else 0.0)

    def _first_line(self, part: Part, region: Region, line: int) -> int:
        """The first line of the inserted unit around a new line of a part."""
        above = [k for k, c in zip(part.lines, region.pairs, strict=True) if c >= 0 and k < line]
        around = self.snippet.chunk_of[line].chain()
        first = above[-1] + 1 if above else part.start
        return min((c.start for c in around if c.parent is not None and c.start >= first), default=line)

    def _stands_once(self, text: str) -> bool:
        """Does the file have this line once? Then it marks a place, and is seldom meant to come again."""
        return self.field.counts[text] == 1 and not CLOSES.match(text)

    def _said_beside(self, part: Part, above: bool, boundary: int) -> float:
        """The share of what the lines beside a region say that its part's new lines say too."""
        start, end = (boundary - _BESIDE, boundary) if above else (boundary, boundary + _BESIDE)
        return self.pairing.wording.share(part, max(start, 0), min(end, len(self.field)))

    def _position(self, part: Part, boundary: int) -> str:
        """Where a boundary lies among the siblings of a part inserted there."""
        if boundary == len(self.field) or CLOSES.match(self.field.text[boundary]):
            return "last"
        shown = self._line_counts.shown_around(part.start)
        if any(ended.index in shown for ended in self.field.open_at[boundary][:-1]):
            return "last"
        above = self.field.solid[boundary - 1] if boundary else -1
        chunk = self.original.chunk_of[above]
        opens = boundary == 0 or (chunk.header == above and boundary < self.field.columns(chunk).stop)
        return "first" if opens else "between"

    def _count_units(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Count units that are torn, or replaced by a unit of another name or identity."""
        chunk = self.pairing.unit(part)
        pairs = {c: line for line, c in zip(part.lines, region.pairs, strict=True) if c >= 0}
        for theirs in self._chunks_at(region):
            columns = self.field.columns(theirs)
            inside = min(region.end, columns.stop) - max(region.start, columns.start)
            header = self.field.column_of.get(theirs.header, -1)
            if region.start <= header < region.end and header not in pairs and inside < len(columns):
                add("torn_head")
            if chunk is not None and region.start <= header < region.end and self._told_renamed(theirs, chunk):
                add("told_renamed")
            if chunk is None or not self._are_namesakes(chunk, theirs) or not self.pairing.whole(chunk):
                continue
            if pairs.get(header) == chunk.header and columns.stop > max(header, region.end):
                add("torn_unit")
        for column, line in pairs.items():
            pair = self._line_counts.pair(line, column)
            if pair.other_identity:
                add("other_identity")
                add("other_identity_adding", float(self._adds))
            if pair.other_key:
                add("other_key")
                add("other_key_adding", float(self._adds))
        for shown in self._defined_in(part):
            namesakes = (theirs for theirs in self.original.definitions if theirs.name == shown.name)
            if shown.header not in pairs.values() and any(self.places.claimers[theirs.index] for theirs in namesakes):
                add("namesake_elsewhere")
        for columns in self._ended_by(part):
            if columns.start <= region.start and region.end < columns.stop:
                add("torn_tail")
                add("torn_tail_lines", log1p(columns.stop - region.end))
        for i in self._closers_of(part):
            add("closes_other", float(self._closes_below(region.pairs[i], region.start)))

    def _find_defined_in(self, part: Part) -> list[Chunk]:
        """The definitions whose headers a part contains."""
        lines = set(part.lines)
        return [chunk for chunk in self.snippet.definitions if chunk.header in lines]

    def _find_ended_by(self, part: Part) -> list[range]:
        """The columns of the file's versions of a definition that a part ends without its header."""
        last = part.lines[-1] if part.lines else -1
        around = self.snippet.chunk_of[last].chain()
        ours = next((c for c in around if c.is_definition and c.closed and c.end == last + 1), None)
        if ours is None or ours.header >= part.start:
            return []
        claimers = self.places.claimers
        return [self.field.columns(each) for each in self.original.definitions if ours.index in claimers[each.index]]

    def _find_closers_of(self, part: Part) -> list[int]:
        """The indices of the lines of a part that close a block which begins above it."""
        blocks = ((i, self.snippet.chunk_of[line], line) for i, line in enumerate(part.lines))
        return [i for i, c, line in blocks if c.closed and c.end == line + 1 and 0 <= c.header < part.start]

    def _closes_below(self, column: int, boundary: int) -> bool:
        """Does a column close a block of the file that begins below a boundary?"""
        if column < 0:
            return False
        block = self.original.chunk_of[self.field.solid[column]]
        closes = block.closed and block.end - 1 == self.field.solid[column]
        return closes and self.field.columns(block).start > boundary

    def _chunks_at(self, region: Region) -> Iterator[Chunk]:
        """The file's definitions and blocks that the region touches."""
        units, starts, stops = self._units
        return (units[k] for k in np.flatnonzero((stops > region.start) & (starts < region.end)))

    @cached_property
    def _units(self) -> tuple[list[Chunk], Ints, Ints]:
        """The file's definitions, and its blocks of several lines, with their columns."""
        units = [chunk for chunk in self.original.chunks[1:] if chunk.is_definition or chunk.end - chunk.start > 2]
        columns = [self.field.columns(chunk) for chunk in units]
        starts, stops = [each.start for each in columns], [each.stop for each in columns]
        return units, np.array(starts, np.intp), np.array(stops, np.intp)

    def _told_renamed(self, theirs: Chunk, ours: Chunk) -> bool:
        """Does the instruction want the file's definition to have our name?"""
        return self.told.renamed.get(theirs.name) == ours.name

    def _are_namesakes(self, ours: Chunk, theirs: Chunk) -> bool:
        return theirs.name == ours.name and theirs.kind == ours.kind

    def _in_named(self, region: Region) -> bool:
        return not self.told.named_columns.isdisjoint(range(region.start, region.end))

    def _may_be_named(self, part: Part) -> bool:
        """Does a part share lines with a unit that the instruction names?"""
        if part not in self._nameable:
            named = self.told.named_columns
            cores = self.pairing.cores.get(part, ()) if named else ()
            self._nameable[part] = any(not named.isdisjoint(range(core.start, core.end)) for core in cores)
        return self._nameable[part]


def _consecutive(columns: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges formed by ascending columns."""
    for k, column in enumerate(columns):
        if k == 0 or columns[k - 1] != column - 1:
            start = column
        if k == len(columns) - 1 or columns[k + 1] != column + 1:
            yield start, column + 1


def _new_runs(pairs: Pairs) -> Iterator[int]:
    for i, column in enumerate(pairs):
        if column < 0 and (i == 0 or pairs[i - 1] >= 0):
            yield i
