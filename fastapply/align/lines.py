"""Lines of one part against lines of the file: which stand for which, by a dynamic program.

The part stands for some range of columns; where that begins and ends is free, or given. A line of the part is found
there (pair), is a new version of another line (pair), or is new; a line of the range without a partner goes. The costs
are rough log-odds: they find pairs and propose ranges, and do not rank candidates (Needleman and Wunsch 1970, with
Gotoh's gaps).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fastapply.align.chunks import CLOSES, OPENER, Outline
from fastapply.align.field import Field
from fastapply.align.match import Floats, Places, key_of, similarities

_INF = np.float32(1e6)
_NEW = 1.6
_NEW_KNOWN = 5.0  # more where the file has the line in that place
_NEW_INSIDE = 0.4  # below the header of a new definition
_GONE_FIRST, _GONE = 2.7, 0.3
_LIKE = 6.6  # times 1 - similarity
_SAME_KEY = 0.42
_SAME_HEADER = 0.1
_OTHER_HEADER = 3.4
_HALF_HEADER = 1.0
_OUT_OF_PLACE = 0.36
_AT_HOME = 0.5
_FARTHEST = 6.0
_WITHIN = 16.0  # ranges that cost so much more than the best are not proposed
_MANY = 400_000  # cells; beyond, likeness is looked for in places that agree only

Pairs = tuple[int, ...]  # for each line of a part: its column, or -1


@dataclass(frozen=True)
class Core:
    """A range of columns [start, end) that a part may stand for, and its cost; the range has pairs at both ends."""

    start: int
    end: int
    cost: float
    pairs: Pairs


class Lines:
    """The alignment of a snippet's parts with one file, part by part."""

    def __init__(self, field: Field, snippet: Outline, places: Places) -> None:
        self.field = field
        self.snippet = snippet
        self.places = places
        self._tables: dict[tuple[int, ...], _Table] = {}

    def cores(self, lines: tuple[int, ...], most: int) -> list[Core]:
        """The cheapest ranges in which something of the part is found, best first."""
        return self._table(lines).cores(most)

    def pairs(self, lines: tuple[int, ...], start: int, end: int) -> Pairs:
        """The partners of a part's lines where it stands for the columns [start, end)."""
        return self._table(lines).within(start, end)

    def similarity(self, line: int, column: int) -> float:
        text, other = self.snippet.stripped[line], self.field.text[column]
        return 1.0 if text == other else float(similarities(text, [other])[0])

    def known(self, line: int) -> float:
        """How surprising it is that this line should be new, 0..1: the file has it in the same place."""
        at = self.field.columns_of.get(self.snippet.stripped[line])
        if at is None:
            return 0.0
        place = self.place(line, at)
        return float((self.field.weights[at] * np.maximum(0.0, 1 - place)).max())

    def place(self, line: int, columns: NDArray[np.intp]) -> Floats:
        """How badly the chunks above the line agree with those above columns."""
        found: Floats = self.places.cost[self.snippet.chunk_of[line].index, self.field.chunk[columns]]
        return found

    def place_between(self, line: int) -> Floats:
        """How badly a new line's chunks agree with each boundary of the file."""
        chunk = self.snippet.chunk_of[line]
        if line == chunk.start and chunk.parent is not None:
            chunk = chunk.parent
        found: Floats = self.places.cost[chunk.index][self.field.open_indices].min(axis=1)
        return found

    def is_new_definition(self, line: int) -> bool:
        """Does the line belong to a definition whose name the file does not have?"""
        around = (chunk for chunk in self.snippet.chunk_of[line].chain() if chunk.is_definition)
        return any(chunk.name and chunk.name not in self.field.names for chunk in around)

    def _table(self, lines: tuple[int, ...]) -> _Table:
        if lines not in self._tables:
            self._tables[lines] = _Table(self, lines)
        return self._tables[lines]


