"""The alignment of one part's lines with lines of the file, by a dynamic program.

The part replaces a range of columns. The ends of that range are free or given. A line of the part is paired with an
equal column, paired with its old version, or new. Columns of the range without a partner are deleted. The costs are
rough log-odds: they find pairs and propose ranges, but do not rank candidates (Needleman and Wunsch 1970, with Gotoh's
gaps).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastapply.align.chunks import CLOSES, OPENER, Outline
from fastapply.align.field import Field, first_word
from fastapply.align.match import Floats, Places, key_of, similarities
from fastapply.align.renames import renames

_INF = np.float32(1e6)
_NEW = 1.6
_NEW_INSIDE = 0.4  # factor below the header of a new definition
_NEW_AGAIN = 0.4  # factor below another new line
_GONE_FIRST, _GONE, _GONE_HEADER = 2.7, 0.3, 1.0
_LIKE = 6.6  # factor on 1 - similarity
_RENAMED = 0.96  # similarity of a line whose name changes, as it does in other lines
_SAME_KEY = 0.42
_SAME_HEADER = 0.1
_OTHER_HEADER = 3.4
_HALF_HEADER = 1.0
_OUT_OF_PLACE = 0.36
_AT_HOME = 0.5
_FARTHEST = 6.0
_WITHIN = 16.0  # ranges are proposed if their cost exceeds the best by no more
_TIE = 0.03
_MANY = 400_000  # cells; in larger tables only agreeing places are compared


class _Habit(NamedTuple):
    """A habit of authors. `known` is the cost of a new line that the file already has in that place, `again` the same
    below another new line. `gone` is the factor on the cost of deleted lines."""

    known: float
    again: float
    gone: float


_REWRITES = _Habit(known=5.0, again=2.5, gone=1.0)
_INSERTS = _Habit(known=1.0, again=0.2, gone=4.0)

Pairs = tuple[int, ...]  # for each line of a part: its column, or -1


@dataclass(frozen=True)
class Core:
    """A range of columns [start, end) that a part may replace, and its cost. Both its ends are paired."""

    start: int
    end: int
    cost: float
    pairs: Pairs


class Lines:
    """The alignment of a snippet's parts with one file."""

    def __init__(self, field: Field, snippet: Outline, places: Places) -> None:
        self.field = field
        self.snippet = snippet
        self.places = places
        self.renamed: dict[int, list[str]] = {}  # line of the snippet -> the texts that it is with another name
        for each in renames(field.outline, snippet):
            self.renamed.setdefault(each.line, []).append(each.text)
        self._tables: dict[tuple[int, ...], _Table] = {}
        self.known = cache(self._known)
        self.place_between = cache(self._place_between)
        self.is_new_definition = cache(self._is_new_definition)
        self._most_alike = cache(self._find_most_alike)
        self.tied = cache(self._is_tied)

    def cores(self, lines: tuple[int, ...], most: int) -> list[Core]:
        """The cheapest ranges that contain something of the part, best first, by both habits."""
        found: dict[tuple[int, int, Pairs], Core] = {}
        for habit in (_REWRITES, _INSERTS):
            for core in self._table(lines).cores(most, habit):
                found.setdefault((core.start, core.end, core.pairs), core)
        return list(found.values())

    def pairs(self, lines: tuple[int, ...], start: int, end: int) -> Pairs:
        """The partners of a part's lines if it replaces the columns [start, end)."""
        return self._table(lines).within(start, end)

    def similarity(self, line: int, column: int) -> float:
        text, other = self.snippet.stripped[line], self.field.text[column]
        return 1.0 if text == other else float(similarities(text, [other])[0])

    def _is_tied(self, line: int, column: int) -> bool:
        """Is another column as similar to the line as this one? A new version is most similar to what it replaces."""
        alike, first, second = self._most_alike(line)
        rival = alike[second if column == first else first]
        return len(alike) > 1 and bool(rival >= alike[column] - _TIE)

    def _find_most_alike(self, line: int) -> tuple[Floats, int, int]:
        """The similarity of each column to a line, and the two most similar columns."""
        alike = similarities(self.snippet.stripped[line], self.field.text)
        first, *others = np.argpartition(-alike, 1)[:2] if len(alike) > 1 else (0,)
        return alike, int(first), int(others[0]) if others else int(first)

    def _known(self, line: int) -> float:
        """How surprising a new line is, 0..1, because the file has it in the same place."""
        at = self.field.columns_of.get(self.snippet.stripped[line])
        if at is None:
            return 0.0
        place = self.place(line, at)
        return float((self.field.weights[at] * np.maximum(0.0, 1 - place)).max())

    def place(self, line: int, columns: NDArray[np.intp]) -> Floats:
        """How badly the chunks around a line agree with those around each column."""
        found: Floats = self.places.cost[self.snippet.chunk_of[line].index, self.field.chunk[columns]]
        return found

    def _place_between(self, line: int) -> Floats:
        """How badly the chunks around a new line agree with each boundary of the file."""
        chunk = self.snippet.chunk_of[line]
        if line == chunk.start and chunk.parent is not None:
            chunk = chunk.parent
        found: Floats = self.places.cost[chunk.index][self.field.open_indices].min(axis=1)
        return found

    def _is_new_definition(self, line: int) -> bool:
        """Is the line part of a definition whose name the file does not have?"""
        around = (chunk for chunk in self.snippet.chunk_of[line].chain() if chunk.is_definition)
        return any(chunk.name and chunk.name not in self.field.names for chunk in around)

    def _table(self, lines: tuple[int, ...]) -> _Table:
        if lines not in self._tables:
            self._tables[lines] = _Table(self, lines)
        return self._tables[lines]


