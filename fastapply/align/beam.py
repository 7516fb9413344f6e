"""The beam search for readings. It places the parts of a snippet from top to bottom and keeps the best beginnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from fastapply.align.counts import Counts, RegionCounts
from fastapply.align.hashes import LineHashes
from fastapply.align.kept import Kept
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.align.reading import Region, Shift
from fastapply.align.regions import Regions

_INSERTED = 0.6  # the largest share of a list for insertions
_T = TypeVar("_T")
Weights = Mapping[str, float]


@dataclass(frozen=True)
class Breadth:
    """The limits of a search: states in the beam, regions of one part, candidates returned."""

    beam: int = 24
    regions: int = 60
    candidates: int = 24


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


class _Step(NamedTuple):
    """The next part placed below a state. `gone` are the columns deleted above it."""

    score: float
    before: State
    placed: _Placed
    counts: tuple[Counts, ...]
    gone: tuple[int, int] | None = None

    @property
    def inserts(self) -> bool:
        return self.placed.region.start == self.placed.region.end and self.gone is None


_BENT: Counts = {"bent": 1.0}  # neighbouring parts without a marker between have different shifts
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
        self.counts = RegionCounts(pairing)
        self.regions = Regions(pairing, self.counts)
        self.kept = Kept(self.field, self.snippet)
        self._hashes = LineHashes(self.field.text)
        self._lost: dict[tuple[int, int], Counts] = {}
        self._weights: Weights = {}

    def search(self, weights: Weights) -> list[State]:
        """Complete readings by score, best first. A run of units is placed whole, or unit by unit."""
        self._weights = weights
        steps: list[list[_Step]] = [[], *([] for _ in self.parts.units)]
        states = [_START]
        for k, unit in enumerate(self.parts.units):
            states = self._best(steps[k]) if k else states
            for part in (unit, self.parts.runs.get(k)):
                if part is None:
                    continue
                regions = self._regions(part)
                for state in states:
                    for placed in regions:
                        if placed.region.start >= state.end:
                            steps[part.last] += self._steps(state, placed)
        ended = [self._ended(state) for state in (self._best(steps[-1]) if self.parts.units else [])]
        return sorted(ended, key=lambda state: -state.score)

    def _steps(self, state: State, placed: _Placed) -> Iterator[_Step]:
        """The next part placed below a state. The lines between stay or are deleted."""
        region = placed.region
        part, gap = region.part, region.start - state.end
        total = state.score + placed.score
        counts: tuple[Counts, ...] = (placed.counts,)
        if not part.marked and placed.shift != state.shift and None not in (placed.shift, state.shift):
            total, counts = total + self._score(_BENT), (placed.counts, _BENT)
        if part.marked or state is _START or not gap:
            kept = self.counts.kept(gap, part.marked, state is _START)
            if part.markers:
                kept = {**kept, **self.kept.counts(part.markers, state.end, region.start)}
            yield _Step(total + self._score(kept), state, placed, (*counts, kept) if kept else counts)
            if gap and (end := self._end_of_marked(part, state.end, region.start)) is not None:
                lost = {**self.kept.counts(part.markers, state.end, end), **self._lost_between(end, region.start)}
                lost["gone_behind"] = 1.0
                yield _Step(total + self._score(lost), state, placed, (*counts, lost), (end, region.start))
            return
        kept = self.counts.kept_unmarked(state.end, region)
        yield _Step(total + self._score(kept), state, placed, (*counts, kept))
        lost = self._lost_between(state.end, region.start)
        yield _Step(total + self._score(lost), state, placed, (*counts, lost), (state.end, region.start))

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

    def _lost_between(self, start: int, end: int) -> Counts:
        if (start, end) not in self._lost:
            self._lost[start, end] = self.counts.gone_counts(start, end, "between")
        return self._lost[start, end]

    def _best(self, steps: Sequence[_Step]) -> list[State]:
        """The states after the best steps, without duplicate texts."""
        found: dict[tuple[int, int], State] = {}
        ranked = sorted(steps, key=lambda step: -step.score)
        for step in mixed(ranked, lambda step: step.inserts and step.before.inserts, 4 * self.breadth.beam):
            if len(found) == self.breadth.beam:
                break
            state = self._after(step)
            found.setdefault((state.written, state.end), state)
        return list(found.values())

    def _after(self, step: _Step) -> State:
        state, region = step.before, step.placed.region
        written = state.written if step.gone else self._hashes.kept(state.written, state.end, region.start)
        texts = [self.snippet.stripped[line] for line in region.part.lines]
        return State(
            step.score,
            self._hashes.added(written, [*texts, str(region.shift or "")]),
            max(region.end, state.end),
            (*state.regions, region),
            (*state.gone, step.gone) if step.gone else state.gone,
            (*state.counts, *step.counts),
            state.inserts and step.inserts,
            step.placed.shift,
        )

    def _ended(self, state: State) -> State:
        rest = len(self.field) - state.end
        counts: Counts = {}
        if rest and not self.parts.marked_end:
            counts = {"open_end": 1.0}
            if not self.parts.has_markers:
                counts["open_end_unmarked"] = 1.0
        elif self.parts.marked_end:
            counts = self.counts.kept(rest, True, False)
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


def score(counts: Counts, weights: Weights) -> float:
    """The weighted sum of counts."""
    return sum(weights.get(name, 0.0) * value for name, value in counts.items())


def mixed(ranked: Sequence[_T], inserts: Callable[[_T], bool], most: int) -> list[_T]:
    """The best items. Insertions, which have many possible places, take a limited share."""
    room, chosen, left = int(most * _INSERTED), list[_T](), list[_T]()
    for found in ranked:
        if len(chosen) == most:
            break
        room -= inserts(found)
        (left if room < 0 and inserts(found) else chosen).append(found)
    return [*chosen, *left][:most]
