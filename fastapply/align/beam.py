"""The beam search for readings. It places the parts of a snippet from top to bottom and keeps the best beginnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import NamedTuple, TypeVar

from fastapply.align.chunks import Chunk
from fastapply.align.gap_counts import GapCounts
from fastapply.align.hashes import LineHashes
from fastapply.align.kept import Kept
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.align.reading import Counts, Region, Shift
from fastapply.align.regions import Regions

_SLACK = 1.5  # a beginning may lie this much further behind than a candidate: later parts can make up for it
_INSERTED = 0.6  # the largest share of a list for insertions
_T = TypeVar("_T")
Weights = Mapping[str, float]
_Gone = tuple[int, int] | None  # columns


@dataclass(frozen=True)
class Breadth:
    """The limits of a search: states in the beam, regions of one part, candidates returned, and by how many nats of the
    search's own score a candidate may lie behind the best."""

    beam: int = 64
    regions: int = 60
    candidates: int = 32
    nats: float = 8.0


@dataclass(frozen=True)
class State:
    """The beginning of a reading: all parts up to one are placed. `written` is the hash of its lines."""

    score: float
    written: int
    end: int
    regions: tuple[Region, ...]
    gone: tuple[tuple[int, int], ...]
    counts: tuple[Counts, ...]
    inserts: bool = True  # it only inserts
    shift: Shift | None = None  # of the last part


class _Placed(NamedTuple):
    """A part in one of its regions, with the counts and the shift there."""

    region: Region
    counts: Counts
    score: float
    shift: Shift | None


class _Way(NamedTuple):
    """What happens to the lines above a part. `gone` are the columns deleted there."""

    score: float
    counts: Counts
    gone: _Gone


_Step = tuple[float, State, _Placed, _Way]  # a part placed below a state, with the score of all; plain, for speed
_BENT: Counts = {"bent": 1.0}
_KEPT_BETWEEN = ("kept_between", "kept_between_marked")
_START = State(0.0, 0, 0, (), (), ())