class _Solved(NamedTuple):
    """The cheapest costs by boundary, for each number of lines: `new` if the last line is new, `used` if a line comes
    last, `best` in any case. `gone` is the cost of deleting all columns above each boundary."""

    gone: NDArray[np.float64]
    new: list[Floats]
    used: list[Floats]
    best: list[Floats]


class _Table:
    """The costs of one part's lines against all columns, and the dynamic program over them."""

    def __init__(self, owner: Lines, lines: Sequence[int]) -> None:
        self.owner = owner
        self.lines = lines
        n = len(owner.field)
        self.pair = np.full((len(lines), n), _INF, np.float32)
        self.exact = np.zeros((len(lines), n), np.bool_)
        self.new = np.empty(len(lines), np.float32)
        self.known = np.zeros(len(lines), np.float32)
        self._large = len(lines) * n > _MANY
        for i, line in enumerate(lines):
            self._fill(i, line)
        self.gone = _GONE * (0.3 + owner.field.weights) + _GONE_HEADER * owner.field.is_labelled.astype(np.float32)
        self._last: tuple[int, int, _Solved] | None = None

    def _fill(self, i: int, line: int) -> None:
        owner, field, text = self.owner, self.owner.field, self.owner.snippet.stripped[line]
        at = field.columns_of.get(text, np.empty(0, np.intp))
        place = owner.place(line, at)
        if len(at) == 1:  # a unique text belongs there, whatever surrounds it
            place = np.minimum(place, _OUT_OF_PLACE * (1.5 - field.weights[at[0]]))
        self.pair[i, at] = place
        self.exact[i, at] = True
        inside = owner.is_new_definition(line)
        header = owner.snippet.chunk_of[line].header == line
        self.new[i] = _NEW * (_NEW_INSIDE if inside and not header else 1.0)
        if not inside:
            self.new[i] += _NEW * self._closes_old(line)
            self.known[i] = owner.known(line)
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
        """Price the columns that this line may be a new version of."""
        owner, field, snippet = self.owner, self.owner.field, self.owner.snippet
        every = np.arange(len(field))
        place = owner.place(line, every)
        near = every[place < (1.0 if self._large else _FARTHEST)]
        if not len(near):
            return
        alike = similarities(snippet.stripped[line], [field.text[c] for c in near])
        alike = np.maximum(alike, self._share_of_body(line, near))
        cost = np.where(alike > 0, _LIKE * (1 - alike), _INF)
        if old := owner.renamed.get(line):
            alike[[field.text[c] in old for c in near]] = _RENAMED
        info, key = snippet.info[line], key_of(snippet, line)
        labelled = field.is_labelled[near]
        named = np.isin(near, field.columns_of_name.get(info.name, []))
        if info.is_definition:
            cost += np.where(labelled, np.float32(_OTHER_HEADER), np.float32(_HALF_HEADER))
            cost[alike == _RENAMED] = _SAME_KEY
            cost[named & ~labelled] = _SAME_KEY
            cost[np.isin(near, field.columns_of_label.get(info.label, []))] = _SAME_HEADER
        else:
            cost[labelled] += _HALF_HEADER
            cost[named & labelled] = _SAME_KEY
            same = np.isin(near, field.columns_of_key.get(key, [])) & ~labelled
            cost[same] = _SAME_KEY + 0.3 * (1 - alike[same])
        cost = cost + place[near]
        free = ~self.exact[i, near]
        self.pair[i, near[free]] = np.minimum(self.pair[i, near[free]], cost[free])

    def _share_of_body(self, line: int, columns: NDArray[np.intp]) -> Floats:
        """For each column, the share of the line's block that the column's block contains, 0..1, if both blocks are of
        the same kind. A condition may have been reworded while its block stayed."""
        owner, chunk = self.owner, self.owner.snippet.chunk_of[line]
        found = np.zeros(len(columns), np.float32)
        if chunk.header == line and not chunk.is_definition:
            heads = owner.field.block_heads.get(first_word(owner.snippet.stripped[line]), {})
            shared = owner.places.shared[chunk.index]
            for k in np.flatnonzero(np.isin(columns, list(heads))):
                found[k] = shared[heads[int(columns[k])]]
        return found

    def _solve(self, start: int, end: int, habit: _Habit, *, free: bool) -> _Solved:
        gone = np.concatenate([[0.0], np.cumsum(self.gone[start:end], dtype=np.float64)]) * habit.gone
        base = np.zeros(end - start + 1, np.float32) if free else (_GONE_FIRST + gone).astype(np.float32)
        base[0] = 0.0
        new = np.full(end - start + 1, _INF, np.float32)
        solved = _Solved(gone, [new], [base], [base])
        first, again, pair = self._first(habit), self._again(habit), self.pair[:, start:end]
        for i in range(len(self.lines)):
            new = np.minimum(solved.best[-1] + first[i], new + again[i])
            after = new.copy()
            np.minimum(after[1:], solved.best[-1][:-1] + pair[i], out=after[1:])
            solved.new.append(new)
            solved.used.append(after)
            if free and i == len(self.lines) - 1:
                solved.best.append(after)
                continue
            reach = np.minimum.accumulate(after - gone)
            reach += gone
            reach += _GONE_FIRST
            solved.best.append(np.minimum(after, reach).astype(np.float32))
        return solved

    def _first(self, habit: _Habit) -> Floats:
        """The cost of each line as a new one."""
        return self.new + np.float32(habit.known) * self.known

    def _again(self, habit: _Habit) -> Floats:
        """The cost of each line as a new one below another new one."""
        return np.float32(_NEW_AGAIN) * self.new + np.float32(habit.again) * self.known

    def cores(self, most: int, habit: _Habit) -> list[Core]:
        solved = self._solve(0, len(self.owner.field), habit, free=True)
        ends = solved.used[-1]
        # The ends that pair the last line, and the two best of all: new lines may come anywhere below.
        paired = np.where(solved.new[-1] > ends, ends, _INF)
        order = np.concatenate([np.argsort(ends, kind="stable")[:2], np.argsort(paired, kind="stable")])
        found: dict[tuple[int, int], Core] = {}
        for tried, end in enumerate(order):
            if len(found) >= most or (tried > 1 and paired[end] > ends[order[0]] + _WITHIN):
                break
            pairs = self._trace(solved, 0, int(end), habit)
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
        """The columns most similar to the first or last line of the part, even if these are probably new."""
        for i in dict.fromkeys((0, len(self.lines) - 1)):
            for column in np.argsort(self.pair[i], kind="stable")[:most]:
                if self.pair[i, column] < _INF:
                    pairs = tuple(int(column) if k == i else -1 for k in range(len(self.lines)))
                    yield Core(int(column), int(column) + 1, float(self.pair[i, column]), pairs)

    def within(self, start: int, end: int) -> Pairs:
        """The pairs of a given range. A solution for a longer range with the same start is reused."""
        if start == end:
            return (-1,) * len(self.lines)
        if self._last is None or self._last[0] != start or self._last[1] < end:
            self._last = start, end, self._solve(start, end, _REWRITES, free=False)
        return self._trace(self._last[2], start, end, _REWRITES)

    def _trace(self, solved: _Solved, start: int, end: int, habit: _Habit) -> Pairs:
        pairs = [-1] * len(self.lines)
        first, again = self._first(habit), self._again(habit)
        j, inside = end - start, False  # inside: the line below is new and continues this one
        for i in range(len(self.lines), 0, -1):
            if not inside and solved.best[i][j] < solved.used[i][j]:
                # Deleted lines lie between: go up to the last line of the part.
                reach = solved.used[i][: j + 1] + (solved.gone[j] - solved.gone[: j + 1])
                j = int(np.argmin(reach[:j])) if j else 0
            if inside or solved.new[i][j] <= solved.used[i][j]:
                inside = bool(solved.new[i - 1][j] + again[i - 1] <= solved.best[i - 1][j] + first[i - 1])
                continue
            j -= 1
            pairs[i - 1] = start + j
        return tuple(pairs)
