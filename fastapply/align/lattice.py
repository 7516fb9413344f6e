"""Cheapest paths through a grid of snippet rows and original columns, in a few states: numpy, nothing about text.

A node is (row, state, column). Edges come in families: one source row and state, one target row and state, and a cost
for each column. A family with step 1 passes over one column, that is, one line of the original. Families are added in
an order in which costs can flow (a loop, from a state to itself in the same row, after all that lead into it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
INFINITE = np.float32(1e9)


class Step(NamedTuple):
    """One edge of a path: `op` says what it does, `row` and `column` are where it starts."""

    op: str
    row: int
    column: int
    state: int
    cost: float


@dataclass(slots=True)
class Family:
    """Edges from (row, source, j) to (target_row, target, j + step), costing `cost[j]` (or `cost` for every j).

    With `columns`, only those source columns have an edge, and `cost` goes with them.
    """

    op: str
    row: int
    source: int
    target_row: int
    target: int
    step: int
    cost: Floats  # [columns] or []
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
        return float(self.cost[column]) if self.cost.ndim else float(self.cost)


class Lattice:
    """Families in order, and the cheapest costs from the start and to the end once `solve` was called."""

    def __init__(self, rows: int, states: int, columns: int) -> None:
        self.shape = (rows, states, columns)
        self.families: list[Family] = []
        self._into: dict[tuple[int, int], list[Family]] = {}
        self._out_of: dict[tuple[int, int], list[Family]] = {}
        self.start = np.empty(0)  # cheapest cost from the start to each node, once solved
        self.finish = np.empty(0)  # cheapest cost from each node to the end

    def add(
        self,
        op: str,
        source: tuple[int, int],
        target: tuple[int, int],
        step: int,
        cost: Floats | float,
        columns: NDArray[np.intp] | None = None,
    ) -> None:
        """Add a family from `source` to `target`, both (row, state). `columns` ascend."""
        family = Family(op, *source, *target, step, np.asarray(cost, np.float32), columns)
        self.families.append(family)
        self._into.setdefault(target, []).append(family)
        self._out_of.setdefault(source, []).append(family)

    def solve(self, first: tuple[int, int], last: tuple[int, int]) -> float:
        """Find all cheapest costs between node `first` in column 0 and node `last` in the last column."""
        columns = self.shape[2]
        self.start = np.full(self.shape, INFINITE, np.float32)
        self.finish = np.full(self.shape, INFINITE, np.float32)
        self.start[first][0] = 0.0
        self.finish[last][columns - 1] = 0.0
        for family in self.families:
            source, target = self.start[family.row, family.source], self.start[family.target_row, family.target]
            if family.is_loop:
                target[:] = _run(target, family.cost)
            elif family.columns is not None:
                at = family.columns + family.step
                target[at] = np.minimum(target[at], source[family.columns] + family.cost)
            else:
                size = columns - family.step
                np.minimum(target[family.step :], source[:size] + _cut(family.cost, size), out=target[family.step :])
        for family in reversed(self.families):
            source, target = self.finish[family.row, family.source], self.finish[family.target_row, family.target]
            if family.is_loop:
                source[:] = _run(source[::-1], _mirror(family.cost, columns))[::-1]
            elif family.columns is not None:
                at = family.columns
                source[at] = np.minimum(source[at], target[at + family.step] + family.cost)
            else:
                size = columns - family.step
                np.minimum(source[:size], target[family.step :] + _cut(family.cost, size), out=source[:size])
        self._first, self._last = first, last
        return float(self.start[last][columns - 1])

    def through(self, family: Family) -> Floats:
        """The cost of the cheapest whole path through each edge of the family, by its column or place in `columns`."""
        source = self.start[family.row, family.source]
        target = self.finish[family.target_row, family.target]
        if family.columns is not None:
            found: Floats = source[family.columns] + family.cost + target[family.columns + family.step]
            return found
        size = self.shape[2] - family.step
        through: Floats = source[:size] + _cut(family.cost, size) + target[family.step :]
        return through

    def path(self, family: Family, column: int) -> list[Step]:
        """The cheapest path through one edge."""
        edge = Step(family.op, family.row, column, family.source, family.cost_at(column))
        before = self._backward((family.row, family.source), column)
        after = self._forward((family.target_row, family.target), column + family.step)
        return [*before, edge, *after]

    def best_path(self) -> list[Step]:
        """The cheapest path of all."""
        return self._backward(self._last, self.shape[2] - 1)

    def _backward(self, node: tuple[int, int], column: int) -> list[Step]:
        steps: list[Step] = []
        while node != self._first or column:
            best, chosen = float(INFINITE), None
            for family in self._into.get(node, ()):
                j = column - family.step
                if j < 0:
                    continue
                cost = family.cost_at(j)
                total = float(self.start[family.row, family.source, j]) + cost
                if total < best:
                    best, chosen, own = total, family, cost
            if chosen is None:
                raise AssertionError("no path leads here")
            node, column = (chosen.row, chosen.source), column - chosen.step
            steps.append(Step(chosen.op, chosen.row, column, chosen.source, own))
        steps.reverse()
        return steps

    def _forward(self, node: tuple[int, int], column: int) -> list[Step]:
        steps: list[Step] = []
        while node != self._last or column < self.shape[2] - 1:
            best, chosen = float(INFINITE), None
            for family in self._out_of.get(node, ()):
                j = column + family.step
                if j >= self.shape[2]:
                    continue
                cost = family.cost_at(column)
                total = float(self.finish[family.target_row, family.target, j]) + cost
                if total < best:
                    best, chosen, own = total, family, cost
            if chosen is None:
                raise AssertionError("no path leads on")
            steps.append(Step(chosen.op, chosen.row, column, chosen.source, own))
            node, column = (chosen.target_row, chosen.target), column + chosen.step
        return steps


def _cut(cost: Floats, size: int) -> Floats:
    return cost[:size] if cost.ndim else cost


def _mirror(cost: Floats, columns: int) -> Floats:
    """Costs of a loop seen from the end: stepping from mirrored column k is leaving column columns - 2 - k."""
    if not cost.ndim:
        return cost
    mirrored = np.zeros(columns, np.float32)
    mirrored[: columns - 1] = cost[: columns - 1][::-1]
    return mirrored


def _run(values: Floats, cost: Floats) -> Floats:
    """min over k <= j of values[k] + cost[k] + ... + cost[j - 1]."""
    columns = len(values)
    total = np.zeros(columns, np.float64)
    steps = cost[: columns - 1] if cost.ndim else np.full(columns - 1, cost)
    np.cumsum(steps, out=total[1:])
    result: Floats = (np.minimum.accumulate(values - total) + total).astype(np.float32)
    return result
