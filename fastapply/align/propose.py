"""Candidates: the whole files that a snippet may mean, each with counts of how it was made.

Every part of the snippet replaces a region of the file. `align/regions` proposes regions for each part. `align/beam`
combines them in order, scored by weighted counts (`align/region_counts`, `align/gap_counts`). The weights come from
the caller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, zip_longest
from statistics import median

from fastapply.align.beam import Beam, Breadth, State, Weights, mixed, score
from fastapply.align.chunks import file_outline
from fastapply.align.extracted import extracted
from fastapply.align.field import Field
from fastapply.align.hashes import LineHashes
from fastapply.align.lines import Lines
from fastapply.align.match import Places
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part, arranged, cut
from fastapply.align.reading import Counts, Reading
from fastapply.align.rows import read_snippet
from fastapply.align.told import Told
from fastapply.align.writer import Piece
from fastapply.errors import RejectedError

_NAME = re.compile(r"[A-Za-z_]\w*")
_MOST_CELLS = 15_000_000  # lines of an update times lines of its file


@dataclass(frozen=True)
class Candidate:
    """A whole LF file without its last line break. `counts` describes how it was made, by feature."""

    text: str
    counts: Counts
    reading: Reading
    key: int = 0  # equal for texts that differ only in blank lines


class Proposer:
    """Proposes the candidates of one update for one file."""

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
        rows, self.snippet = read_snippet(update, language, self.original)
        self.field = Field(self.original)
        self._keys = LineHashes([self.original.lines[line] for line in self.field.solid])
        self.experts = experts
        self.breadth = breadth
        parts = cut(rows, self.snippet)
        shown = sum(len(unit.lines) for unit in parts.units)
        if shown * len(self.field) > _MOST_CELLS:
            raise RejectedError(
                f"an edit of {shown} lines cannot be aligned with a file of {len(self.field)}: that takes too much "
                "memory; split the edit, or send a diff"
            )
        self._extracted = extracted(self.field, self.snippet)
        places = Places(self.original, self.snippet)
        lines = Lines(self.field, self.snippet, places)
        told = Told(self.field, instruction)
        self._take(Pairing(self.original, self.snippet, self.field, places, lines, told, parts))

    def _take(self, pairing: Pairing) -> None:
        """Search with these parts in this order from now on."""
        self.pairing = pairing
        self.parts = pairing.parts
        self.writer = pairing.writer
        self.beam = Beam(pairing, self.breadth)

    def anchored(self) -> bool:
        """Does the file have anything of the update, or anything similar?"""
        if any(part.removes is not None for part in self.parts.units) or any(self.pairing.cores.values()):
            return True
        alone = len([part for part in self.parts.units if part.marked]) + self.parts.marked_end <= 1
        return alone and bool(self.snippet.definitions)

    def candidates(self) -> list[Candidate]:
        """Distinct texts, the experts' best in turn. If the snippet's order differs from the file's, both orders are
        searched."""
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
        """Each expert's candidates. Experts weigh the same counts differently, because authors have different
        habits."""
        return [self._found(weights, counts) for weights in self.experts]

    def _found(self, weights: Weights, counts: Counts) -> list[Candidate]:
        most = 3 * self.breadth.candidates // (len(self.experts) + 1)  # experts share many candidates
        found: dict[int, Candidate] = {}
        for state in self.beam.search(weights):
            for reading, shown in self._variants(state):
                pieces = self.writer.pieces(reading)
                if (key := self._key(pieces)) not in found:
                    found[key] = Candidate(self.writer.joined(pieces), {**shown, **counts}, reading, key)
            if len(found) >= most:
                break
        scores = {key: score(candidate.counts, weights) for key, candidate in found.items()}
        least = max(scores.values(), default=0.0) - self.breadth.nats
        ranked = [found[key] for key in sorted(found, key=lambda key: -scores[key]) if scores[key] >= least]
        return mixed(ranked, lambda candidate: candidate.reading.only_inserts, most)

    def _key(self, pieces: Sequence[Piece]) -> int:
        key = 0
        for piece in pieces:
            if not isinstance(piece, str):
                key = self._keys.kept(key, piece.start, piece.stop)
            elif piece.strip():
                key = self._keys.added(key, [piece])
        return key

    def _sorted_groups(self) -> list[list[Part]] | None:
        """The groups of units between markers in the order of the file. None if they already are in it."""
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
        """The median column of the lines that a group shares with the file and both sides have once. Without any, where
        the instruction wants a new definition, where the imports are, or where its lines fit best. None if nothing
        says where."""
        ours = Counter(self.snippet.stripped[line] for unit in self.parts.units for line in unit.lines)
        found = [
            float(self.field.columns_of[text][0])
            for unit in group
            for line in unit.lines
            if self.field.counts[text := self.snippet.stripped[line]] == 1 and ours[text] == 1
        ]
        if found:
            return median(found)
        told, imports = self.pairing.told.boundaries, self.field.imports
        if told and any(self._is_new_definition(unit) for unit in group):
            return float(told[0])
        new = [self.snippet.info[line].kind == "import" for unit in group for line in unit.lines]
        if imports and new and all(new):
            return float(imports[-1])
        cores = [self.pairing.cores[unit][0] for unit in group if self.pairing.cores.get(unit)]
        return float(cores[0].start) if cores else None

    def _is_new_definition(self, unit: Part) -> bool:
        """Does a part begin with a definition that the file lacks?"""
        chunk = self.snippet.chunk_of[unit.start] if unit.lines else self.snippet.root
        return chunk.is_definition and chunk.start == unit.start and chunk.name not in self.field.names

    def _variants(self, state: State) -> Iterator[tuple[Reading, Counts]]:
        """The reading of a state, and variants that also delete extracted code, or what the instruction removes, or the
        old place of a moved definition."""
        reading = Reading(state.regions, state.gone)
        counts = _sum(state.counts)
        taken = reading.taken() if state.regions else set()
        runs = [run for run in self._extracted if taken.isdisjoint(run)]
        if runs:
            yield Reading(state.regions, (*state.gone, *_gone(runs))), _sum((counts, {"extracted_gone": 1.0}))
            counts = _sum((counts, {"extracted_kept": float(len(runs))}))
        told = self.pairing.told.removed
        said = [left for units in told if (left := [u for unit in units if (u := self._left(unit, taken, state))])]
        for left in said:
            yield Reading(state.regions, (*state.gone, *_gone(left))), _sum((counts, {"told_gone": 1.0}))
        if said:
            counts = _sum((counts, {"told_kept": float(len(said[0]))}))
        yield reading, counts
        if unused := self._unused_above(reading):
            yield Reading(state.regions, (unused, *state.gone)), _sum((counts, {"unused_gone": 1.0}))
        yield from self._moved(reading, counts)
        yield from self._renamed(reading, counts)

    def _unused_above(self, reading: Reading) -> tuple[int, int] | None:
        """The columns of the file's first imports, if the snippet begins with the next one, without a marker, and
        nothing uses any more what they import."""
        first = min(reading.regions, key=lambda region: region.start, default=None)
        if first is None or first.part.first or first.part.marked or not first.start or first.start == first.end:
            return None
        above = range(first.start)
        if not (set(above) <= set(self.field.imports) and first.start in self.field.imports):
            return None
        names = {_NAME.findall(self.field.text[c])[-1] for c in above if _NAME.search(self.field.text[c])}
        left = (line for piece in self.writer.pieces(reading) for line in self._lines_of(piece, first.start))
        used = {word for line in left for word in _NAME.findall(line)}
        return (0, first.start) if names and names.isdisjoint(used) else None

    def _lines_of(self, piece: Piece, least: int) -> list[str]:
        """The lines of a piece below a column."""
        return [piece] if isinstance(piece, str) else [self.field.text[c] for c in piece if c >= least]

    def _moved(self, reading: Reading, counts: Counts) -> Iterator[tuple[Reading, Counts]]:
        """A reading that inserts a definition, with its namesake deleted elsewhere: the definition has moved."""
        for region in reading.regions:
            chunk = self.pairing.unit(region.part)
            if chunk is None or not chunk.is_definition or region.start != region.end:
                continue
            for columns in self._unplaced(chunk.name, reading):
                more = _sum((counts, {"moved": 1.0, "namesake_elsewhere": -1.0}))
                yield Reading(reading.regions, (*reading.gone, (columns.start, columns.stop))), more

    def _renamed(self, reading: Reading, counts: Counts) -> Iterator[tuple[Reading, Counts]]:
        """A reading that inserts definitions, without those that the instruction wants to have their names."""
        if not self.pairing.told.renamed:
            return
        lines = {line for region in reading.regions if region.start == region.end for line in region.part.lines}
        come = {chunk.name for chunk in self.snippet.definitions if chunk.header in lines}
        told = self.pairing.told.renamed.items()
        gone = [columns for old, new in told if new in come for columns in self._unplaced(old, reading)]
        if gone:
            more = _sum((counts, {"told_renamed": float(len(gone))}))
            yield Reading(reading.regions, (*reading.gone, *_gone(gone))), more

    def _unplaced(self, name: str, reading: Reading) -> list[range]:
        """The columns of the file's first definition of that name, if the reading places nothing there."""
        placed = reading.taken() if reading.regions else set()
        placed |= {c for region in reading.regions for c in range(region.start, region.end)}
        namesake = next((theirs for theirs in self.original.definitions if theirs.name == name), None)
        columns = self.field.columns(namesake) if namesake is not None else range(0)
        return [columns] if columns and placed.isdisjoint(columns) else []

    def _left(self, unit: range, taken: set[int], state: State) -> range | None:
        """A unit that stays in a reading, if the snippet shows nothing of it. If it shows the last line only, and the
        line above the unit is the same, that one is shown: two blocks end alike."""
        if not taken.isdisjoint(unit):
            return None
        shown = {c for region in state.regions for c in region.pairs if c in unit or c == unit.start - 1}
        last = unit.stop - 1
        if shown == {last} and unit.start and self.field.text[unit.start - 1] == self.field.text[last]:
            return range(unit.start - 1, last)
        return unit if shown.isdisjoint(unit) else None


def _sum(counts: Sequence[Counts]) -> Counts:
    total: Counts = {}
    for each in counts:
        for name, value in each.items():
            total[name] = total.get(name, 0.0) + value
    return total


def _gone(runs: Sequence[range]) -> Iterator[tuple[int, int]]:
    """The ranges [start, end) of columns in runs that may overlap."""
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
