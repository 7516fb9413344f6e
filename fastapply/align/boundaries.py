"""The boundaries between lines of the file at which a part may be inserted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from heapq import nsmallest

import numpy as np

from fastapply.align.chunks import CLOSES, CONTINUES
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part


class Boundaries:
    """Boundaries for the parts of one pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.told = pairing.told
        self.span = self._spans()

    def of(self, part: Part) -> list[int]:
        """The boundaries at which a part may be inserted."""
        found = self._is_found(part)
        ends, starts = self.span[part.first][0], self.span[part.last - 1][1]
        if found and self._is_there(part):
            return [b for b in dict.fromkeys([*ends, *starts]) if 0 <= b <= len(self.field)]
        low, high = min(ends), max(starts)
        place = [round(cost, 1) for cost in self.pairing.lines.place_between(part.lines[0])[low : high + 1].tolist()]
        every = self._sibling_boundaries
        fits = every[bisect_left(every, low) : bisect_right(every, high)]
        chosen = [*ends, *starts]
        chosen += nsmallest(5 if found else 12, fits, lambda b: (place[b - low], min(b - low, high - b)))
        chosen += nsmallest(4, fits, lambda b: (place[b - low], high - b))
        chosen += [len(self.field)] if high == len(self.field) else []
        chosen += self._beside_named(part)
        if self.snippet.info[part.start].kind == "import":
            imports = self.field.imports
            chosen += [imports[-1] + 1, imports[0]] if imports else []
        return [b for b in dict.fromkeys(chosen) if 0 <= b <= len(self.field)]

    def _spans(self) -> list[tuple[list[int], list[int]]]:
        """For each part, the boundaries at which the part before it may end, and those at which the part after it may
        begin."""
        units = self.pairing.parts.units
        count = len(units)
        anchored = [k for k in range(count) if units[k].lines and self._is_found(units[k])]
        result = []
        for k in range(count):
            before = next((j for j in reversed(anchored) if j < k), None)
            after = next((j for j in anchored if j > k), None)
            ends = [core.end for core in self.pairing.cores[units[before]][:3]] if before is not None else [0]
            starts = (
                [core.start for core in self.pairing.cores[units[after]][:3]]
                if after is not None
                else [len(self.field)]
            )
            result.append((ends, starts))
        return result

    def _is_found(self, part: Part) -> bool:
        """Is the part surely in the file? At least half of its lines must match telling columns."""
        cores = self.pairing.cores[part]
        if not cores:
            return False
        pairs = cores[0].pairs
        same = [
            c >= 0 and self.snippet.stripped[line] == self.field.text[c] and self.field.weights[c] > 0.3
            for line, c in zip(part.lines, pairs, strict=True)
        ]
        return any(same) and sum(same) * 2 >= len(same)

    def _is_there(self, part: Part) -> bool:
        """Does the file have every line of the part in its best range?"""
        pairs = self.pairing.cores[part][0].pairs
        return all(c >= 0 and self.pairing.same(line, c) for line, c in zip(part.lines, pairs, strict=True))

    def _beside_named(self, part: Part) -> Iterator[int]:
        """Both ends of the units that the instruction names and of those most similar to the part."""
        yield from self.told.boundaries
        chunk = self.pairing.unit(part)
        units = self.told.named_units[:3]
        if chunk is not None:
            share = self.pairing.places.shared[chunk.index]
            near = 1 + np.argsort(-share[1:], kind="stable")[:2]
            units += [self.original.chunks[k] for k in near if share[k] > 0.2]
        for theirs in units:
            columns = self.field.columns(theirs)
            yield from (columns.start, columns.stop)

    @cached_property
    def _sibling_boundaries(self) -> list[int]:
        return [b for b in range(len(self.field) + 1) if self._is_sibling_boundary(b)]

    def _is_sibling_boundary(self, boundary: int) -> bool:
        """Does a unit begin or end there?"""
        if boundary in (0, len(self.field)):
            return True
        line, next_line = self.field.solid[boundary - 1], self.field.solid[boundary]
        above, below = self.original.chunk_of[line], self.original.chunk_of[next_line]
        text = self.original.stripped[next_line]
        edge = above.header == line or bool(CLOSES.match(text) or CONTINUES.match(text))
        return edge or above is not below or self.field.blanks_above(boundary) > 0
