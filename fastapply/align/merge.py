"""From a file and a lazy snippet to the likeliest whole files.

One dynamic program reads the snippet's lines against the original's: a line of the snippet is found (match), stands for
another line (replace) or is new (insert); a line of the original is found, kept under a marker, skipped where no marker
stands, or deleted. Syntax trees inform the costs: a line found in another function than the snippet shows is hardly the
same line. Variants come from the same program: the cheapest path in which one decision falls differently.

Knows LF text only; knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fastapply.align.chunks import CLOSES, OPENER, Chunk, Outline, common
from fastapply.align.lattice import Floats, Lattice, Step
from fastapply.align.match import Places, key_of, similarity, weights
from fastapply.align.render import render
from fastapply.errors import RejectedError
from fastapply.text.markers import MarkerKind, classify, marker_target

# States of the program: what was done last.
MATCHED, INSERTED, DELETED, REPLACED, KEEPING, KEPT, SKIPPING, SKIPPED, READY, AFRESH, REMOVING, END = range(12)


@dataclass(frozen=True, slots=True)
class Merge:
    """One whole file that the update may mean. `cost` is in nats: a difference of 3 is twenty to one."""

    text: str
    cost: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What each decision costs, in nats."""

    insert: float = 1.9
    insert_known: float = 5.9
    insert_closer: float = 2.6  # more, if what it closes is not new  # more, if the line stands in the original
    insert_blank: float = 0.52
    insert_after_match: float = 0.84
    insert_after_kept: float = 3.7
    insert_after_skipped: float = 1.2
    drop_blank: float = 0.28
    glue: float = 0.91
    misplaced: float = 1.5
    out_of_place: float = 0.36  # the most that a place costs a telling line (times 0.5) or a lone bracket (times 1.5)
    header_again: float = 0.52  # the most that a place costs an equal line within a run
    same_place: float = 0.15  # times the cost of a place that the run stands in already
    replace: float = 6.6  # times 1 - similarity
    replace_key: float = 0.42
    delete_after_match: float = 2.5
    delete_after_kept: float = 8.2
    delete_after_insert: float = 1.4
    delete_between: float = 0.68  # times the costs of the lines, where neighbours in the snippet leave them out
    deleted_line: float = 0.61
    deleted_line_shown: float = 0.095
    deleted_definition: float = 2.3
    deleted_blank: float = 0.062
    keep_after_delete: float = 5.0
    keep_after_replace: float = 0.65
    kept_line: float = 0.001
    kept_nothing: float = 3.2
    kept_at_edge: float = 1.2
    inside_shown: float = 1.6
    inside_shown_block: float = 0.99
    skip: float = 11.0
    skip_between: float = 9.3
    skipped_line: float = 0.062


@dataclass(frozen=True, slots=True)
class Item:
    """One row: a line of the snippet (`line`), or the place before its first or after its last line (kind "edge")."""

    kind: str  # code, keep, bare, remove, edge
    line: int
    target: str = ""


def merges(original: str, update: str, language: str | None, n: int = 8) -> list[Merge]:
    """The `n` likeliest merges with distinct texts, best first.

    Raises RejectedError if the update matches nothing in the original.
    """
    if not original.strip():
        return [Merge(update, 0.0)]
    ending = "\n" * original.endswith("\n")
    aligner = Aligner(original.removesuffix("\n"), update, language, Costs())
    if not aligner.anchored():
        raise RejectedError("the update matches nothing in the file: check that it is meant for this file")
    found: dict[str, float] = {}
    for path, cost in aligner.paths(n):
        for body, extra in render(aligner.original, aligner.snippet, path):
            text = body + ending
            if text not in found or found[text] > cost + extra:
                found[text] = cost + extra
    ranked = sorted(found.items(), key=lambda pair: pair[1])[:n]
    return [Merge(text, cost) for text, cost in ranked]