class Beam:
    """The search for readings of one snippet, its parts in one order."""

    def __init__(self, pairing: Pairing, breadth: Breadth) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.parts = pairing.parts
        self.breadth = breadth
        self.regions = Regions(pairing)
        self.gaps = GapCounts(pairing)
        self.kept = Kept(self.field, self.snippet)
        self._hashes = LineHashes(self.field.text)
        self._shown = cache(self._hashes_of)
        self._ways = cache(self._find_ways)
        self._weights: Weights = {}

    def search(self, weights: Weights) -> list[State]:
        """Complete readings by score, best first. A run of units is placed whole, or unit by unit."""
        self._weights = weights
        steps: list[list[_Step]] = [[], *([] for _ in self.parts.units)]
        states = [_START]
        for k, unit in enumerate(self.parts.units):
            states = self._best(steps[k]) if k else states
            for part in (unit, self.parts.runs.get(k)):
                if part is not None:
                    steps[part.last] += self._steps(states, part)
        ended = [self._ended(state) for state in (self._best(steps[-1]) if self.parts.units else [])]
        return sorted(ended, key=lambda state: -state.score)

    def _steps(self, states: Sequence[State], part: Part) -> Iterator[_Step]:
        """The part placed in each of its regions below each state."""
        regions = self._regions(part)
        ways = {end: self._ways_below(end, part, regions) for end in {state.end for state in states}}
        bent = self._score(_BENT)
        bends = {
            shift: [bent * _is_bent(part, shift, placed.shift) for placed in regions]
            for shift in {state.shift for state in states}
        }
        for state in states:
            score = state.score
            yield from [
                (score + placed.score + bend + way.score, state, placed, way)
                for placed, bend, found in zip(regions, bends[state.shift], ways[state.end], strict=True)
                for way in found
            ]

    def _ways_below(self, end: int, part: Part, regions: Sequence[_Placed]) -> list[list[_Way]]:
        """For each region of a part, the ways from a boundary to it. None to a region that starts above, nor to one
        below the end of the block whose inside a marker keeps."""
        starts = {placed.region.start for placed in regions if placed.region.start >= end}
        closer = self._closer_below(part, end)
        within = {start for start in starts if closer is None or start <= closer}
        found = {
            start: [_Way(self._score(counts), counts, gone) for counts, gone in self._ways(part, end, start)]
            for start in within or starts
        }
        return [found.get(placed.region.start, []) for placed in regions]

    def _find_ways(self, part: Part, above: int, below: int) -> list[tuple[Counts, _Gone]]:
        """What may happen to the columns [above, below) above a part: they stay or are deleted."""
        gap, first = below - above, part.first == 0
        left: Counts = {"left_block": 1.0} if below > self._block_end(part, above) else {}
        if not (part.marked or first or not gap):
            kept, gone = self.gaps.kept_unmarked(part, above, below), self.gaps.gone(above, below, "between")
            said = self.pairing.wording.share(part, above, below)
            return [({**kept, **left}, None), ({**gone, "gone_between_said": said, **left}, (above, below))]
        kept = {**self.gaps.kept(gap, part.marked, first), **left}
        if part.markers:
            kept = {**kept, **self.kept.counts(part.markers, above, below)}
        if not gap or (end := self._end_of_marked(part, above, below)) is None:
            return [(kept, None)]
        gone = {**self.kept.counts(part.markers, above, end), **self.gaps.gone(end, below, "between")}
        return [(kept, None), ({**gone, "gone_behind": 1.0}, (end, below))]

    def _closer_below(self, part: Part, above: int) -> int | None:
        """The column that closes the file's block in which the line above a boundary lies, if the snippet shows a
        marker and then the closer of that block."""
        if not (above and part.markers and part.lines):
            return None
        shown = self.snippet.chunk_of[part.markers[0]]
        if not (shown.closed and shown.end - 1 == part.start and shown.header >= 0):
            return None
        ours = self.original.chunk_of[self.field.solid[above - 1]]
        if not ours.closed or self.original.stripped[ours.header] != self.snippet.stripped[shown.header]:
            return None
        return self.field.columns(ours).stop - 1

    def _block_end(self, part: Part, above: int) -> int:
        """The end of the file's block that holds the line above a boundary, if the snippet shows that line and the part
        in one block, and no marker outside it between them. Else the end of the file."""
        if above and part.first and part.lines:
            last = self.parts.units[part.first - 1].lines[-1:]
            within = (c for c in self.snippet.chunk_of[part.start].chain() if self._holds(c, part, last))
            header = next((self.snippet.stripped[block.header] for block in within), "")
            around = self.original.chunk_of[self.field.solid[above - 1]].chain()
            ours = next((c for c in around if c.parent and self.original.stripped[c.header] == header), None)
            if ours is not None:
                return self.field.columns(ours).stop - ours.closed
        return len(self.field)

    def _holds(self, block: Chunk, part: Part, last: Sequence[int]) -> bool:
        """Is the first line of a part inside a block of the snippet, with the markers above it and the line before?"""
        least = min(self.snippet.width[line] for line in (part.start, *part.markers))
        inside = block.parent is not None and self.snippet.width[block.header] < least
        return inside and bool(last) and block.header <= last[0]

    def _end_of_marked(self, part: Part, above: int, below: int) -> int | None:
        """The end of the unit whose rest a marker keeps, if the marker is indented deeper than the part below. The
        units from there to the part are omitted without a marker. None if there are none."""
        if not (above and part.markers and part.lines and below < len(self.field)):
            return None
        if self.snippet.width[part.markers[-1]] <= self.snippet.width[part.start]:
            return None
        unit = self.original.chunk_of[self.field.solid[below]]
        outer = unit.parent if self.field.columns(unit).start == below else unit
        last = self.original.chunk_of[self.field.solid[above - 1]]
        inside = [chunk for chunk in last.chain() if chunk.parent is outer]
        end = self.field.columns(inside[0]).stop if inside else below
        return end if above <= end < below else None

    def _best(self, steps: Sequence[_Step]) -> list[State]:
        """The states after the best steps, without duplicate texts."""
        found: dict[tuple[int, int], State] = {}
        least = max((step[0] for step in steps), default=0.0) - _SLACK * self.breadth.nats
        ranked = sorted((step for step in steps if step[0] >= least), key=itemgetter(0), reverse=True)
        for step in mixed(ranked, _inserts, 4 * self.breadth.beam):
            if len(found) == self.breadth.beam:
                break
            state = self._after(step)
            found.setdefault((state.written, state.end), state)
        return list(found.values())

    def _hashes_of(self, part: Part) -> LineHashes:
        return LineHashes([self.snippet.stripped[line] for line in part.lines])

    def _after(self, step: _Step) -> State:
        score, state, placed, way = step
        region, gone = placed.region, way.gone
        written = state.written if gone else self._hashes.kept(state.written, state.end, region.start)
        bent = (_BENT,) if _is_bent(region.part, state.shift, placed.shift) else ()
        return State(
            score,
            self._hashes.added(
                self._shown(region.part).kept(written, 0, len(region.part.lines)), [str(region.shift or "")]
            ),
            max(region.end, state.end),
            (*state.regions, region),
            (*state.gone, gone) if gone else state.gone,
            (*state.counts, placed.counts, *bent, *((way.counts,) if way.counts else ())),
            _inserts(step),
            placed.shift,
        )

    def _ended(self, state: State) -> State:
        rest = len(self.field) - state.end
        counts: Counts = {}
        if rest and not self.parts.marked_end:
            counts = {"open_end": 1.0}
            if not self.parts.has_markers:
                counts["open_end_unmarked"] = 1.0
        elif self.parts.marked_end:
            counts = self.gaps.kept(rest, True, False)
            counts |= self.kept.counts(self.parts.markers_end, state.end, len(self.field))
        named = {name for each in state.counts for name in each}
        if "gone_between" in named and not named.isdisjoint(_KEPT_BETWEEN):  # an author treats gaps consistently
            counts = {**counts, "mixed_gaps": 1.0}
        score = state.score + self._score(counts)
        return State(score, state.written, state.end, state.regions, state.gone, (*state.counts, counts))

    def _regions(self, part: Part) -> list[_Placed]:
        """The best regions of a part."""
        found = [(self._score(counts), region, counts) for region, counts in self.regions.of(part)]
        found.sort(key=lambda row: -row[0])
        best = found[: self.breadth.regions]
        return [
            _Placed(region, counts, score, self.pairing.writer.shifts.shift_of(region))
            for score, region, counts in best
        ]

    def _score(self, counts: Counts) -> float:
        return score(counts, self._weights)


def _inserts(step: _Step) -> bool:
    _, before, placed, way = step
    return before.inserts and placed.region.start == placed.region.end and way.gone is None


def _is_bent(part: Part, above: Shift | None, shift: Shift | None) -> bool:
    """Does a part without a marker above have another shift than the part above?"""
    return not part.marked and shift != above and None not in (shift, above)


def score(counts: Counts, weights: Weights) -> float:
    """The weighted sum of counts."""
    if not counts:
        return 0.0
    return sum([weights.get(name, 0.0) * value for name, value in counts.items()])  # a list, for speed


def mixed(ranked: Sequence[_T], inserts: Callable[[_T], bool], most: int) -> list[_T]:
    """The best items. Insertions, which have many possible places, take a limited share."""
    room, chosen, left = int(most * _INSERTED), list[_T](), list[_T]()
    for found in ranked:
        if len(chosen) == most:
            break
        room -= inserts(found)
        (left if room < 0 and inserts(found) else chosen).append(found)
    return [*chosen, *left][:most]
