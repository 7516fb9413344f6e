"""Candidates: the whole files that a snippet may mean, each with counts of what it does.

Every part of the snippet stands for some region of the file. Regions are proposed part by part (`align/regions`), then
put together in order by a beam search whose scores are sums of weighted counts (`align/counts`); the weights come from
outside. What a reading does as a whole is judged elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, zip_longest
from statistics import median
from typing import NamedTuple, TypeVar

from fastapply.align.chunks import Outline, file_outline
from fastapply.align.counts import Counts, RegionCounts
from fastapply.align.extracted import extracted
from fastapply.align.field import Field
from fastapply.align.kept import Kept
from fastapply.align.lines import Lines
from fastapply.align.match import Places
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part, arranged, cut
from fastapply.align.reading import Reading, Region, Shift
from fastapply.align.regions import Regions
from fastapply.align.rows import read_snippet
from fastapply.align.told import Told
from fastapply.align.writer import Piece
from fastapply.errors import RejectedError

_MOST_CELLS = 15_000_000  # lines of an update times lines of its file
_INSERTED = 0.6  # of the places in a list, at the most, for what is put in here or there


@dataclass(frozen=True)
class Breadth:
    """How far a search looks: states of the beam, regions of one part, candidates that it gives."""

    beam: int = 24
    regions: int = 60
    candidates: int = 24


_T = TypeVar("_T")
Weights = Mapping[str, float]


@dataclass(frozen=True)
class Candidate:
    """A whole file, LF, without its last line break; `counts` is what its making shows, by feature."""

    text: str
    counts: Counts
    reading: Reading
    key: int = 0  # texts that differ in blank lines only have the same


@dataclass(frozen=True)
class _State:
    """A beginning of a reading: all parts up to one are placed. `written` tells the lines that it has so far."""

    score: float
    written: int
    end: int
    regions: tuple[Region, ...]
    gone: tuple[tuple[int, int], ...]
    counts: tuple[Counts, ...]
    inserts: bool = True  # and nothing else
    shift: Shift | None = None  # of the last part


class _Placed(NamedTuple):
    """A part in one of its regions: what that counts, and how the part is indented anew there."""

    region: Region
    counts: Counts
    score: float
    shift: Shift | None


class _Step(NamedTuple):
    """One more part is placed below a state."""

    score: float
    before: _State
    placed: _Placed
    counts: tuple[Counts, ...]
    gone: tuple[int, int] | None = None

    @property
    def inserts(self) -> bool:
        return self.placed.region.start == self.placed.region.end and self.gone is None


_BENT: Counts = {"bent": 1.0}  # two parts, shown without a marker between, are indented anew in different ways
_KEPT_BETWEEN = ("kept_between", "kept_between_marked")
_START = _State(0.0, 0, 0, (), (), ())


class Proposer:
    """The candidates of one update for one file."""

    def __init__(
        self,
        original: str,
        update: str,
        language: str | None,
        instruction: str,
        experts: Sequence[Weights],
        breadth: Breadth,
    ) -> None:
        self.original = file_outline(original, language)
        items, self.snippet = read_snippet(update, language, self.original)
        self.field = Field(self.original)
        self._hashes = _Hashes(self.field.text)
        self.kept = Kept(self.field, self.snippet)
        self._keys = _Hashes([self.original.lines[line] for line in self.field.solid])
        self.experts = experts
        self.breadth = breadth
        parts = cut(items, self.snippet)
        shown = sum(len(unit.lines) for unit in parts.units)
        if shown * len(self.field) > _MOST_CELLS:
            raise RejectedError(
                f"an edit of {shown} lines cannot be aligned with a file of {len(self.field)}: that takes too much "
                "memory; split the edit, or send a diff"
            )
        places = Places(self.original, self.snippet)
        lines = Lines(self.field, self.snippet, places)
        told = Told(self.field, instruction)
        self._take(Pairing(self.original, self.snippet, self.field, places, lines, told, parts))

    def _take(self, pairing: Pairing) -> None:
        """Propose for these parts, in this order."""
        self.pairing = pairing
        self.parts = pairing.parts
        self.writer = pairing.writer
        self.counts = RegionCounts(pairing)
        self.regions = Regions(pairing, self.counts)
        self._extracted = extracted(self.field, self.snippet)
        self._lost: dict[tuple[int, int], Counts] = {}

    def anchored(self) -> bool:
        """Does the file have anything of the update, or anything like it?"""
        if any(part.removes is not None for part in self.parts.units) or any(self.pairing.cores.values()):
            return True
        alone = len([part for part in self.parts.units if part.marked]) + self.parts.marked_end <= 1
        return alone and bool(self.snippet.definitions)

    def candidates(self) -> list[Candidate]:
        """Distinct texts, each expert's best in turn. What stands between markers may be in another order than the
        file: then both orders are searched."""
        found = self._searched({})
        if (groups := self._sorted_groups()) is not None:
            self._take(self.pairing.rearranged(arranged(self.parts, groups)))
            found += self._searched({"reordered": 1.0})
        texts: dict[int, Candidate] = {}
        for candidate in chain.from_iterable(zip_longest(*found)):
            if candidate is not None:
                texts.setdefault(candidate.key, candidate)
        return list(texts.values())[: self.breadth.candidates]

    def _searched(self, counts: Counts) -> list[list[Candidate]]:
        """What each expert finds: each weighs the same counts in its own way, as authors have habits of their own."""
        found = []
        for weights in self.experts:
            self.weights = weights
            found.append(self._found(counts))
        return found

    def _found(self, counts: Counts) -> list[Candidate]:
        most = 3 * self.breadth.candidates // (len(self.experts) + 1)  # experts agree on many
        found: dict[int, Candidate] = {}
        for state in self._beam():
            for reading, shown in self._variants(state):
                pieces = self.writer.pieces(reading)
                if (key := self._key(pieces)) not in found:
                    found[key] = Candidate(self.writer.joined(pieces), {**shown, **counts}, reading, key)
            if len(found) >= most:
                break
        ranked = sorted(found.values(), key=lambda candidate: -self._score(candidate.counts))
        return self._mixed(ranked, lambda candidate: candidate.reading.only_inserts, most)

    def _key(self, pieces: Sequence[Piece]) -> int:
        key = 0
        for piece in pieces:
            if not isinstance(piece, str):
                key = self._keys.kept(key, piece.start, piece.stop)
            elif piece.strip():
                key = self._keys.added(key, [piece])
        return key

    def _sorted_groups(self) -> list[list[Part]] | None:
        """What stands between markers, in the order of the file; None where it came in that."""
        groups = list(_groups(self.parts.units))
        places = [self._place_of(group) for group in groups]
        known = [place for place in places if place is not None]
        if known == sorted(known) or any(unit.removes is not None for unit in self.parts.units):
            return None
        last, filled = 0.0, []
        for place in places:
            last = place if place is not None else last
            filled.append(last)
        return [groups[k] for k in sorted(range(len(groups)), key=lambda k: (filled[k], k))]

    def _place_of(self, group: Sequence[Part]) -> float | None:
        """Where the file has the lines of a group that both sides have once; None where it has none."""
        ours = Counter(self.snippet.stripped[line] for unit in self.parts.units for line in unit.lines)
        found = [
            float(self.field.columns_of[text][0])
            for unit in group
            for line in unit.lines
            if self.field.counts[text := self.snippet.stripped[line]] == 1 and ours[text] == 1
        ]
        if found:
            return median(found)
        imports = self.field.imports
        new = [self.snippet.info[line].kind == "import" for unit in group for line in unit.lines]
        return float(imports[-1]) if imports and new and all(new) else None

    def _beam(self) -> list[_State]:
        """Readings, best first. A run of units is placed as a whole, or unit by unit."""
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

    def _steps(self, state: _State, placed: _Placed) -> Iterator[_Step]:
        """One more part is placed below a state; what lies between the two stays, or goes."""
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
        """Where the unit ends for the rest of which a marker stands, as it is indented deeper than the part below: the
        units between that and the part are left out, and no marker stands for them. None where there are none."""
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

    def _best(self, steps: Sequence[_Step]) -> list[_State]:
        """The states after the best steps, each text once."""
        found: dict[tuple[int, int], _State] = {}
        ranked = sorted(steps, key=lambda step: -step.score)
        for step in self._mixed(ranked, lambda step: step.inserts and step.before.inserts, 4 * self.breadth.beam):
            if len(found) == self.breadth.beam:
                break
            state = self._after(step)
            found.setdefault((state.written, state.end), state)
        return list(found.values())

    def _mixed(self, ranked: Sequence[_T], inserts: Callable[[_T], bool], most: int) -> list[_T]:
        """The best ones, of which those that only put something in, at any of many places, take up a share at most."""
        room, chosen, left = int(most * _INSERTED), list[_T](), list[_T]()
        for found in ranked:
            if len(chosen) == most:
                break
            room -= inserts(found)
            (left if room < 0 and inserts(found) else chosen).append(found)
        return [*chosen, *left][:most]

    def _after(self, step: _Step) -> _State:
        state, region = step.before, step.placed.region
        written = state.written if step.gone else self._hashes.kept(state.written, state.end, region.start)
        texts = [self.snippet.stripped[line] for line in region.part.lines]
        return _State(
            step.score,
            self._hashes.added(written, [*texts, str(region.shift or "")]),
            max(region.end, state.end),
            (*state.regions, region),
            (*state.gone, step.gone) if step.gone else state.gone,
            (*state.counts, *step.counts),
            state.inserts and step.inserts,
            step.placed.shift,
        )

    def _ended(self, state: _State) -> _State:
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
        if "gone_between" in named and not named.isdisjoint(_KEPT_BETWEEN):  # an author has one way
            counts = {**counts, "mixed_gaps": 1.0}
        score = state.score + self._score(counts)
        return _State(score, state.written, state.end, state.regions, state.gone, (*state.counts, counts))

    def _score(self, counts: Counts) -> float:
        return sum(self.weights.get(name, 0.0) * value for name, value in counts.items())

    def _regions(self, part: Part) -> list[_Placed]:
        """Where a part may stand, by score."""
        found = [(self._score(counts), region, counts) for region, counts in self.regions.of(part)]
        found.sort(key=lambda row: -row[0])
        best = found[: self.breadth.regions]
        return [_Placed(region, counts, score, self.writer.shifts.shift_of(region)) for score, region, counts in best]

    def _variants(self, state: _State) -> Iterator[tuple[Reading, Counts]]:
        """The reading of a state; the same with a definition gone from where it was, or code that has become one."""
        reading = Reading(state.regions, state.gone)
        counts = _sum(state.counts)
        taken = reading.taken() if state.regions else set()
        left = [run for run in self._extracted if taken.isdisjoint(run)]
        if left:
            yield Reading(state.regions, (*state.gone, *_gone(left))), _sum((counts, {"extracted_gone": 1.0}))
            counts = _sum((counts, {"extracted_kept": float(len(left))}))
        said = [unit for unit in self.pairing.told.removed if self._stays(unit, taken, state)]
        if said:
            yield Reading(state.regions, (*state.gone, *_gone(said))), _sum((counts, {"told_gone": 1.0}))
            counts = _sum((counts, {"told_kept": float(len(said))}))
        yield reading, counts
        inside = {c for region in state.regions for c in range(region.start, region.end)}
        for region in state.regions:
            part = region.part
            chunk = self.pairing.unit(part)
            if chunk is None or not chunk.is_definition or region.start != region.end:
                continue
            twins = [theirs for theirs in self.original.definitions if theirs.name == chunk.name]
            for theirs in twins[:1]:
                columns = self.field.columns(theirs)
                if inside.isdisjoint(columns) and taken.isdisjoint(columns):
                    more = _sum((counts, {"moved": 1.0, "namesake_elsewhere": -1.0}))
                    yield Reading(state.regions, (*state.gone, (columns.start, columns.stop))), more

    def _stays(self, unit: range, taken: set[int], state: _State) -> bool:
        """Does a unit stay in a reading, and does the snippet show nothing of it?"""
        shown = (c for region in state.regions for c in region.pairs if c in unit)
        return taken.isdisjoint(unit) and next(shown, None) is None


class _Hashes:
    """Polynomial hashes of sequences of lines, so that two ways to the same text are told in constant time."""

    _BASE, _PRIME = 1_000_003, (1 << 61) - 1

    def __init__(self, texts: Sequence[str]) -> None:
        self._prefix, self._power = [0], [1]
        for text in texts:
            self._prefix.append((self._prefix[-1] * self._BASE + hash(text)) % self._PRIME)
            self._power.append(self._power[-1] * self._BASE % self._PRIME)

    def kept(self, before: int, start: int, end: int) -> int:
        """The hash after the columns [start, end)."""
        power = self._power[end - start]
        return (before * power + self._prefix[end] - self._prefix[start] * power) % self._PRIME

    def added(self, before: int, texts: Sequence[str]) -> int:
        for text in texts:
            before = (before * self._BASE + hash(text)) % self._PRIME
        return before


def _sum(counts: Sequence[Counts]) -> Counts:
    total: Counts = {}
    for each in counts:
        for name, value in each.items():
            total[name] = total.get(name, 0.0) + value
    return total


def _gone(runs: Sequence[range]) -> Iterator[tuple[int, int]]:
    """Columns [start, end) of runs that may overlap."""
    columns = sorted({column for run in runs for column in run})
    for _, group in groupby(enumerate(columns), lambda pair: pair[1] - pair[0]):
        run = [column for _, column in group]
        yield run[0], run[-1] + 1


def _groups(units: Sequence[Part]) -> Iterator[list[Part]]:
    """The units between two markers."""
    group: list[Part] = []
    for unit in units:
        if unit.marked and group:
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


__all__ = ["Candidate", "Outline", "Proposer"]
