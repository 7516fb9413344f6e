"""Candidates: the whole files that a snippet may mean, each with counts of what it does.

Every part of the snippet stands for some range of the file. Ranges are proposed part by part (`_Proposer`), then put
together in order by a beam search whose scores are sums of weighted counts; the weights come from outside. What a
reading does as a whole is judged elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from math import log1p
from statistics import median
from typing import NamedTuple, TypeVar

import numpy as np

from fastapply.align.chunks import CLOSES, CONTINUES, Chunk, Outline, file_outline
from fastapply.align.field import Field, Ints
from fastapply.align.lines import Lines, Pairs
from fastapply.align.match import Places, key_of
from fastapply.align.parts import Part, Parts, arranged, cut
from fastapply.align.reading import NO_SHIFT, Reading, Region, Shift, Writer, difference
from fastapply.align.rows import read_snippet
from fastapply.errors import RejectedError
from fastapply.text.asked import only_adds, pieces, told_places
from fastapply.text.lines import indent_of

_CORES = 6
_LONG = 60  # lines; in longer parts single lines tell little
_MOST_CELLS = 15_000_000  # lines of an update times lines of its file
_NOWHERE: Ints = np.empty(0, np.intp)
_INSERTED = 0.6  # of the places in a list, at the most, for what is put in here or there
_NAMED = 0.3  # a unit is named by a word that three others have at the most
_EXTEND = 3  # lines above or below a range that its part may replace too

_NAME = re.compile(r"[A-Za-z_]\w*")
_IDENTITY = re.compile(r"""(["'`])(?P<string>(?:(?!\1).)+)\1|^- \w+:\s*(?P<entry>.+)|^case\s+(?P<case>[^:]+)""")


@dataclass(frozen=True)
class Breadth:
    """How far a search looks: states of the beam, regions of one part, candidates that it gives."""

    beam: int = 16
    regions: int = 40
    candidates: int = 16


_T = TypeVar("_T")
Counts = dict[str, float]
Weights = Mapping[str, float]


@dataclass(frozen=True)
class Candidate:
    """A whole file, LF, without its last line break; `counts` is what its making shows, by feature."""

    text: str
    counts: Counts
    reading: Reading


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


class _Step(NamedTuple):
    """One more part is placed below a state."""

    score: float
    before: _State
    region: Region
    counts: tuple[Counts, ...]
    gone: tuple[int, int] | None = None

    @property
    def inserts(self) -> bool:
        return self.region.start == self.region.end and self.gone is None


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
        self.places = Places(self.original, self.snippet)
        self.lines = Lines(self.field, self.snippet, self.places)
        self._hashes = _Hashes(self.field.text)
        self.instruction = instruction
        self.experts = experts
        self.breadth = breadth
        parts = cut(items, self.snippet)
        shown = sum(len(unit.lines) for unit in parts.units)
        if shown * len(self.field) > _MOST_CELLS:
            raise RejectedError(
                f"an edit of {shown} lines cannot be aligned with a file of {len(self.field)}: that takes too much "
                "memory; split the edit, or send a diff"
            )
        self._take(parts)

    def _take(self, parts: Parts) -> None:
        """Propose for these parts, in this order."""
        self.parts = parts
        self.writer = Writer(self.field, parts)
        self._cores = {part: self.lines.cores(part.lines, _CORES) for part in self._every_part() if part.lines}
        self._lost: dict[tuple[int, int], Counts] = {}
        self._known_regions: dict[Part, list[tuple[Region, Counts]]] = {}
        self._span = self._spans()

    def anchored(self) -> bool:
        """Does the file have anything of the update, or anything like it?"""
        if any(part.removes is not None for part in self.parts.units) or any(self._cores.values()):
            return True
        alone = len([part for part in self.parts.units if part.marked]) + self.parts.marked_end <= 1
        return alone and bool(self.snippet.definitions)

    def candidates(self) -> list[Candidate]:
        """Distinct texts, each expert's best in turn. What stands between markers may be in another order than the
        file: then both orders are searched."""
        found = self._searched({})
        if (groups := self._sorted_groups()) is not None:
            self._take(arranged(self.parts, groups))
            found += self._searched({"reordered": 1.0})
        texts: dict[tuple[str, ...], Candidate] = {}
        for candidate in chain.from_iterable(zip_longest(*found)):
            if candidate is not None:
                texts.setdefault(_solid_lines(candidate.text), candidate)
        return list(texts.values())[: self.breadth.candidates]

    def _searched(self, counts: Counts) -> list[list[Candidate]]:
        """What each expert finds: each weighs the same counts in its own way, as authors have habits of their own."""
        found = []
        for weights in self.experts:
            self.weights = weights
            found.append(self._found(counts))
        return found

    def _found(self, counts: Counts) -> list[Candidate]:
        most = 2 * self.breadth.candidates // (len(self.experts) + 1)  # experts agree on many
        found: dict[tuple[str, ...], Candidate] = {}
        for state in self._beam():
            for reading, shown in self._variants(state):
                text = self.writer.text(reading)
                found.setdefault(_solid_lines(text), Candidate(text, {**shown, **counts}, reading))
            if len(found) >= most:
                break
        ranked = sorted(found.values(), key=lambda candidate: -self._score(candidate.counts))
        return self._mixed(ranked, lambda candidate: candidate.reading.only_inserts, most)

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
        imports = [c for c in range(len(self.field)) if self.original.info[self.field.solid[c]].kind == "import"]
        new = [self.snippet.info[line].kind == "import" for unit in group for line in unit.lines]
        return float(imports[-1]) if imports and new and all(new) else None

    def _every_part(self) -> list[Part]:
        return [*self.parts.units, *self.parts.runs.values()]

    # The beam ------------------------------------------------------------------------------------------------------

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
                    for region, counts, score in regions:
                        steps[part.last] += self._steps(state, region, counts, score)
        ended = [self._ended(state) for state in (self._best(steps[-1]) if self.parts.units else [])]
        return sorted(ended, key=lambda state: -state.score)

    def _steps(self, state: _State, region: Region, counts: Counts, score: float) -> Iterator[_Step]:
        """One more part is placed below a state; what lies between the two stays, or goes."""
        if region.start < state.end:
            return
        part, gap = region.part, region.start - state.end
        total = state.score + score
        if part.marked or state is _START or not gap:
            kept = self._kept(gap, part.marked, state is _START)
            yield _Step(total + self._score(kept), state, region, (counts, kept) if kept else (counts,))
            return
        kept = self._kept_unmarked(state.end, region)
        yield _Step(total + self._score(kept), state, region, (counts, kept))
        lost = self._lost_between(state.end, region.start)
        yield _Step(total + self._score(lost), state, region, (counts, lost), (state.end, region.start))

    def _lost_between(self, start: int, end: int) -> Counts:
        if (start, end) not in self._lost:
            self._lost[start, end] = self.gone_counts(start, end, "between")
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
            room -= inserts(found)
            (left if room < 0 and inserts(found) else chosen).append(found)
        return [*chosen[:most], *left][:most]

    def _after(self, step: _Step) -> _State:
        state, region = step.before, step.region
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
        )

    def _ended(self, state: _State) -> _State:
        rest = len(self.field) - state.end
        counts: Counts = {}
        if rest and not self.parts.marked_end:
            counts = {"open_end": 1.0}
            if not self.parts.has_markers:
                counts["open_end_unmarked"] = 1.0
        elif not rest and self.parts.marked_end:
            counts = {"empty_marker": 1.0}
        score = state.score + self._score(counts)
        return _State(score, state.written, state.end, state.regions, state.gone, (*state.counts, counts))

    def _score(self, counts: Counts) -> float:
        return sum(self.weights.get(name, 0.0) * value for name, value in counts.items())

    def _kept(self, gap: int, marked: bool, first: bool) -> Counts:
        counts: Counts = {}
        if marked and not gap:
            counts["empty_marker"] = 1.0
        elif not marked and gap and first:
            counts["open_start"] = 1.0
        return counts

    def _kept_unmarked(self, start: int, region: Region) -> Counts:
        """Lines stay between two parts though no marker says so."""
        if region.start < len(self.field):
            line = self.field.solid[region.start]
            chunk = self.original.chunk_of[line]
            if chunk.header == line and self.field.columns(chunk).start == start:
                return {"kept_leading": 1.0}  # its decorators, or what a comment says of it
        options = self.field.open_at[region.start]
        outer = options[-1].kind in ("file", "type")
        name = "kept_between" if outer else "kept_inside"
        if self.parts.has_markers:
            name += "_marked"
        return {name: 1.0, "kept_lines": log1p(region.start - start)}

    # Counts of regions ---------------------------------------------------------------------------------------------

    def gone_counts(self, start: int, end: int, kind: str) -> Counts:
        """What it means that the columns [start, end) go without a partner."""
        lines = self.field.solid[start:end]
        shown = self._shown_texts
        headers = [k for k in lines if self.original.info[k].is_definition]
        named = {chunk.name for chunk in self.snippet.definitions}
        return {
            f"gone_{kind}": 1.0,
            f"gone_{kind}_lines": log1p(len(lines)),
            "gone_definitions": float(sum(self.original.info[k].name not in named for k in headers)),
            "gone_shown": log1p(sum(self.original.stripped[k] in shown for k in lines)),
        }

    @cached_property
    def _shown_texts(self) -> set[str]:
        return {self.snippet.stripped[line] for part in self.parts.units for line in part.lines}

    def _counted(self, region: Region) -> Counts:
        """What a region does, by feature."""
        part = region.part
        counts: Counts = {}

        def add(name: str, value: float = 1.0) -> None:
            counts[name] = counts.get(name, 0.0) + value

        place = similar = known = 0.0
        any_tied = False
        paired = [(line, c) for line, c in zip(part.lines, region.pairs, strict=True) if c >= 0]
        for line, column in paired:
            if self.snippet.stripped[line] == self.field.text[column]:
                place += min(
                    float(self.places.cost[self.snippet.chunk_of[line].index, self.field.chunk[column]]), 3.0
                ) * (0.3 + float(self.field.weights[column]))
            else:
                similar += 1 - self.lines.similarity(line, column)
                add("changed")
                if len(part.lines) < _LONG and self.lines.tied(line, column):
                    add("tied_first" if not any_tied else "tied")
                    any_tied = True
                info, label = self.snippet.info[line], self.field.labels[column]
                if info.is_definition and label and label != info.label:
                    add("renamed_definition")
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
        self._count_indentation(part, region, add)
        return {name: value for name, value in counts.items() if value}

    def _count_astray(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Lines that stand outside of what the snippet shows around them, and imports apart from the others."""
        astray, last = 0, region.start
        for line, column in zip(part.lines, region.pairs, strict=True):
            shown = self._shown_around(line)
            if column >= 0:
                chunk = self.original.chunk_of[self.field.solid[column]]
                astray += bool(shown) and not any(outer.index in shown for outer in chunk.chain())
                last = column + 1
                continue
            options = self.field.open_at[last]
            if shown and not any(outer.index in shown for option in options for outer in option.chain()):
                add("new_astray")
            if self.snippet.info[line].kind == "import" and self._imports and last not in self._beside_imports:
                add("import_astray")
            if self._has_value(line, options, region):
                add("key_again")
        add("astray", log1p(astray))

    def _has_value(self, line: int, options: Sequence[Chunk], region: Region) -> bool:
        """Does what stays in the same chunk give a value to the same key as this new line?"""
        key = self._keys[line]
        at = self._columns_of_key.get(key, ()) if key else ()
        if not at:
            return False
        width = self.snippet.width[line]
        alike = [i for i in region.part.lines if i != line and self._keys[i] == key]
        inside = {option.index for option in options}
        return not alike and any(
            self.field.chunk[c] in inside and not region.start <= c < region.end and self.field.depth(c) >= width
            for c in at
        )

    @cached_property
    def _keys(self) -> list[str]:
        return [key_of(self.snippet, line) for line in range(len(self.snippet.lines))]

    @cached_property
    def _columns_of_key(self) -> dict[str, list[int]]:
        """Where each key gets a value."""
        found: dict[str, list[int]] = {}
        for c, key in enumerate(self.field.keys):
            if key:
                found.setdefault(key, []).append(c)
        return found

    def _shown_around(self, line: int) -> set[int]:
        """The file's chunks that the innermost chunk around a line shows, of those that show any."""
        chunk = self.snippet.chunk_of[line]
        if line == chunk.start and chunk.parent is not None and self.snippet.chunk_of[line].header == line:
            chunk = chunk.parent
        for outer in chunk.chain():
            if outer.parent is not None and outer.index in self._shown_by:
                return self._shown_by[outer.index]
        return set()

    @cached_property
    def _shown_by(self) -> dict[int, set[int]]:
        """For each chunk of the snippet: the file's chunks that it shows."""
        found: dict[int, set[int]] = {}
        for theirs, claimers in enumerate(self.places.claimers):
            for ours in claimers:
                found.setdefault(ours, set()).add(theirs)
        return found

    @cached_property
    def _imports(self) -> list[int]:
        return [c for c in range(len(self.field)) if self.original.info[self.field.solid[c]].kind == "import"]

    @cached_property
    def _beside_imports(self) -> set[int]:
        return {boundary for c in self._imports for boundary in (c, c + 1)}

    @cached_property
    def _adds(self) -> bool:
        return only_adds(self.instruction)

    def _count_gone(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Lines that go: those between two neighbours that the snippet shows are told, others are not."""
        kept = set(region.pairs)
        columns = [c for c in range(region.start, region.end) if c not in kept]
        named = {self.snippet.info[line].label for line in part.lines}
        texts = {self.snippet.stripped[line] for line in part.lines}
        add("gone_definitions", sum(self.field.labels[c] not in named for c in columns if self.field.labels[c]))
        add("gone_shown", log1p(sum(self.field.text[c] in texts for c in columns if self.field.weights[c] > 0.1)))
        add("gone_comments", log1p(sum(self.original.info[self.field.solid[c]].comment for c in columns)))
        told = loose = loose_runs = 0
        exact = {c: i for i, c in enumerate(region.pairs) if c >= 0 and self._same(part.lines[i], c)}
        for start, end in _consecutive(columns):
            above, below = exact.get(start - 1), exact.get(end)
            if (
                above is not None
                and below is not None
                and min(self.field.weights[start - 1], self.field.weights[end]) > 0.2
            ):
                told += end - start
                add("told_runs")
            else:
                loose += end - start
                loose_runs += 1
                if above is None and below is None:
                    add("lonely_runs")
        add("told_lines", log1p(told))
        if self._replaces_namesake(part, region):
            add("replaced_lines", log1p(loose))
        else:
            add("loose_lines", log1p(loose))
            add("loose_runs", loose_runs)

    def _replaces_namesake(self, part: Part, region: Region) -> bool:
        """Is the part one whole unit in the place of all of the file's unit with that header or name?"""
        chunk = self._unit(part)
        if chunk is None or chunk.header not in part.lines or not self._whole(chunk):
            return False
        column = region.pairs[part.lines.index(chunk.header)]
        if column < 0:
            return False
        theirs = self.original.chunk_of[self.field.solid[column]]
        if theirs.header != self.field.solid[column]:
            return False
        same = self.field.labels[column] == self.snippet.info[chunk.header].label or self._same(chunk.header, column)
        return same and region.end == self.field.columns(theirs).stop

    def _count_edges(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """How the region begins and ends: with lines that both sides have, or with new ones."""
        marked_below = self.parts.marked_below(part)
        first, last = region.pairs[0], region.pairs[-1]
        if region.start == region.end:
            add("inserted")
            sides = {(True, True): "put", (True, False): "after", (False, True): "before", (False, False): "bare"}
            add(f"{sides[part.marked, marked_below]}_{self._position(part, region.start)}")
            if self._told:
                add("as_told" if region.start in self._told else "not_as_told")
        elif self._named_columns and not self._in_named(region):
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
                inside = self.snippet.chunk_of[line].start >= part.start  # a unit that is put in stands where it begins
                place = self.lines.place_between(part.start if inside else line)
                add("place_new", min(float(place[boundary]), 3.0))
        if not region.pairs or first < 0:
            over = (region.first_pair if region.first_pair >= 0 else region.end) - region.start
            add("top_over", float(over > 0))
            add("top_over_lines", log1p(over))
        if not region.pairs or last < 0:
            over = region.end - (region.last_pair + 1)
            add("bottom_over", float(over > 0 and region.first_pair < region.end))
            add("bottom_over_lines", log1p(over) if region.first_pair < region.end else 0.0)

    def _position(self, part: Part, boundary: int) -> str:
        """Where among its siblings a boundary lies for a part that is put in there."""
        if boundary == len(self.field) or CLOSES.match(self.field.text[boundary]):
            return "last"
        shown = self._shown_around(part.start)
        if any(ended.index in shown for ended in self.field.open_at[boundary][:-1]):
            return "last"
        above = self.field.solid[boundary - 1] if boundary else -1
        opens = boundary == 0 or self.original.chunk_of[above].header == above
        return "first" if opens else "between"

    def _count_units(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        """Whole definitions: does a namesake go as a whole, is another one torn?"""
        chunk = self._unit(part)
        pairs = {c: line for line, c in zip(part.lines, region.pairs, strict=True) if c >= 0}
        for theirs in self._chunks_at(region):
            columns = self.field.columns(theirs)
            inside = sum(region.start <= c < region.end for c in columns)
            header = self.field.column_of.get(theirs.header, -1)
            if region.start <= header < region.end and header not in pairs and inside < len(columns):
                add("torn_head")
            below = [c for c in columns if c >= header]
            if chunk is None or not self._whole(chunk) or not self._are_namesakes(chunk, theirs):
                continue
            if pairs.get(header) == chunk.header and any(c >= region.end for c in below):
                add("torn_unit")
        for column, line in pairs.items():
            ours, theirs_text = self.snippet.stripped[line], self.field.text[column]
            if ours != theirs_text and identity(ours) != identity(theirs_text):
                add("other_identity")
                add("other_identity_adding", float(self._adds))
        if chunk is None or not chunk.is_definition:
            return
        namesakes = [theirs for theirs in self.original.definitions if theirs.name == chunk.name]
        pair = region.pairs[part.lines.index(chunk.header)] if chunk.header in part.lines else -1
        if pair < 0 and any(len(self.places.claimers[theirs.index]) for theirs in namesakes):
            add("namesake_elsewhere")

    def _chunks_at(self, region: Region) -> Iterator[Chunk]:
        """Definitions and blocks of the file that the region touches."""
        return (theirs for columns, theirs in self._units if columns.stop > region.start and columns.start < region.end)

    @cached_property
    def _units(self) -> list[tuple[range, Chunk]]:
        """The file's definitions, and its blocks of several lines, with their columns."""
        chunks = (chunk for chunk in self.original.chunks[1:] if chunk.is_definition or chunk.end - chunk.start > 2)
        return [(self.field.columns(chunk), chunk) for chunk in chunks]

    def _are_namesakes(self, ours: Chunk, theirs: Chunk) -> bool:
        return theirs.name == ours.name and theirs.kind == ours.kind

    def _count_indentation(self, part: Part, region: Region, add: Callable[..., None]) -> None:
        vote = self.writer.shift_of(region)
        shift = region.shift if region.shift is not None else vote
        if region.shift is not None and vote is None and region.shift != NO_SHIFT:
            add("shifted")
        changed = 0
        for line, column in zip(part.lines, region.pairs, strict=True):
            if column < 0 or self.snippet.stripped[line] != self.field.text[column] or shift is None:
                continue
            own = indent_of(self.original.lines[self.field.solid[column]])
            ours = indent_of(_moved(self.snippet.lines[line], shift))
            changed += own != ours
        add("reindented", log1p(changed))
        if vote is None and region.start == region.end:
            add("odd_indentation", float(not self._fits_siblings(part, region, shift or NO_SHIFT)))

    def _fits_siblings(self, part: Part, region: Region, shift: Shift) -> bool:
        """Is the part indented like a line beside it, or one level deeper than the line above that opens a block?"""
        width = len(indent_of(_moved(self.snippet.lines[part.start], shift)).expandtabs(4))
        return width in self._depths_at(region.start)

    def _depths_at(self, boundary: int) -> set[int]:
        depths = set[int]()
        for chunk in self.field.open_at[min(boundary, len(self.field))]:
            inner = [c for c in self.field.columns(chunk) if self.field.solid[c] != chunk.header]
            inside = [
                c
                for c in inner
                if self.original.chunk_of[self.field.solid[c]] is chunk
                or self.original.chunk_of[self.field.solid[c]].parent is chunk
            ]
            own = [c for c in inside if not CLOSES.match(self.field.text[c])]
            depths |= {self.field.depth(c) for c in own if chunk.parent is None or self.field.solid[c] > chunk.header}
        return depths or {0}

    # Proposals -----------------------------------------------------------------------------------------------------

    def _regions(self, part: Part) -> list[tuple[Region, Counts, float]]:
        """Where a part may stand, by score."""
        if part not in self._known_regions:
            self._known_regions[part] = self._counted_regions(part)
        counted = [(region, counts, self._score(counts)) for region, counts in self._known_regions[part]]
        counted.sort(key=lambda row: -row[2])
        return counted[: self.breadth.regions]

    def _counted_regions(self, part: Part) -> list[tuple[Region, Counts]]:
        if part.removes is not None:
            return self._removals(part, part.removes)
        found: dict[tuple[int, int, Shift | None], Region] = {}
        for start, end, shift in self._ranges(part):
            if (start, end, shift) not in found and start <= end:
                pairs = self.lines.pairs(part.lines, start, end)
                found[start, end, shift] = Region(part, start, end, pairs, shift)
        return [(region, self._counted(region)) for region in found.values()]

    def _ranges(self, part: Part) -> Iterator[tuple[int, int, Shift | None]]:
        for core in self._cores[part]:
            yield from ((start, end, None) for start, end in self._cut_cores(part, core.pairs))
            starts, ends = self._starts(part, core.pairs), self._ends(part, core.pairs)
            for start in starts:
                for end in ends:
                    yield start, end, None
        yield from ((start, end, None) for start, end in self._hulls(part))
        chunk = self._unit(part)
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
        for boundary in self._boundaries(part, found=self._is_found(part)):
            yield boundary, boundary, None
            for shift in self._sibling_shifts(part, boundary):
                yield boundary, boundary, shift

    def _hulls(self, part: Part) -> Iterator[tuple[int, int]]:
        """From the first line of the part that the file has to the last one, whatever else stands between."""
        at = [self.field.columns_of.get(self.snippet.stripped[line], _NOWHERE) for line in part.lines]
        once = _ascending([int(columns[0]) for columns in at if len(columns) == 1])
        if once:
            yield once[0], once[1] + 1
        known = [k for k, columns in enumerate(at) if len(columns)]
        if not known:
            return
        first, last = at[known[0]], at[known[-1]]
        for start in first[:_CORES]:
            yield from ((int(start), int(end) + 1) for end in last[last >= start][:1])
        for end in last[:_CORES]:
            yield from ((int(start), int(end) + 1) for start in first[first <= end][-1:])
        texts = {self.snippet.stripped[line] for line in part.lines}
        for core in self._cores[part][:2]:
            yield self._widened(core.start, core.end, texts)

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
        changed = [i for i, c in enumerate(pairs) if c < 0 or not self._same(part.lines[i], c)]
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
        cores = self._cores[part]
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
        pairs = self._cores[part][0].pairs
        return all(c >= 0 and self._same(line, c) for line, c in zip(part.lines, pairs, strict=True))

    def _starts(self, part: Part, pairs: Pairs) -> list[int]:
        """Columns at which the range of a core may begin."""
        found = [i for i, c in enumerate(pairs) if c >= 0]
        first = pairs[found[0]]
        starts = [first]
        exact = next((pairs[i] for i in found if self._same(part.lines[i], pairs[i])), None)
        if exact is not None:
            starts.append(exact)
        leading = found[0]
        starts += [first - n for n in range(1, min(leading, _EXTEND) + 1) if first >= n]
        chunk = self.original.chunk_of[self.field.solid[first]]
        if leading and chunk.header == self.field.solid[first]:
            starts.append(self.field.columns(chunk).start)
        return list(dict.fromkeys(starts))

    def _ends(self, part: Part, pairs: Pairs) -> list[int]:
        """Boundaries at which the range of a core may end."""
        found = [i for i, c in enumerate(pairs) if c >= 0]
        last = pairs[found[-1]]
        ends = [last + 1]
        exact = next((pairs[i] for i in reversed(found) if self._same(part.lines[i], pairs[i])), None)
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
        return list(dict.fromkeys(ends))

    def _block_ends(self, column: int) -> Iterator[int]:
        """Where the unit that begins right below a column ends."""
        if column + 1 < len(self.field):
            line = self.field.solid[column + 1]
            chunk = self.original.chunk_of[line]
            if chunk.start == line or chunk.header == line:
                yield self.field.columns(chunk).stop

    def _same(self, line: int, column: int) -> bool:
        return self.snippet.stripped[line] == self.field.text[column]

    def _unit(self, part: Part) -> Chunk | None:
        """The definition or block that the part begins with, where that is all of it."""
        if not part.lines:
            return None
        for chunk in self.snippet.chunk_of[part.start].chain():
            if chunk.start == part.start and chunk.parent is not None and chunk.end >= part.end:
                return chunk
        return None

    def _whole(self, chunk: Chunk) -> bool:
        """Is the chunk shown without a marker inside?"""
        return self.snippet.markers.isdisjoint(range(chunk.start, chunk.end)) and self._shown_to_its_end(chunk)

    def _shown_to_its_end(self, chunk: Chunk) -> bool:
        below = next((k for k in range(chunk.end, len(self.snippet.lines)) if self.snippet.stripped[k]), None)
        return chunk.closed or below is None or below not in self.snippet.markers or not self._deeper(below, chunk)

    def _deeper(self, line: int, chunk: Chunk) -> bool:
        return self.snippet.width[line] > self.snippet.width[chunk.header]

    def _claimed(self, chunk: Chunk) -> list[Chunk]:
        """The file's chunks that this one shows."""
        shown = [theirs for theirs in self.original.chunks[1:] if chunk.index in self.places.claimers[theirs.index]]
        header = self.snippet.stripped[chunk.header]
        alike = [
            theirs
            for theirs in self.original.chunks[1:]
            if (theirs.name == chunk.name and theirs.kind == chunk.kind != "block")
            or self.original.stripped[theirs.header] == header
        ]
        named = self._named_columns
        return shown or sorted(alike, key=lambda theirs: not named.issuperset(self.field.columns(theirs)))[:3]

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
            ends = [core.end for core in self._cores[units[before]][:3]] if before is not None else [0]
            starts = [core.start for core in self._cores[units[after]][:3]] if after is not None else [len(self.field)]
            result.append((ends, starts))
        return result

    def _boundaries(self, part: Part, *, found: bool) -> list[int]:
        """Where a part that is new may be put in."""
        ends, starts = self._span[part.first][0], self._span[part.last - 1][1]
        if found and self._is_there(part):
            return [b for b in dict.fromkeys([*ends, *starts]) if 0 <= b <= len(self.field)]
        low, high = min(ends), max(starts)
        place = np.minimum.reduce([self.lines.place_between(part.lines[0])])
        fits = [b for b in range(low, high + 1) if self._is_sibling_boundary(b)]
        fits.sort(key=lambda b: (round(float(place[b]), 1), min(b - low, high - b)))
        chosen = [*ends, *starts, *fits[: 5 if found else 12]]
        chosen += sorted(fits, key=lambda b: (round(float(place[b]), 1), high - b))[:4]
        chosen += [len(self.field)] if high == len(self.field) else []
        chosen += self._beside_named(part)
        if self.snippet.info[part.start].kind == "import":
            imports = [c for c in range(len(self.field)) if self.original.info[self.field.solid[c]].kind == "import"]
            chosen += [imports[-1] + 1, imports[0]] if imports else []
        return [b for b in dict.fromkeys(chosen) if 0 <= b <= len(self.field)]

    def _beside_named(self, part: Part) -> Iterator[int]:
        """Beside the units that the instruction names, and those that are most like the part."""
        yield from self._told
        chunk = self._unit(part)
        units = [theirs for theirs in self.original.chunks[1:] if self._says_instruction(theirs)][:3]
        if chunk is not None:
            share = self.places.shared[chunk.index]
            near = sorted(self.original.chunks[1:], key=lambda theirs: -float(share[theirs.index]))[:2]
            units += [theirs for theirs in near if share[theirs.index] > 0.2]
        for theirs in units:
            columns = self.field.columns(theirs)
            yield from (columns.start, columns.stop)

    @cached_property
    def _named_columns(self) -> set[int]:
        """The columns of the definitions that the instruction names."""
        words = set(_NAME.findall(self.instruction))
        named = [chunk for chunk in self.original.definitions if chunk.name.split(" ")[-1] in words]
        return {c for chunk in named for c in self.field.columns(chunk)}

    def _in_named(self, region: Region) -> bool:
        return not self._named_columns.isdisjoint(range(region.start, region.end))

    @cached_property
    def _told(self) -> list[int]:
        """The boundaries at which the instruction wants something put: after this, or before that."""
        places = told_places(self.instruction)
        if not places:
            return []
        heads = {self.field.columns(chunk).start: chunk for chunk in reversed(self.original.chunks[1:])}
        units = [range(c, c + 1) for c in range(len(self.field)) if self.field.weights[c] > 0 and c not in heads]
        units += [self.field.columns(chunk) for chunk in heads.values()]
        headers = {chunk.start: self.field.column_of.get(chunk.header, at) for at, chunk in heads.items()}
        named = [pieces(self.field.text[headers.get(self.field.solid[unit.start], unit.start)]) for unit in units]
        times = Counter(word for words in named for word in words)
        found: list[int] = []
        for after, words in places:
            scores = [sum(1 / times[word] for word in words & names) for names in named]
            best = max(scores, default=0.0)
            if best >= _NAMED:
                at = [unit for unit, score in zip(units, scores, strict=True) if score > best - 0.01]
                found += [unit.stop if after else unit.start for unit in at[:3]]
        return list(dict.fromkeys(found))

    def _says_instruction(self, theirs: Chunk) -> bool:
        """Does the instruction name the unit, or the string that identifies it?"""
        if theirs.name and theirs.is_definition and re.search(rf"\b{re.escape(theirs.name)}\b", self.instruction):
            return True
        heads = self.original.stripped[theirs.header : theirs.header + 4]
        return any(len(said := identity(text)) > 3 and said in self.instruction for text in heads)

    def _is_sibling_boundary(self, boundary: int) -> bool:
        """Does a unit begin or end there?"""
        if boundary in (0, len(self.field)):
            return True
        line, next_line = self.field.solid[boundary - 1], self.field.solid[boundary]
        above, below = self.original.chunk_of[line], self.original.chunk_of[next_line]
        text = self.original.stripped[next_line]
        edge = above.header == line or bool(CLOSES.match(text) or CONTINUES.match(text))
        return edge or above is not below or self.field.blanks_above(boundary) > 0

    def _sibling_shifts(self, part: Part, boundary: int) -> Iterator[Shift]:
        """Shifts that bring a part to the depth of what stands beside it."""
        if self.snippet.chunk_of[part.start].parent is not None and any(
            chunk.header < part.start and chunk.parent is not None
            for chunk in self.snippet.chunk_of[part.start].chain()
        ):
            return
        ours = indent_of(self.snippet.lines[part.start])
        for chunk in self.field.open_at[min(boundary, len(self.field))]:
            beside = next((child for child in chunk.children if child.is_definition), None)
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

    # Variants ------------------------------------------------------------------------------------------------------

    def _variants(self, state: _State) -> Iterator[tuple[Reading, Counts]]:
        """The reading of a state; the same with a definition gone from where it was."""
        reading = Reading(state.regions, state.gone)
        counts = _sum(state.counts)
        yield reading, counts
        taken = reading.taken()
        inside = {c for region in state.regions for c in range(region.start, region.end)}
        for region in state.regions:
            part = region.part
            chunk = self._unit(part)
            if chunk is None or not chunk.is_definition or region.start != region.end:
                continue
            twins = [theirs for theirs in self.original.definitions if theirs.name == chunk.name]
            for theirs in twins[:1]:
                columns = self.field.columns(theirs)
                if inside.isdisjoint(columns) and taken.isdisjoint(columns):
                    more = _sum((counts, {"moved": 1.0, "namesake_elsewhere": -1.0}))
                    yield Reading(state.regions, (*state.gone, (columns.start, columns.stop))), more


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


def _ascending(columns: Sequence[int]) -> tuple[int, int] | None:
    """First and last of a longest ascending subsequence (Schensted 1961)."""
    firsts: list[int] = []  # for each length: where the subsequence with the least end begins, and that end
    ends: list[int] = []
    for column in columns:
        k = bisect_left(ends, column)
        firsts[k : k + 1] = [firsts[k - 1] if k else column]
        ends[k : k + 1] = [column]
    return (firsts[-1], ends[-1]) if ends else None


def _sum(counts: Sequence[Counts]) -> Counts:
    total: Counts = {}
    for each in counts:
        for name, value in each.items():
            total[name] = total.get(name, 0.0) + value
    return total


def identity(text: str) -> str:
    """What tells an entry, a test, a route or a case from its siblings; "" where nothing does."""
    found = _IDENTITY.search(text)
    return (found["string"] or found["entry"] or found["case"]).strip() if found else ""


def _consecutive(columns: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The ranges that ascending columns make up."""
    for k, column in enumerate(columns):
        if k == 0 or columns[k - 1] != column - 1:
            start = column
        if k == len(columns) - 1 or columns[k + 1] != column + 1:
            yield start, column + 1


def _new_runs(pairs: Pairs) -> Iterator[int]:
    for i, column in enumerate(pairs):
        if column < 0 and (i == 0 or pairs[i - 1] >= 0):
            yield i


def _moved(line: str, shift: Shift) -> str:
    old, new = shift
    return new + line[len(old) :] if line.startswith(old) else line


def _solid_lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line.strip())


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
