"""Cheapest paths through a grid of snippet rows and original columns, in a few states: numpy, nothing about text.

A node is (row, state, column). Edges come in families: one source row and state, one target row and state, and a cost
for each column. A family with step 1 passes over one column, that is, one line of the original. Families are added in
an order in which costs can flow (a loop, from a state to itself in the same row, after all that lead into it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
INFINITE = np.float32(1e9)


_Node = tuple[tuple[int, int], int]  # (row, state), column


class Step(NamedTuple):
    """One edge of a path: `op` says what it does, `row`, `state` and `column` are where it starts."""

    op: str
    row: int
    column: int
    state: int
    cost: float


@dataclass(slots=True)
class Family:
    """Edges from (row, source, j) to (target_row, target, j + step), costing `cost[j - first]` (or `cost` for every j).

    With `columns`, only those source columns have an edge, and `cost` goes with them.
    """

    op: str
    row: int
    source: int
    target_row: int
    target: int
    step: int
    cost: Floats  # [columns from `first` on] or []
    first: int = 0
    columns: NDArray[np.intp] | None = None

    @property
    def is_loop(self) -> bool:
        return self.row == self.target_row and self.source == self.target

    def cost_at(self, column: int) -> float:
        if self.columns is not None:
            at = int(np.searchsorted(self.columns, column))
            if at == len(self.columns) or self.columns[at] != column:
                return float(INFINITE)
            return float(self.cost[at])
        return float(self.cost[column - self.first]) if self.cost.ndim else float(self.cost)


class Lattice:
    """Families in order, and the cheapest costs from the start and to the end once `solve` was called.

    `windows[row]` are the first and the last column of a row's nodes; there are no others.
    """

    def __init__(self, windows: Sequence[tuple[int, int]], states: int) -> None:
        self.windows = windows
        self.families: list[Family] = []
        self._into: dict[tuple[int, int], list[Family]] = {}
        self._out_of: dict[tuple[int, int], list[Family]] = {}
        # For each row [states, columns of its window]: cheapest costs from the start to a node, and from it to the end.
        self._start = [np.full((states, high - low + 1), INFINITE, np.float32) for low, high in windows]
        self._finish = [np.full((states, high - low + 1), INFINITE, np.float32) for low, high in windows]
        self._first = self._last = (0, 0)

    def add(
        self,
        op: str,
        source: tuple[int, int],
        target: tuple[int, int],
        step: int,
        cost: Floats | float,
        columns: NDArray[np.intp] | None = None,
    ) -> None:
        """Add a family from `source` to `target`, both (row, state). `columns` ascend; `cost` runs over all columns."""
        cost = np.asarray(cost, np.float32)
        first, last = self._shared(source[0], target[0], step)
        if columns is not None:
            inside = (columns >= first) & (columns <= last)
            if not inside.any():
                return
            columns, cost = columns[inside], cost[inside]
        elif cost.ndim and last - first + 1 < len(cost):  # a view would keep all of it in memory
            cost = cost[first : last + 1].copy()
        else:
            first = 0
        family = Family(op, *source, *target, step, cost, first, columns)
        self.families.append(family)
        self._into.setdefault(target, []).append(family)
        self._out_of.setdefault(source, []).append(family)

    def solve(self, first: tuple[int, int], last: tuple[int, int]) -> float:
        """Find all cheapest costs between (row, state) `first` in the first column and `last` in the last one."""
        self._first, self._last = first, last
        self._start[first[0]][first[1], 0] = 0.0
        self._finish[last[0]][last[1], -1] = 0.0
        for family in self.families:
            source, target, cost = self._edges(self._start, family)
            if family.is_loop:
                whole = self._start[family.row][family.source]
                whole[:] = _run(whole, cost)
            elif family.columns is not None:
                ends = self._start[family.target_row][family.target]
                at = family.columns + family.step - self.windows[family.target_row][0]
                ends[at] = np.minimum(target, source + cost)
            else:
                np.minimum(target, source + cost, out=target)
        for family in reversed(self.families):
            source, target, cost = self._edges(self._finish, family)
            if family.is_loop:
                whole = self._finish[family.row][family.source]
                whole[::-1] = _run(whole[::-1], cost[::-1] if cost.ndim else cost)
            elif family.columns is not None:
                starts = self._finish[family.row][family.source]
                starts[family.columns - self.windows[family.row][0]] = np.minimum(source, target + cost)
            else:
                np.minimum(source, target + cost, out=source)
        return float(self._start[last[0]][last[1], -1])

    def through(self, family: Family) -> tuple[NDArray[np.intp], Floats]:
        """The source columns of the family's edges, and the cost of the cheapest whole path through each."""
        source, _, cost = self._edges(self._start, family)
        _, target, _ = self._edges(self._finish, family)
        if family.columns is not None:
            return family.columns, source + cost + target
        first, _ = self._shared(family.row, family.target_row, family.step)
        return np.arange(first, first + len(source)), source + cost + target

    @cached_property
    def best_path(self) -> list[Step]:
        """The cheapest path of all."""
        return self._backward(self._last, self.windows[self._last[0]][1], {})

    def path(self, family: Family, column: int) -> tuple[list[Step], slice]:
        """The cheapest path through one edge, and which of its steps are not the best path's: it leaves that once and
        comes back once."""
        edge = Step(family.op, family.row, column, family.source, family.cost_at(column))
        before = self._backward((family.row, family.source), column, self._on_best)
        after = self._forward((family.target_row, family.target), column + family.step, self._on_best)
        path = [*before, edge, *after]
        first, last = (_same(path[::way], self.best_path[::way]) for way in (1, -1))
        return path, slice(first, len(path) - last)

    @cached_property
    def _on_best(self) -> dict[_Node, int]:
        """Which step of the best path starts at a node."""
        return {((step.row, step.state), step.column): number for number, step in enumerate(self.best_path)}

    def _shared(self, row: int, target_row: int, step: int) -> tuple[int, int]:
        """The first and the last source column from which an edge may lead from one row to another."""
        (low, high), (target_low, target_high) = self.windows[row], self.windows[target_row]
        return max(low, target_low - step), min(high, target_high - step)

    def _edges(self, costs: list[Floats], family: Family) -> tuple[Floats, Floats, Floats]:
        """The costs of the family's source nodes, of its target nodes, and of its edges, one for each edge.

        The nodes are views, but for families with `columns`.
        """
        source, target = costs[family.row][family.source], costs[family.target_row][family.target]
        low, target_low = self.windows[family.row][0], self.windows[family.target_row][0]
        if family.columns is not None:
            return source[family.columns - low], target[family.columns + family.step - target_low], family.cost
        first, last = self._shared(family.row, family.target_row, family.step)
        last = max(last, first - 1)
        cost = family.cost[first - family.first : last + 1 - family.first] if family.cost.ndim else family.cost
        shift = family.step - target_low
        return source[first - low : last + 1 - low], target[first + shift : last + 1 + shift], cost

    def _cost(self, costs: list[Floats], row: int, state: int, column: int) -> float:
        low, high = self.windows[row]
        return float(costs[row][state, column - low]) if low <= column <= high else float(INFINITE)

    def _backward(self, place: tuple[int, int], column: int, known: dict[_Node, int]) -> list[Step]:
        """The cheapest steps from the start to a node; `known` nodes are on the best path."""
        steps: list[Step] = []
        while place != self._first or column:
            if (place, column) in known:
                return self.best_path[: known[place, column]] + steps[::-1]
            best, chosen, own = float(INFINITE), None, 0.0
            for family in self._into.get(place, ()):
                before = self._cost(self._start, family.row, family.source, column - family.step)
                if before < best and before + (cost := family.cost_at(column - family.step)) < best:
                    best, chosen, own = before + cost, family, cost
            if chosen is None:
                raise AssertionError("no path leads here")
            place, column = (chosen.row, chosen.source), column - chosen.step
            steps.append(Step(chosen.op, chosen.row, column, chosen.source, own))
        return steps[::-1]

    def _forward(self, place: tuple[int, int], column: int, known: dict[_Node, int]) -> list[Step]:
        """The cheapest steps from a node to the end."""
        steps: list[Step] = []
        end = self.windows[self._last[0]][1]
        while place != self._last or column < end:
            if (place, column) in known:
                return steps + self.best_path[known[place, column] :]
            best, chosen, own = float(INFINITE), None, 0.0
            for family in self._out_of.get(place, ()):
                after = self._cost(self._finish, family.target_row, family.target, column + family.step)
                if after < best and after + (cost := family.cost_at(column)) < best:
                    best, chosen, own = after + cost, family, cost
            if chosen is None:
                raise AssertionError("no path leads on")
            steps.append(Step(chosen.op, chosen.row, column, chosen.source, own))
            place, column = (chosen.target_row, chosen.target), column + chosen.step
        return steps


def _run(values: Floats, cost: Floats) -> Floats:
    """min over k <= j of values[k] + cost[k] + ... + cost[j - 1]."""
    total = np.zeros(len(values), np.float64)
    np.cumsum(cost if cost.ndim else np.full(len(values) - 1, cost), out=total[1:])
    result: Floats = (np.minimum.accumulate(values - total) + total).astype(np.float32)
    return result


def _same(path: list[Step], other: list[Step]) -> int:
    """How many steps are the same ones from the start."""
    return next(
        (k for k, (a, b) in enumerate(zip(path, other, strict=False)) if a is not b), min(len(path), len(other))
    )
