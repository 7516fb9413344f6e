"""What the moves of the alignment cost, for every line and boundary of the original.

Vectors run over the original's lines (`[lines]`) or over the boundaries between them, both ends included
(`[lines + 1]`; boundary j stands above line j). Here the syntax trees come in; the moves are made elsewhere.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fastapply.align.anchors import between_neighbours
from fastapply.align.chunks import CLOSES, OPENER, Chunk, Outline, common
from fastapply.align.costs import Costs
from fastapply.align.lattice import INFINITE
from fastapply.align.match import Floats, Places, key_of, similarities, weights
from fastapply.align.rows import Item

_FARTHEST_INSERT = 3.0  # nats; the most that an odd place costs new lines, before weighting
_FARTHEST_REPLACE = 6.0  # nats; lines in odder places are not compared at all


class Prices:
    """The costs of one snippet against one original. `row` counts `items`, `line` the snippet's lines."""

    def __init__(self, original: Outline, snippet: Outline, items: list[Item], costs: Costs) -> None:
        self.original = original
        self.snippet = snippet
        self.items = items
        self.costs = costs
        self.places = Places(original, snippet)
        self.weights = np.array(weights(original), np.float32)  # [lines]
        self.is_blank = np.array([not text for text in original.stripped], np.bool_)  # [lines]
        self.fenced = between_neighbours(snippet.stripped, original.stripped, snippet.markers)
        self._strays: dict[frozenset[int], Floats] = {}
        self._chunk = np.array([chunk.index for chunk in original.chunk_of], np.intp)  # [lines]

    # Lines that are found or stand for others ----------------------------------------------------------------------

    @cached_property
    def lines_of(self) -> dict[str, NDArray[np.intp]]:
        """Where each stripped text stands in the original."""
        places: dict[str, list[int]] = {}
        for k, text in enumerate(self.original.stripped):
            places.setdefault(text, []).append(k)
        return {text: np.array(lines, np.intp) for text, lines in places.items()}

    def same(self, line: int) -> tuple[NDArray[np.intp], Floats]:
        """The lines of the original that hold the text of the snippet's line, and what finding it there costs."""
        at = self.lines_of.get(self.snippet.stripped[line], np.empty(0, np.intp))
        place = self.places.cost[self.snippet.chunk_of[line].index, self._chunk[at]]
        if len(at):
            # A text that stands in one place only is at home there, whatever surrounds it.
            place = np.minimum(place, self.costs.out_of_place * (1.5 - self.weights[at[0]]))
        return at, place * np.float32(1.0 if self.snippet.stripped[line] else self.costs.blank_place)

    def alike(self, line: int) -> tuple[NDArray[np.intp], Floats, Floats]:
        """The lines that the snippet's line may stand for, what that costs, and what their place costs besides."""
        c, text = self.costs, self.snippet.stripped[line]
        place = self.places.cost[self.snippet.chunk_of[line].index][self._chunk]
        key = key_of(self.snippet, line)
        at_home = self.lines_of.get(text, np.empty(0, np.intp))
        if len(at_home) and place[at_home].min() < 0.5:
            return np.empty(0, np.intp), np.empty(0, np.float32), np.empty(0, np.float32)
        near = similarities(text, self.original.stripped)
        heads = self._heads & (self.snippet.chunk_of[line].header == line)  # their places tell how much they differ
        cost = np.where(heads, c.replace_header, c.replace * (1 - near)) + self._header_clash(line)
        cost = np.where(near > 0, cost, np.inf)
        if key:
            cost = np.where(self._keys == self._key_ids.get(key, -1), c.replace_key + 0.3 * (1 - near), cost)
        info = self.snippet.info[line]
        if info.is_definition:
            cost = np.where(self._definitions == self._key_ids.get(info.label, -1), c.replace_header, cost)
        cost[self.is_blank | (place > _FARTHEST_REPLACE)] = np.inf
        cost[at_home] = np.inf
        at = np.flatnonzero(np.isfinite(cost))
        return at, (cost[at] + c.insert_known * self.known(line)).astype(np.float32), place[at]

    @cached_property
    def _key_ids(self) -> dict[str, int]:
        """Numbers for the keys of the original's lines and the labels of its definitions."""
        keys = [key_of(self.original, j) for j in range(len(self.original.lines))]
        labels = [info.label for info in self.original.info if info.is_definition]
        return {key: number for number, key in enumerate(dict.fromkeys([*filter(None, keys), *labels]))}

    @cached_property
    def _keys(self) -> NDArray[np.intp]:
        keys = (key_of(self.original, j) for j in range(len(self.original.lines)))
        return np.array([self._key_ids.get(key, -2) for key in keys], np.intp)

    @cached_property
    def _definitions(self) -> NDArray[np.intp]:
        return np.array(
            [self._key_ids[info.label] if info.is_definition else -2 for info in self.original.info], np.intp
        )

    @cached_property
    def _heads(self) -> NDArray[np.bool_]:
        return np.array([chunk.header == j for j, chunk in enumerate(self.original.chunk_of)], np.bool_)

    @cached_property
    def _theirs_shown(self) -> NDArray[np.bool_]:
        """Does the line define something that the snippet defines too?"""
        shown = {chunk.name for chunk in self.snippet.definitions}
        return np.array([info.is_definition and info.name in shown for info in self.original.info], np.bool_)

    def _header_clash(self, line: int) -> Floats:
        """Definitions of different names are hardly the same, if either name stands on both sides."""
        c, info = self.costs, self.snippet.info[line]
        defines = self._definitions >= 0
        if not info.is_definition:
            return defines * np.float32(c.half_header)
        both = any(info.name == chunk.name for chunk in self.original.definitions) | self._theirs_shown
        clash = np.where(both, np.float32(c.other_header), np.float32(c.new_header))
        return np.where(defines, clash, np.float32(c.half_header))

    # Lines that are new --------------------------------------------------------------------------------------------

    def new(self, line: int) -> float:
        """What it costs to call the snippet's line new, its place aside."""
        c = self.costs
        if not self.snippet.stripped[line]:
            return c.insert_blank
        if self.is_all_new(line):  # its lines come with each other, also those that a look-alike has too
            return c.insert * (1.0 if self.snippet.chunk_of[line].header == line else c.insert_inside)
        return c.insert + c.insert_known * self.known(line) + c.insert_closer * self._closes_old(line)

    def new_again(self, line: int) -> float:
        """The same below a line that is new: what repeats other code does so for more than a line."""
        c = self.costs
        if not self.snippet.stripped[line] or self.is_all_new(line):
            return self.new(line)
        return self.new(line) - (1 - c.insert_known_again) * c.insert_known * self.known(line)

    def is_all_new(self, line: int) -> bool:
        """Does the line stand between neighbours, or belong to a definition whose name the original does not have?"""
        if line in self.fenced:
            return True
        around = (chunk for chunk in self.snippet.chunk_of[line].chain() if chunk.is_definition)
        return any(chunk.name and chunk.name not in self._names for chunk in around)

    @cached_property
    def _names(self) -> set[str]:
        return {chunk.name for chunk in self.original.definitions}

    def known(self, line: int) -> float:
        """How surprising it is that this line of the snippet should be new, 0..1: it stands in the same place."""
        at = self.lines_of.get(self.snippet.stripped[line])
        if at is None:
            return 0.0
        place = self.places.cost[self.snippet.chunk_of[line].index, self._chunk[at]]
        return float((self.weights[at] * np.maximum(0.0, 1 - place)).max())

    def _closes_old(self, line: int) -> bool:
        """Is this a lone bracket or `end` whose opening line is not in the snippet, or is nothing new?"""
        text = self.snippet.stripped[line]
        if not CLOSES.match(text) or OPENER.fullmatch(text):
            return False
        chunk = self.snippet.chunk_of[line]
        return chunk.header < 0 or chunk.header == line or self.snippet.stripped[chunk.header] in self.lines_of

    def place(self, line: int) -> Floats:
        """For each boundary: what it costs to put the snippet's line there as a new one."""
        chunk = self.snippet.chunk_of[line]
        if line == chunk.start and chunk.parent is not None:
            chunk = chunk.parent
        place: Floats = np.minimum(self.places.cost[chunk.index, self._boundaries], np.float32(_FARTHEST_INSERT))
        if self.snippet.info[line].kind == "import":
            return place + self._away_from_imports
        return place * np.float32(self.costs.misplaced)

    @cached_property
    def _away_from_imports(self) -> Floats:
        """For each boundary: the cost of a new import there. The end of a block of imports is best."""
        imports = np.array([info.kind == "import" for info in self.original.info], np.bool_)
        away = np.full(len(imports) + 1, 1.0 if imports.any() else 0.0, np.float32)
        away[:-1][imports] = 0.05
        away[1:][imports] = 0.0
        return away

    def glue_below(self, row: int) -> Floats:
        """For each boundary: a new definition ends there, and the blank line of the kept ones stayed above it."""
        blank = np.concatenate([[0.0], self.is_blank])
        return _floats(blank * self.costs.glue * self._in_definition(self.items[row - 1].line))

    def glue_above(self, row: int) -> Floats:
        """For each boundary: a new definition starts there, and the blank line of the kept ones stayed below it."""
        blank = np.concatenate([[0.0], self.is_blank[1:] & ~self.is_blank[:-1], [0.0]])
        return _floats(blank * self.costs.glue * self._in_definition(self.items[row].line))

    @cached_property
    def parted(self) -> Floats:
        """For each boundary: 1 where a blank line ends, else 0."""
        return _floats(np.concatenate([[0.0], self.is_blank]) * ~np.concatenate([self.is_blank, [True]]))

    def _in_definition(self, line: int) -> bool:
        """Is this the first or the last line of a definition in the snippet?"""
        if not 0 <= line < len(self.snippet.lines):
            return False
        chunks = self.snippet.chunk_of[line].chain()
        return any(chunk.is_definition and line in (chunk.start, chunk.end - 1) for chunk in chunks)

    # Lines that go -------------------------------------------------------------------------------------------------

    @cached_property
    def delete(self) -> Floats:
        """For each line of the original: what it costs to delete it. (One more, never used: the end.)"""
        c = self.costs
        cost = np.zeros(len(self.original.lines) + 1, np.float32)
        spelled_out = {chunk.index for chunk in self.original.chunks if self._spelled_out(chunk)}
        for j, chunk in enumerate(self.original.chunk_of):
            shown = next((inner for inner in chunk.chain() if self.places.shown(inner)), self.original.root)
            around = next((inner for inner in chunk.chain() if inner.is_definition), None)
            if self.is_blank[j]:
                cost[j] = c.deleted_blank
            elif around is not None and not self.places.shown(around):
                cost[j] = c.deleted_line + (c.deleted_definition if around.header == j else 0.0)
            else:
                cost[j] = c.deleted_line_shown if shown.index in spelled_out else c.deleted_line
        return cost

    def _spelled_out(self, theirs: Chunk) -> bool:
        """Does the snippet show this chunk of the original from its first to its last line, without a marker?"""
        for index in self.places.claimers[theirs.index]:
            ours = self.snippet.chunks[index]
            marked = any(ours.start <= k < ours.end for k in self.snippet.markers)
            if not marked and ours.closed >= theirs.closed:
                return True
        return False

    def removal(self, target: str) -> tuple[Floats, Floats, Floats]:
        """What a marker that removes `target` may delete: costs by line, and by boundary to start and to end there."""
        c = self.costs
        line = np.append(np.where(self.is_blank, c.deleted_blank, c.deleted_line), 0.0).astype(np.float32)
        opening = np.full(len(line), c.remove_other, np.float32)
        closing = opening.copy()
        for start, end in self._named(target):
            above, below = self.blanks_above(start), self.blanks_below(end)
            line[start - above : end + below] = c.kept_line
            # Of the blank lines around it, those on one side go too: below, or at an end of a block above.
            opening[start - above] = min(opening[start - above], c.remove_blanks * bool(below))
            closing[end] = min(closing[end], c.remove_blanks * bool(below and above))
            opening[start] = min(opening[start], c.remove_blanks * bool(above and not below))
            closing[end + below] = min(closing[end + below], c.remove_blanks * bool(below and not above))
        return line, opening, closing

    def _named(self, target: str) -> list[tuple[int, int]]:
        """The line ranges of the original that `target` may mean, comments right above included."""
        original = self.original
        ranges = [(chunk.start, chunk.end) for chunk in original.chunks[1:] if chunk.name == target]
        if not ranges:
            ranges = [(k, k + 1) for k, info in enumerate(original.info) if target and info.name == target]
        if not ranges:
            word = re.compile(rf"(?<!\w){re.escape(target)}(?!\w)")
            ranges = [(k, k + 1) for k, text in enumerate(original.stripped) if target and word.search(text)]
        return [(self._with_comments(start), end) for start, end in ranges]

    def _with_comments(self, start: int) -> int:
        while start and self.original.info[start - 1].comment:
            start -= 1
        return start

    def blanks_above(self, line: int) -> int:
        return next((k for k in range(line) if not self.is_blank[line - 1 - k]), line)

    def blanks_below(self, line: int) -> int:
        rest = self.is_blank[line:]
        return int(np.argmin(rest)) if not rest.all() else len(rest)

    # Lines that stay -----------------------------------------------------------------------------------------------

    @cached_property
    def _boundaries(self) -> NDArray[np.intp]:
        """For each boundary: the innermost chunk that the lines above and below it share."""
        of = self.original.chunk_of
        inner = [common(above, below).index for above, below in pairwise(of)]
        return np.array([0, *inner, 0], np.intp)

    def start_keeping(self, row: int) -> Floats:
        """For each boundary: what it costs the marker of `row` to keep lines from there on."""
        return self._stray(self._open_at(row))

    def stop_keeping(self, row: int) -> Floats:
        """For each boundary: what it costs the marker of `row` to keep lines up to there."""
        opened = self._open_at(row)
        if row + 1 < len(self.items) and self.items[row + 1].kind == "code":
            opened |= _indices(self.snippet.chunk_of[self.items[row + 1].line])
        return self._stray(opened)

    def skip(self, row: int) -> tuple[Floats, Floats, Floats]:
        """What it costs to keep lines before `row` without a marker: to start at a boundary, by line, and to stop."""
        above = self.snippet.chunk_of[self.items[row - 1].line]
        below = self.snippet.chunk_of[self.items[row].line]
        if below.start == self.items[row].line and below.parent is not None:
            below = below.parent
        shared = common(above, below)
        stray = self._stray(_indices(shared))
        between = above is not shared and shared.kind in ("file", "type")
        opening = stray + np.float32(self.costs.skip_between if between else self.costs.skip)
        return opening, np.full_like(stray, self.costs.skipped_line), stray

    def skip_blank(self, row: int) -> tuple[Floats, Floats, Floats]:
        """The same before a marker that removes something: blank lines stay, others do not, and none where the snippet
        has its own beside the marker."""
        beside = [self.items[k].line for k in (row - 1, row + 1) if self.items[k].kind == "code"]
        stays = self.is_blank & all(self.snippet.stripped[line] for line in beside)
        line = np.append(np.where(stays, self.costs.kept_line, INFINITE), INFINITE).astype(np.float32)
        return line, line, np.zeros_like(line)

    def _open_at(self, row: int) -> set[int]:
        """The snippet's chunks that the marker of `row` stands in."""
        item = self.items[row]
        around = {0} if item.kind == "edge" else _indices(self.snippet.chunk_of[item.line])
        before = self.items[row - 1] if row else item
        if before.kind != "code":
            return around
        # Chunks of the line above may go on under the marker, whatever the marker's indentation.
        above = self.snippet.chunk_of[before.line]
        if self.has_closers or above.header == before.line:
            around |= {chunk.index for chunk in above.chain() if not chunk.closed}
        return around

    @cached_property
    def has_closers(self) -> bool:
        """Does the language close its chunks with a line of their own?"""
        bodies = [chunk for chunk in self.original.chunks[1:] if chunk.end - chunk.header > 1]
        return sum(chunk.closed for chunk in bodies) * 2 > len(bodies)

    def _stray(self, opened: set[int]) -> Floats:
        """For each boundary: what it costs to start or stop keeping lines there, from within the chunks `opened`.

        Keeping a part of a chunk that the snippet shows elsewhere is unlikely.
        """
        key = frozenset(opened)
        if key not in self._strays:
            own, cost = self._shown_inside.copy(), np.zeros(len(self.original.chunks), np.float32)
            own[[theirs for ours in opened for theirs in self.claimed.get(ours, ())]] = 0.0
            for level, parents in self._levels:
                cost[level] = np.maximum(cost[parents], own[level])
            self._strays[key] = cost[self._boundaries]
        return self._strays[key]

    @cached_property
    def _shown_inside(self) -> Floats:
        """For each chunk of the original: what it costs to keep a part of it, where the snippet shows it."""
        c = self.costs
        own = [c.inside_shown if chunk.is_definition else c.inside_shown_block for chunk in self.original.chunks]
        own[0] = 0.0
        return np.where([bool(claimers) for claimers in self.places.claimers], own, 0.0).astype(np.float32)

    @cached_property
    def claimed(self) -> dict[int, list[int]]:
        """For each chunk of the snippet: the chunks of the original that it shows."""
        claimed: dict[int, list[int]] = {}
        for theirs, claimers in enumerate(self.places.claimers):
            for ours in claimers:
                claimed.setdefault(ours, []).append(theirs)
        return claimed

    @cached_property
    def _levels(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """The chunks of the original level by level below the file, each with those around them."""
        depth = np.zeros(len(self.original.chunks), np.intp)
        parents = np.zeros(len(self.original.chunks), np.intp)
        for chunk in self.original.chunks[1:]:  # those around a chunk come before it
            assert chunk.parent is not None
            parents[chunk.index] = chunk.parent.index
            depth[chunk.index] = depth[chunk.parent.index] + 1
        levels = [np.flatnonzero(depth == level) for level in range(1, int(depth.max()) + 1)]
        return [(level, parents[level]) for level in levels]


def _floats(values: NDArray[np.floating]) -> Floats:
    return values.astype(np.float32)


def _indices(chunk: Chunk) -> set[int]:
    return {inner.index for inner in chunk.chain()}
