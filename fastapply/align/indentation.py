"""How well the indentation of a region fits, as counts by feature name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import log1p

from fastapply.align.chunks import CLOSES
from fastapply.align.pairing import Pairing
from fastapply.align.reading import NO_SHIFT, Region, Shift, shifted
from fastapply.text.lines import indent_of


class Indentation:
    """Counts the shifts of the regions of one pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.shifts = pairing.writer.shifts
        self._reindents = cache(self._find_reindents)  # regions share most of their pairs
        self._depths_in = cache(self._find_depths_in)

    def count(self, region: Region, add: Callable[..., None]) -> None:
        shift = self.shifts.shift_of(region)
        vote = self.shifts.voted(region)
        if region.shift is not None and vote is None and region.shift != NO_SHIFT:
            add("shifted")
        if region.shift is not None and vote is not None:
            add("outvoted")
        changed = 0
        for line, column in zip(region.part.lines, region.pairs, strict=True):
            if column >= 0 and shift is not None:
                changed += self._reindents(line, column, shift)
        add("reindented", log1p(changed))
        if shift not in (None, NO_SHIFT) and (edges := self.shifts.edges_as_in_file(region)):
            add("reindented_edges", float(edges))
        if vote is None and region.start == region.end:
            add("odd_indentation", float(not self._fits_siblings(region, shift or NO_SHIFT)))

    def _find_reindents(self, line: int, column: int, shift: Shift) -> bool:
        """Does an unchanged line of the file get another indentation?"""
        if self.snippet.stripped[line] != self.field.text[column]:
            return False
        ours = indent_of(shifted(self.snippet.lines[line], shift))
        return ours != indent_of(self.original.lines[self.field.solid[column]])

    def _fits_siblings(self, region: Region, shift: Shift) -> bool:
        """Is the part indented like a line beside it, or one level deeper than an opening line above?"""
        return _columns(shifted(self.snippet.lines[region.part.start], shift)) in self._depths_at(region.start)

    def _depths_at(self, boundary: int) -> set[int]:
        options = self.field.open_at[min(boundary, len(self.field))]
        return set[int]().union(*(self._depths_in(chunk.index) for chunk in options)) or {0}

    def _find_depths_in(self, index: int) -> set[int]:
        """The depths of a chunk's own lines and of the headers inside it."""
        chunk = self.original.chunks[index]
        lines = (self.field.solid[c] for c in self.field.columns(chunk) if not CLOSES.match(self.field.text[c]))
        below = (k for k in lines if k > chunk.header)
        own = ((k, self.original.chunk_of[k]) for k in below)
        return {_columns(self.original.lines[k]) for k, c in own if c is chunk or c.parent is chunk}


def _columns(line: str) -> int:
    """The width of a line's indentation. (`Outline.width` counts list items and headings as if they were deeper.)"""
    return len(indent_of(line).expandtabs(4))