class Aligner:
    """The dynamic program over one original and one snippet."""

    def __init__(self, original: str, update: str, language: str | None, costs: Costs) -> None:
        self.costs = costs
        self.original = Outline(original.split("\n"), language)
        self.items, self.snippet = read_snippet(update, language, self.original)
        self.places = Places(self.original, self.snippet)
        self.columns = len(self.original.lines)
        self.lattice = Lattice(len(self.items) + 1, 12, self.columns + 1)
        self._build()
        last = (len(self.items), END)
        self.cost = self.lattice.solve((0, KEPT), last)

    # The lattice ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for row, item in enumerate(self.items):
            self._add_gap(row)
            if item.kind == "code":
                self._add_code(row, item)
            elif item.kind == "remove":
                self._add_remove(row, item)
            else:
                self._add_keep(row, item)
        self._add_gap(len(self.items))
        for state in (READY, AFRESH):
            self.lattice.add("", (len(self.items), state), (len(self.items), END), 0, 0.0)

    def _add_gap(self, row: int) -> None:
        """Between two rows: lines of the original that are deleted, or kept though no marker says so."""
        add, c = self.lattice.add, self.costs
        add("", (row, KEEPING), (row, KEPT), 0, self._stray_below(row))
        delete = self._delete_costs
        between = delete * np.float32(c.delete_between)
        add("delete", (row, MATCHED), (row, DELETED), 1, c.delete_after_match + between)
        add("delete", (row, KEPT), (row, DELETED), 1, c.delete_after_kept + between)
        add("delete", (row, SKIPPED), (row, DELETED), 1, c.delete_after_kept + between)
        add("delete", (row, DELETED), (row, DELETED), 1, between)
        add("", (row, REMOVING), (row, REPLACED), 0, 0.0)
        add("delete", (row, INSERTED), (row, REPLACED), 1, c.delete_after_insert + delete)
        add("delete", (row, REPLACED), (row, REPLACED), 1, delete)
        if 0 < row < len(self.items) and self.items[row - 1].kind == "code" and self.items[row].kind == "code":
            opening, closing = self._skip_costs(row)
            for state in (MATCHED, INSERTED, REPLACED):
                add("keep", (row, state), (row, SKIPPING), 1, opening)
            add("keep", (row, SKIPPING), (row, SKIPPING), 1, c.skipped_line)
            add("", (row, SKIPPING), (row, SKIPPED), 0, closing)
        for state in (MATCHED, INSERTED, DELETED, REPLACED):
            add("", (row, state), (row, READY), 0, 0.0)
        for state in (KEPT, SKIPPED):
            add("", (row, state), (row, AFRESH), 0, 0.0)

    def _add_code(self, row: int, item: Item) -> None:
        add, c = self.lattice.add, self.costs
        text = self.snippet.stripped[item.line]
        same, cost = self._match_costs(item.line)
        # Within a run, the place was paid for by the first line.
        again = 1.0 if self.snippet.chunk_of[item.line].header == item.line else c.same_place
        if len(same):
            add("match", (row, READY), (row + 1, MATCHED), 1, np.minimum(cost * again, c.header_again), same)
            add("match", (row, AFRESH), (row + 1, MATCHED), 1, cost, same)
        if not text:
            for state in (MATCHED, INSERTED, REPLACED, KEPT, SKIPPED):
                if self._beside_marker(row):
                    add("drop", (row, state), (row + 1, state), 0, c.drop_blank)
        else:
            like, cost, place = self._replace_costs(item.line, same)
            if len(like):
                add("replace", (row, READY), (row + 1, INSERTED), 1, cost + place * again, like)
                add("replace", (row, AFRESH), (row + 1, INSERTED), 1, cost + place, like)
        price = c.insert_blank if not text else c.insert + c.insert_known * self._known(item.line)
        price += c.insert_closer * self._closes_old(item.line)
        place = self._place_costs(item.line)
        add("insert", (row, INSERTED), (row + 1, INSERTED), 0, price)
        add("insert", (row, MATCHED), (row + 1, INSERTED), 0, price + c.insert_after_match + place)
        add("insert", (row, KEPT), (row + 1, INSERTED), 0, price + c.insert_after_kept + place + self._glue_above(row))
        add("insert", (row, SKIPPED), (row + 1, INSERTED), 0, price + c.insert_after_skipped + place)

    def _add_keep(self, row: int, item: Item) -> None:
        add, c = self.lattice.add, self.costs
        edge = item.kind == "edge"
        line = np.float32(c.kept_line)
        opening = self._stray(row) + line + (c.kept_at_edge if edge else 0.0)
        nothing = 0.0 if edge else c.kept_nothing
        for state, extra in (
            (MATCHED, 0.0),
            (INSERTED, 0.0),
            (DELETED, c.keep_after_delete),
            (REPLACED, c.keep_after_replace),
            (KEPT, 0.0),
        ):
            glue = self._glue_below(row) if state == INSERTED else np.float32(0)
            add("keep", (row, state), (row + 1, KEEPING), 1, opening + extra + glue)
            add("", (row, state), (row + 1, KEPT), 0, nothing + extra)
        add("keep", (row + 1, KEEPING), (row + 1, KEEPING), 1, line)
        if item.kind == "bare":
            same, cost = self._match_costs(item.line)
            for state in (READY, AFRESH):
                if len(same):
                    add("match", (row, state), (row + 1, MATCHED), 1, cost, same)

    def _add_remove(self, row: int, item: Item) -> None:
        """A marker that names what goes: deleting lines that hold the name, or stand in a chunk of that name."""
        add = self.lattice.add
        cost = np.full(self.columns, 0.5, np.float32)
        for j in range(self.columns):
            chain = self.original.chunk_of[j].chain()
            if item.target and (item.target in self.original.stripped[j] or any(item.target == c.name for c in chain)):
                cost[j] = 0.01
            elif not self.original.stripped[j]:
                cost[j] = 0.1
        for state in (MATCHED, INSERTED, REPLACED, KEPT):
            add("delete", (row, state), (row + 1, REMOVING), 1, cost)
            add("", (row, state), (row + 1, KEPT), 0, 4.0)
        add("delete", (row + 1, REMOVING), (row + 1, REMOVING), 1, cost)

    # Costs by column -----------------------------------------------------------------------------------------------

    @cached_property
    def _lines_of(self) -> dict[str, NDArray[np.intp]]:
        """Where each stripped text stands in the original."""
        places: dict[str, list[int]] = {}
        for k, text in enumerate(self.original.stripped):
            places.setdefault(text, []).append(k)
        return {text: np.array(lines, np.intp) for text, lines in places.items()}

    @cached_property
    def _chunk_indices(self) -> NDArray[np.intp]:
        return np.array([chunk.index for chunk in self.original.chunk_of], np.intp)

    @cached_property
    def _boundary_chunks(self) -> list[Chunk]:
        """For each boundary j: the innermost chunk that both line j - 1 and line j stand in."""
        of = self.original.chunk_of
        inner = [common(of[j - 1], of[j]) for j in range(1, self.columns)]
        return [self.original.root, *inner, self.original.root]

    @cached_property
    def _boundary_indices(self) -> NDArray[np.intp]:
        return np.array([chunk.index for chunk in self._boundary_chunks], np.intp)

    @cached_property
    def _delete_costs(self) -> Floats:
        c = self.costs
        cost = np.empty(self.columns, np.float32)
        for j, text in enumerate(self.original.stripped):
            chunk = self.original.chunk_of[j]
            shown = next((inner for inner in chunk.chain() if self.places.shown(inner)), self.original.root)
            around = next((inner for inner in chunk.chain() if inner.is_definition), None)
            if not text:
                cost[j] = c.deleted_blank
            elif around is not None and not self.places.shown(around):
                cost[j] = c.deleted_line + (c.deleted_definition if around.header == j else 0.0)
            else:
                cost[j] = c.deleted_line_shown if self._spelled_out(shown) else c.deleted_line
        # One more for the edge that no line leaves from; it is never used.
        return np.append(cost, np.float32(0))

    def _spelled_out(self, theirs: Chunk) -> bool:
        """Does the snippet show this chunk of the original from its first to its last line, without a marker?"""
        for index in self.places.claimers[theirs.index]:
            ours = self.snippet.chunks[index]
            marked = any(ours.start <= k < ours.end for k in self.snippet.markers)
            if not marked and ours.closed >= theirs.closed:
                return True
        return False

    def _match_costs(self, line: int) -> tuple[NDArray[np.intp], Floats]:
        """The lines of the original that hold the text of the snippet's line, and what finding it there costs."""
        at = self._lines_of.get(self.snippet.stripped[line])
        if at is None:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        place = self.places.cost[self.snippet.chunk_of[line].index, self._chunk_indices[at]]
        # A text that stands in one place only is at home there, whatever surrounds it.
        most = self.costs.out_of_place * (1.5 - self._weights[at[0]])
        return at, np.minimum(place, most) * np.float32(1.0 if self.snippet.stripped[line] else 0.2)

    def _replace_costs(self, line: int, same: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats, Floats]:
        """The lines of the original that the snippet's line may stand for, what that costs, and what their place costs."""
        c, text = self.costs, self.snippet.stripped[line]
        key, info = key_of(self.snippet, line), self.snippet.info[line]
        place = self.places.cost[self.snippet.chunk_of[line].index][self._chunk_indices]
        at: list[int] = []
        cost: list[float] = []
        known = c.insert_known * self._known(line)
        candidates = np.flatnonzero(place < 6.0)
        if len(same) and place[same].min() < 0.5 and not key:
            candidates = candidates[:0]
        for j in candidates:
            other, theirs = self.original.stripped[j], self.original.info[j]
            if not other or other == text:
                continue
            alike = similarity(text, other)
            if info.name and info.name == theirs.name and info.kind == theirs.kind and info.kind in ("function", "type"):
                price = 0.1
            elif key and key == self._keys[j]:
                price = c.replace_key + 0.3 * (1 - alike)
            elif alike and self._heads(line, j):
                price = 0.1 + self._header_clash(line, j)
            elif alike:
                price = c.replace * (1 - alike) + self._header_clash(line, j)
            else:
                continue
            at.append(j)
            cost.append(price + known)
        return np.array(at, np.intp), np.array(cost, np.float32), place[at]

    def _heads(self, line: int, j: int) -> bool:
        """Do both lines open a chunk? Then their places' cost tells already how much they differ."""
        mine, theirs = self.snippet.chunk_of[line], self.original.chunk_of[j]
        return mine.header == line and theirs.header == j

    def _header_clash(self, line: int, j: int) -> float:
        """Definitions of different names are hardly the same, if either name stands on both sides."""
        mine, theirs = self.snippet.info[line], self.original.info[j]
        kinds = ("function", "type")
        if mine.kind in kinds and theirs.kind in kinds:
            both = any(mine.name == chunk.name for chunk in self.original.definitions)
            both = both or any(theirs.name == chunk.name for chunk in self.snippet.definitions)
            return 3.0 if both else 0.3
        return 1.0 if mine.kind in kinds or theirs.kind in kinds else 0.0

    @cached_property
    def _keys(self) -> list[str]:
        return [key_of(self.original, j) for j in range(self.columns)]

    @cached_property
    def _weights(self) -> list[float]:
        return weights(self.original)

    def _known(self, line: int) -> float:
        """How surprising it is that this line of the snippet should be new: 0..1."""
        at = self._lines_of.get(self.snippet.stripped[line])
        if at is None:
            return 0.0
        place = self.places.cost[self.snippet.chunk_of[line].index, self._chunk_indices[at]]
        return float(max(self._weights[j] * max(0.0, 1 - cost) for j, cost in zip(at, place, strict=True)))

    def _closes_old(self, line: int) -> bool:
        """Is this a lone bracket or `end` whose opening line is not in the snippet, or is nothing new?"""
        text = self.snippet.stripped[line]
        if not CLOSES.match(text) or OPENER.fullmatch(text):
            return False
        chunk = self.snippet.chunk_of[line]
        return chunk.header < 0 or chunk.header == line or self.snippet.stripped[chunk.header] in self._lines_of

    def _place_costs(self, line: int) -> Floats:
        """For each boundary of the original: what it costs to put the snippet's line there."""
        chunk = self.snippet.chunk_of[line]
        if line == chunk.start and chunk.parent is not None:
            chunk = chunk.parent
        place = np.minimum(self.places.cost[chunk.index, self._boundary_indices], 3.0)
        if self.snippet.info[line].kind == "import":
            return place + self._away_from_imports
        return place * np.float32(self.costs.misplaced)

    @cached_property
    def _away_from_imports(self) -> Floats:
        imports = [info.kind == "import" for info in self.original.info]
        away = np.full(self.columns + 1, 1.0 if any(imports) else 0.0, np.float32)
        for j, is_import in enumerate(imports):
            if is_import:
                away[j] = min(away[j], 0.05)
                away[j + 1] = 0.0
        return away

    def _open_chunks(self, row: int) -> set[int]:
        """Chunks of the snippet that are open at a row, or at the boundary before it for code."""
        item = self.items[row]
        if item.kind == "edge":
            return {0} | (self._unclosed(row) if row else set())
        chunks = {chunk.index for chunk in self.snippet.chunk_of[item.line].chain()}
        if item.kind != "code":
            chunks |= self._unclosed(row)
        return chunks

    def _unclosed(self, row: int) -> set[int]:
        """Chunks of the line above that may go on under the marker of `row`, whatever the marker's indentation."""
        before = self.items[row - 1]
        if before.kind != "code":
            return set()
        above = self.snippet.chunk_of[before.line]
        if not self._braces and above.header != before.line:
            return set()
        return {chunk.index for chunk in above.chain() if not chunk.closed}

    @cached_property
    def _braces(self) -> bool:
        """Does the language close its chunks with a line of their own?"""
        bodies = [chunk for chunk in self.original.chunks[1:] if chunk.end - chunk.header > 1]
        return sum(chunk.closed for chunk in bodies) * 2 > len(bodies)

    def _stray(self, row: int, opened: set[int] | None = None) -> Floats:
        """For each boundary of the original: the cost of lines kept up to or from there by the marker of `row`.

        Keeping a part of a chunk that the snippet shows elsewhere, from outside of that place, is unlikely.
        """
        if opened is None:
            opened = self._open_chunks(row) if 0 <= row < len(self.items) else {0}
        c = self.costs
        bad = [0.0] * len(self.original.chunks)
        for chunk in self.original.chunks[1:]:
            claimers = self.places.claimers[chunk.index]
            assert chunk.parent is not None
            bad[chunk.index] = bad[chunk.parent.index]
            if claimers and not claimers & opened:
                own = c.inside_shown if chunk.is_definition else c.inside_shown_block
                bad[chunk.index] = max(bad[chunk.index], own)
        return np.array(bad, np.float32)[self._boundary_indices]

    def _stray_below(self, row: int) -> Floats:
        """The same where the kept lines end: the next line of code opens its own chunks."""
        if not row or self.items[row - 1].kind == "code":
            return np.zeros(self.columns + 1, np.float32)
        opened = self._open_chunks(row - 1)
        if row < len(self.items) and self.items[row].kind == "code":
            opened |= {chunk.index for chunk in self.snippet.chunk_of[self.items[row].line].chain()}
        return self._stray(row - 1, opened)

    def _skip_costs(self, row: int) -> tuple[Floats, Floats]:
        above = self.snippet.chunk_of[self.items[row - 1].line]
        below = self.snippet.chunk_of[self.items[row].line]
        if below.start == self.items[row].line and below.parent is not None:
            below = below.parent
        shared = common(above, below)
        stray = self._stray(-1, {chunk.index for chunk in shared.chain()})
        between = above is not shared and shared.kind in ("file", "type")
        opening = stray + np.float32(self.costs.skip_between if between else self.costs.skip)
        return opening, stray

    def _beside_marker(self, row: int) -> bool:
        return self.items[row - 1].kind != "code" or self.items[row + 1].kind != "code"

    @cached_property
    def _after_blank(self) -> Floats:
        """1 at boundaries where the line above is blank and the line below is not."""
        blank = [not text for text in self.original.stripped]
        inner = [float(blank[j - 1] and not blank[j]) for j in range(1, self.columns)]
        return np.array([0.0, *inner, 0.0], np.float32)

    @cached_property
    def _before_blank(self) -> Floats:
        blank = [not text for text in self.original.stripped]
        inner = [float(blank[j] and not blank[j - 1]) for j in range(1, self.columns)]
        return np.array([0.0, *inner, 0.0], np.float32)

    def _glue_below(self, row: int) -> Floats:
        """A new definition followed by kept lines whose blank line stayed above it."""
        line = self.items[row - 1].line
        return self._after_blank * np.float32(self.costs.glue * self._in_definition(line))

    def _glue_above(self, row: int) -> Floats:
        """Kept lines followed by a new definition, with their blank line left below it."""
        line = self.items[row].line
        return self._before_blank * np.float32(self.costs.glue * self._in_definition(line))

    def _in_definition(self, line: int) -> bool:
        """Is this the first or the last line of a definition in the snippet?"""
        chunk = self.snippet.chunk_of[line] if 0 <= line < len(self.snippet.lines) else self.snippet.root
        return chunk.is_definition and line in (chunk.start, chunk.end - 1)

    # Paths ---------------------------------------------------------------------------------------------------------

    def anchored(self) -> bool:
        """Does the best path find anything of the snippet in the original?"""
        known = 0.0
        for step in self.lattice.best_path():
            if step.op in ("match", "replace", "delete"):
                known += self._weights[step.column] if step.op != "delete" else 0.0
        plain = all(item.kind in ("code", "edge") for item in self.items)
        return known > 0.3 or (plain and bool(self.snippet.definitions))

    def paths(self, n: int) -> list[tuple[list[Step], float]]:
        """The best path and those in which one decision falls differently, with their costs, cheapest first."""
        best = self.lattice.best_path()
        chosen = [(best, self.cost)]
        seen = self._decisions(best)
        for cost, key, family, column in self._alternatives():
            if len(chosen) >= 3 * n or cost > self.cost + 12.0:
                break
            if key in seen:
                continue
            path = self.lattice.path(family, column)
            seen |= self._decisions(path)
            chosen.append((path, cost))
        return chosen

    def _decisions(self, path: list[Step]) -> set[tuple[str, int]]:
        made: set[tuple[str, int]] = set()
        for step in path:
            made |= {
                (kind, step.column if kind in ("gone", "stays") else step.row) for kind in _DECIDES.get(step.op, ())
            }
        return made

    def _alternatives(self):  # type: ignore[no-untyped-def]
        """For each line and each thing that may happen to it: the cheapest path's cost and one of its edges."""
        best: dict[tuple[str, int], tuple[float, int, int]] = {}
        limit = self.cost + 12.0
        for number, family in enumerate(self.lattice.families):
            if family.op not in _DECIDES:
                continue
            through = self.lattice.through(family)
            for at in np.flatnonzero(through < limit):
                column = int(family.columns[at]) if family.columns is not None else int(at)
                for kind in _DECIDES[family.op]:
                    key = (kind, column if kind in ("gone", "stays") else family.row)
                    if key not in best or best[key][0] > through[at]:
                        best[key] = (float(through[at]), number, column)
        ranked = sorted((cost, key, number, column) for key, (cost, number, column) in best.items())
        return [(cost, key, self.lattice.families[number], column) for cost, key, number, column in ranked]


_DECIDES = {
    "match": ("stays", "found"),
    "replace": ("gone", "new"),
    "insert": ("new",),
    "delete": ("gone",),
    "keep": ("stays",),
    "drop": ("dropped",),
}


def read_snippet(update: str, language: str | None, original: Outline) -> tuple[list[Item], Outline]:
    """The rows of the program, and the outline of the snippet."""
    lines = update.removesuffix("\n").split("\n")
    known = set(original.stripped)
    kinds: dict[int, Item] = {}
    for k, line in enumerate(lines):
        kind = classify(line, language) if line.strip() not in known or line.strip() == "..." else None
        if kind is not None:
            kinds[k] = Item(kind.value, k, marker_target(line, language) or "" if kind is MarkerKind.REMOVE else "")
    outline = Outline(lines, language, frozenset(kinds), original)
    rows = [kinds.get(k, Item("code", k)) for k in range(len(lines))]
    return [Item("edge", -1), *rows, Item("edge", len(lines))], outline
