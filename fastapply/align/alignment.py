"""The dynamic program that reads a snippet's lines against the original's, and its best and next best paths.

A line of the snippet is found (match), stands for another line (replace), is new (insert), or is a blank one by a
marker that means nothing (drop); a line of the original is found, kept under a marker or where no marker stands, or
deleted.
What each of these costs is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastapply.align.anchors import windows
from fastapply.align.chunks import file_outline
from fastapply.align.costs import Costs
from fastapply.align.homes import homes
from fastapply.align.lattice import Family, Lattice, Step
from fastapply.align.match import Floats
from fastapply.align.moves import moved_lines
from fastapply.align.prices import Prices
from fastapply.align.rows import Item, read_snippet
from fastapply.errors import RejectedError

# States: what was done last.
# READY and AFRESH wait for the next line of the snippet, AFRESH after lines that were kept.
MATCHED, INSERTED, DELETED, REPLACED, KEEPING, KEPT, SKIPPING, SKIPPED, REMOVING, READY, AFRESH, END = range(12)

# In a snippet that shows definitions without any marker:
_SKIP_BETWEEN_PARTS = 1.5
_DELETED_UNSEEN = 5.0

_DELETED_BESIDE = 7.0  # what is new beside its look-alikes replaces none of them

_MOST_CELLS = 15_000_000  # about 100 bytes each
_LARGE = 50_000  # cells; larger alignments look only between sure anchors
_VERY_LARGE = 500_000  # cells; there the header of a definition is a sure anchor by itself
_ANCHOR = 0.3  # the least weight of lines that must be found
_FARTHEST = 12.0  # nats; alternatives beyond are noise

_Decision = tuple[str, int]  # what happens to a line of the original or (found, new, dropped) to a row

_DECIDES = {
    "match": ("stays", "found"),
    "replace": ("gone", "new"),
    "insert": ("new",),
    "delete": ("gone",),
    "keep": ("stays",),
    "drop": ("dropped",),
}


class Alignment:
    """One original, one snippet, and the cheapest ways to read one against the other."""

    def __init__(self, original: str, update: str, language: str | None, costs: Costs) -> None:
        self.update = update
        self.original = file_outline(original, language)
        self.items, self.snippet = read_snippet(update, language, self.original)
        self.prices = Prices(self.original, self.snippet, self.items, costs)
        self.added = self.prices.fenced
        self.home: dict[int, range] = {}
        if self._shows_parts_only():
            self.prices.costs = replace(costs, skip_between=_SKIP_BETWEEN_PARTS, deleted_definition=_DELETED_UNSEEN)
        self._solve()

    def adding(self, lines: frozenset[int]) -> Alignment:
        """The same with these lines of the snippet new, whatever they look like, and beside what they look like."""
        other = copy(self)
        other.added = self.added | lines
        other.prices = copy(self.prices)
        dear = {"delete_after_match": _DELETED_BESIDE, "delete_after_insert": _DELETED_BESIDE}
        other.prices.costs = replace(self.prices.costs, **dear)
        other._solve()
        return other

    def at_home(self) -> Alignment | None:
        """The same with the lines of each definition found in the one of its name alone, where that leaves no choice;
        None if they are already."""
        home = homes(self.prices)
        if all(
            step.column in home.get(step.row - 1, (step.column,))
            for step in self.lattice.best_path
            if step.op in ("match", "replace")
        ):
            return None
        other = copy(self)
        other.home = home
        other._solve()
        return other

    def moving(self) -> Iterator[Alignment]:
        """The same against a file without one of the definitions that the snippet shows at another place."""
        for moved in moved_lines(self.prices):
            rest = [line for k, line in enumerate(self.original.lines) if k not in moved]
            yield Alignment("\n".join(rest), self.update, self.original.language, self.prices.costs)

    def _solve(self) -> None:
        windows = self._windows()
        if sum(high - low for low, high in windows) > _MOST_CELLS:
            raise RejectedError(
                f"an edit of {len(self.snippet.lines)} lines cannot be aligned with a file of "
                f"{len(self.original.lines)}: that takes too much memory; split the edit, or send a diff"
            )
        self.lattice = Lattice(windows, END + 1)
        self._build()
        self.cost = self.lattice.solve((0, KEPT), (len(self.items), END))

    def _windows(self) -> list[tuple[int, int]]:
        """For each row and the end: the first and the last column that it may stand at."""
        whole = (0, len(self.original.lines))
        if len(self.items) * whole[1] < _LARGE:
            return [whole] * (len(self.items) + 1)
        hidden = self.snippet.markers | self.added
        shown = [text if k not in hidden else "" for k, text in enumerate(self.snippet.stripped)]
        large = len(self.items) * whole[1] > _VERY_LARGE
        headers = {chunk.header for chunk in self.snippet.definitions} if large else set[int]()
        return [whole, *windows(shown, self.original.stripped, headers), whole]

    def _shows_parts_only(self) -> bool:
        """Without a single marker, does the snippet show some definitions and not the whole file?

        Then definitions that it leaves out stay, though its lines are neighbours.
        """
        if any(item.kind not in ("code", "edge") for item in self.items):
            return False
        known = set(self.snippet.stripped)
        shown = np.array([text in known for text in self.original.stripped], np.bool_)
        weights = self.prices.weights
        return bool(weights[shown].sum() < 0.5 * weights.sum())

    def anchored(self) -> bool:
        """Does the best path find anything of the snippet in the original?"""
        known = 0.0
        for step in self.lattice.best_path:
            if step.op in ("match", "replace"):
                known += self.prices.weights[step.column]
            elif step.op == "delete" and step.row < len(self.items) and self.items[step.row].kind == "remove":
                known += 1.0
        # A new definition alone goes to an end of the file, the one that no marker stands at; between two to the last.
        alone = sum(item.kind not in ("code", "edge") for item in self.items) <= 2
        return known > _ANCHOR or (alone and bool(self.snippet.definitions))

    # Moves ---------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for row, item in enumerate(self.items):
            self._add_gap(row)
            if item.kind == "code":
                self._add_code(row, item.line)
            elif item.kind == "remove":
                self._add_remove(row, item.target)
            else:
                self._add_keep(row, item)
        last = len(self.items)
        self._add_gap(last)
        self.lattice.add("", (last, READY), (last, END), 0, 0.0)
        self.lattice.add("", (last, AFRESH), (last, END), 0, 0.0)

    def _add_gap(self, row: int) -> None:
        """Between two rows: lines of the original that are deleted, or kept though no marker says so."""
        add, c, delete = self.lattice.add, self.prices.costs, self.prices.delete
        between = delete * np.float32(c.delete_between)
        add("delete", (row, MATCHED), (row, DELETED), 1, c.delete_after_match + between)
        add("delete", (row, KEPT), (row, DELETED), 1, c.delete_after_kept + between)
        add("delete", (row, DELETED), (row, DELETED), 1, between)
        add("delete", (row, INSERTED), (row, REPLACED), 1, c.delete_after_insert + delete)
        add("delete", (row, REPLACED), (row, REPLACED), 1, delete)
        above, below = self.items[max(row - 1, 0)], self.items[min(row, len(self.items) - 1)]
        if above.kind == "code" and below.kind in ("code", "remove"):
            opening, line, closing = self.prices.skip(row) if below.kind == "code" else self.prices.skip_blank(row)
            for state in (MATCHED, INSERTED, REPLACED):
                add("keep", (row, state), (row, SKIPPING), 1, opening)
            add("keep", (row, SKIPPING), (row, SKIPPING), 1, line)
            add("", (row, SKIPPING), (row, SKIPPED), 0, closing)
        for state in (MATCHED, INSERTED, DELETED, REPLACED):
            add("", (row, state), (row, READY), 0, 0.0)
        for state in (KEPT, SKIPPED):
            add("", (row, state), (row, AFRESH), 0, 0.0)

    def _add_code(self, row: int, line: int) -> None:
        """A line of the snippet is found, stands for another, is new, or means nothing."""
        add, c, prices = self.lattice.add, self.prices.costs, self.prices
        # Within a run the place was paid for by its first line, but each chunk pays for itself.
        again = 1.0 if self.snippet.chunk_of[line].header == line else c.same_place
        is_blank, added = not self.snippet.stripped[line], line in self.added
        if not added or is_blank:
            same, cost = self._inside(line, *prices.same(line))
            add("match", (row, READY), (row + 1, MATCHED), 1, np.minimum(cost * again, c.header_again), same)
            add("match", (row, AFRESH), (row + 1, MATCHED), 1, cost, same)
        if not added and not is_blank:
            like, cost, place = self._inside(line, *prices.alike(line))
            add("replace", (row, READY), (row + 1, INSERTED), 1, cost + place * again, like)
            add("replace", (row, AFRESH), (row + 1, INSERTED), 1, cost + place, like)
        elif is_blank and (self.items[row - 1].kind != "code" or self.items[row + 1].kind != "code"):
            for state in (MATCHED, INSERTED, REPLACED, KEPT, SKIPPED):
                below_new = prices.parted * c.drop_below_new * (state == INSERTED)
                removed = c.drop_removed * (self.items[row + 1].kind == "remove")
                add("drop", (row, state), (row + 1, state), 0, c.drop_blank + removed + below_new)
        price, place = prices.new(line), prices.place(line)
        after_kept = c.insert_after_kept + prices.glue_above(row)
        add("insert", (row, INSERTED), (row + 1, INSERTED), 0, prices.new_again(line))
        add("insert", (row, MATCHED), (row + 1, INSERTED), 0, price + place + c.insert_after_match)
        add("insert", (row, KEPT), (row + 1, INSERTED), 0, price + place + after_kept)
        add("insert", (row, SKIPPED), (row + 1, INSERTED), 0, price + place + c.insert_after_skipped)

    def _inside(self, line: int, columns: NDArray[np.intp], *values: Floats) -> tuple[Any, ...]:
        """Those columns, with their values, in which the snippet's line may be found."""
        if line not in self.home:
            return columns, *values
        home = self.home[line]
        inside = (columns >= home.start) & (columns < home.stop)
        return columns[inside], *(value[inside] for value in values)

    def _add_keep(self, row: int, item: Item) -> None:
        """A marker, or an end of the snippet where one may be missing, keeps lines of the original, or none."""
        add, c, prices = self.lattice.add, self.prices.costs, self.prices
        some, none = (c.kept_at_edge, 0.0) if item.kind == "edge" else (0.0, c.kept_nothing)
        opening = prices.start_keeping(row) + np.float32(c.kept_line + some)
        before = {
            MATCHED: opening,
            KEPT: opening,
            INSERTED: opening + prices.glue_below(row),
            DELETED: opening + np.float32(c.keep_after_delete),
            REPLACED: opening + np.float32(c.keep_after_replace),
        }
        extra = {DELETED: c.keep_after_delete, REPLACED: c.keep_after_replace}
        for state, cost in before.items():
            add("keep", (row, state), (row + 1, KEEPING), 1, cost)
            add("", (row, state), (row + 1, KEPT), 0, none + extra.get(state, 0.0))
        add("keep", (row + 1, KEEPING), (row + 1, KEEPING), 1, c.kept_line)
        add("", (row + 1, KEEPING), (row + 1, KEPT), 0, prices.stop_keeping(row))
        if item.kind == "bare":  # it may be a statement as well
            same, cost = prices.same(item.line)
            for state in (READY, AFRESH):
                add("match", (row, state), (row + 1, MATCHED), 1, cost, same)

    def _add_remove(self, row: int, target: str) -> None:
        """A marker that says what goes deletes lines, best from the start to the end of the thing it names."""
        add, c = self.lattice.add, self.prices.costs
        line, opening, closing = self.prices.removal(target)
        for state in (MATCHED, INSERTED, REPLACED, KEPT, SKIPPED):
            add("delete", (row, state), (row + 1, REMOVING), 1, opening + line)
            add("", (row, state), (row + 1, KEPT), 0, 2 * c.remove_other)
        add("delete", (row + 1, REMOVING), (row + 1, REMOVING), 1, line)
        add("", (row + 1, REMOVING), (row + 1, REPLACED), 0, closing)

    # Paths ---------------------------------------------------------------------------------------------------------

    def paths(self) -> Iterator[tuple[list[Step], float]]:
        """The best path and those in which one decision falls differently, with their costs, cheapest first."""
        best = self.lattice.best_path
        yield best, self.cost
        seen = _decisions(best)
        for cost, decision, family, column in self._alternatives(seen):
            if decision not in seen:
                path, own = self.lattice.path(family, column)
                seen |= _decisions(path[own])
                yield path, cost

    def _alternatives(self, seen: set[_Decision]) -> list[tuple[float, _Decision, Family, int]]:
        """For each line and each thing that may happen to it: the cheapest path's cost and the edge that does it. Those
        `seen` may be left out."""
        best: dict[_Decision, tuple[float, int, int]] = {}
        stays = np.array([("stays", column) in seen for column in range(len(self.original.lines))], np.bool_)
        for number, family in enumerate(self.lattice.families):
            if family.op not in _DECIDES:
                continue
            columns, through = self.lattice.through(family)
            near = np.flatnonzero(through < self.cost + _FARTHEST)
            if family.op == "keep":  # nearly all lines of a large file are kept, and that is seen
                near = near[~stays[columns[near]]]
            for column, cost in zip(columns[near].tolist(), through[near].tolist(), strict=True):
                found = (cost, number, column)
                for decision in _decided(family.op, family.row, column):
                    best[decision] = min(best.get(decision, found), found)
        ranked = sorted((cost, decision, number, column) for decision, (cost, number, column) in best.items())
        return [(cost, decision, self.lattice.families[number], column) for cost, decision, number, column in ranked]


def _decided(op: str, row: int, column: int) -> list[_Decision]:
    return [(kind, column if kind in ("gone", "stays") else row) for kind in _DECIDES.get(op, ())]


def _decisions(path: list[Step]) -> set[_Decision]:
    return {decision for step in path for decision in _decided(step.op, step.row, step.column)}