class _Table:
    """The costs of one part's lines against all columns, and the program over them."""

    def __init__(self, owner: Lines, lines: Sequence[int]) -> None:
        self.owner = owner
        self.lines = lines
        n = len(owner.field)
        self.pair = np.full((len(lines), n), _INF, np.float32)
        self.exact = np.zeros((len(lines), n), np.bool_)
        self.new = np.empty(len(lines), np.float32)
        self._large = len(lines) * n > _MANY
        for i, line in enumerate(lines):
            self._fill(i, line)
        self.gone = _GONE * (0.3 + owner.field.weights)

    def _fill(self, i: int, line: int) -> None:
        owner, field, text = self.owner, self.owner.field, self.owner.snippet.stripped[line]
        at = field.columns_of.get(text, np.empty(0, np.intp))
        place = owner.place(line, at)
        if len(at) == 1:  # a text that stands in one place only is at home there, whatever surrounds it
            place = np.minimum(place, _OUT_OF_PLACE * (1.5 - field.weights[at[0]]))
        self.pair[i, at] = place
        self.exact[i, at] = True
        inside = owner.is_new_definition(line)
        header = owner.snippet.chunk_of[line].header == line
        self.new[i] = _NEW * (_NEW_INSIDE if inside and not header else 1.0)
        if not inside:
            self.new[i] += _NEW_KNOWN * owner.known(line) + _NEW * self._closes_old(line)
        if not len(at) or place.min() >= _AT_HOME:
            self._fill_alike(i, line)

    def _closes_old(self, line: int) -> bool:
        """Is this a lone closing line whose opening line is not new?"""
        snippet, text = self.owner.snippet, self.owner.snippet.stripped[line]
        if not CLOSES.match(text) or OPENER.fullmatch(text):
            return False
        chunk = snippet.chunk_of[line]
        return chunk.header < 0 or chunk.header == line or snippet.stripped[chunk.header] in self.owner.field.counts

    def _fill_alike(self, i: int, line: int) -> None:
        """Lines that this one may be a new version of."""
        owner, field, snippet = self.owner, self.owner.field, self.owner.snippet
        every = np.arange(len(field))
        place = owner.place(line, every)
        near = every[place < (1.0 if self._large else _FARTHEST)]
        if not len(near):
            return
        alike = similarities(snippet.stripped[line], [field.text[c] for c in near])
        cost = np.where(alike > 0, _LIKE * (1 - alike), _INF)
        info, key = snippet.info[line], key_of(snippet, line)
        for k, column in enumerate(near):
            label = field.labels[column]
            if info.is_definition and label:
                same = label == info.label
                cost[k] = _SAME_HEADER if same else cost[k] + _OTHER_HEADER
            elif info.is_definition or label:
                cost[k] += _HALF_HEADER
            elif key and key == field.keys[column]:
                cost[k] = _SAME_KEY + 0.3 * (1 - alike[k])
        cost = cost + place[near]
        free = ~self.exact[i, near]
        self.pair[i, near[free]] = np.minimum(self.pair[i, near[free]], cost[free])

    @cached_property
    def _free(self) -> tuple[list[Floats], list[Floats]]:
        return self._solve(0, len(self.owner.field), free=True)

    def _solve(self, start: int, end: int, *, free: bool) -> tuple[list[Floats], list[Floats]]:
        """For each number of lines: the cheapest costs by boundary where a line came last, and where anything did."""
        gone = np.concatenate([[0.0], np.cumsum(self.gone[start:end], dtype=np.float64)])
        base = np.zeros(end - start + 1, np.float32) if free else (_GONE_FIRST + gone).astype(np.float32)
        base[0] = 0.0
        used, best = [base], [base]
        for i in range(len(self.lines)):
            after = best[-1] + self.new[i]
            after[1:] = np.minimum(after[1:], best[-1][:-1] + self.pair[i, start:end])
            used.append(after)
            last = i == len(self.lines) - 1
            if free and last:
                best.append(after)
                continue
            reach = np.minimum.accumulate(after - gone) + gone + _GONE_FIRST
            best.append(np.minimum(after, reach).astype(np.float32))
        return used, best

    def cores(self, most: int) -> list[Core]:
        used, best = self._free
        ends = used[-1]
        order = np.argsort(ends, kind="stable")
        found: dict[tuple[int, int], Core] = {}
        for tried, end in enumerate(order):
            if len(found) >= most or tried > 8 * most or ends[end] > ends[order[0]] + _WITHIN:
                break
            pairs = self._trace(used, best, 0, int(end))
            columns = [c for c in pairs if c >= 0]
            if not columns:
                continue
            key = columns[0], columns[-1] + 1
            if key not in found:
                found[key] = Core(*key, float(ends[end]), pairs)
        if len(found) < most:
            for core in self._nearest(most - len(found)):
                found.setdefault((core.start, core.end), core)
        return list(found.values())

    def _nearest(self, most: int) -> Iterator[Core]:
        """Lines that the first or the last line of the part is most like, though it may well be new."""
        for i in dict.fromkeys((0, len(self.lines) - 1)):
            for column in np.argsort(self.pair[i], kind="stable")[:most]:
                if self.pair[i, column] < _INF:
                    pairs = tuple(int(column) if k == i else -1 for k in range(len(self.lines)))
                    yield Core(int(column), int(column) + 1, float(self.pair[i, column]), pairs)

    def within(self, start: int, end: int) -> Pairs:
        if start == end:
            return (-1,) * len(self.lines)
        used, best = self._solve(start, end, free=False)
        return self._trace(used, best, start, end)

    def _trace(self, used: list[Floats], best: list[Floats], start: int, end: int) -> Pairs:
        pairs = [-1] * len(self.lines)
        j = end - start
        for i in range(len(self.lines), 0, -1):
            # Lines that go stand between: go up to where a line came last.
            if best[i][j] < used[i][j]:
                gone = np.concatenate([[0.0], np.cumsum(self.gone[start : start + j], dtype=np.float64)])
                reach = used[i][: j + 1] + (gone[j] - gone)
                j = int(np.argmin(reach[:j])) if j else 0
            new = best[i - 1][j] + self.new[i - 1]
            pair = best[i - 1][j - 1] + self.pair[i - 1, start + j - 1] if j else _INF
            if pair <= new:
                j -= 1
                pairs[i - 1] = start + j
        return tuple(pairs)


def runs(pairs: Pairs) -> Iterator[tuple[int, int]]:
    """The ranges of lines without a partner."""
    first = None
    for i, column in enumerate((*pairs, 0)):
        if column < 0 and first is None:
            first = i
        elif column >= 0 and first is not None:
            yield first, i
            first = None
