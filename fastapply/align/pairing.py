"""A file and a snippet side by side, as all steps of the search for candidates see them."""

from __future__ import annotations

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.field import Field
from fastapply.align.lines import Lines
from fastapply.align.match import Places
from fastapply.align.parts import Part, Parts
from fastapply.align.told import Told
from fastapply.align.writer import Writer

_CORES = 6  # ranges of a part


class Pairing:
    """The outlines of both, how their lines and chunks agree, the parts of the snippet in the order in which they are
    placed, and for each part the ranges in which something of it is found (`cores`)."""

    def __init__(
        self, original: Outline, snippet: Outline, field: Field, places: Places, lines: Lines, told: Told, parts: Parts
    ) -> None:
        self.original = original
        self.snippet = snippet
        self.field = field
        self.places = places
        self.lines = lines
        self.told = told
        self.parts = parts
        self.writer = Writer(field, parts)
        self.cores = {part: lines.cores(part.lines, _CORES) for part in self.every_part() if part.lines}

    def rearranged(self, parts: Parts) -> Pairing:
        """The same with the parts in another order."""
        return Pairing(self.original, self.snippet, self.field, self.places, self.lines, self.told, parts)

    def every_part(self) -> list[Part]:
        return [*self.parts.units, *self.parts.runs.values()]

    def same(self, line: int, column: int) -> bool:
        return self.snippet.stripped[line] == self.field.text[column]

    def unit(self, part: Part) -> Chunk | None:
        """The definition or block that the part begins with, where that is all of it."""
        if not part.lines:
            return None
        for chunk in self.snippet.chunk_of[part.start].chain():
            if chunk.start == part.start and chunk.parent is not None and chunk.end >= part.end:
                return chunk
        return None

    def whole(self, chunk: Chunk) -> bool:
        """Is the chunk shown without a marker inside?"""
        return self.snippet.markers.isdisjoint(range(chunk.start, chunk.end)) and self._shown_to_its_end(chunk)

    def _shown_to_its_end(self, chunk: Chunk) -> bool:
        below = next((k for k in range(chunk.end, len(self.snippet.lines)) if self.snippet.stripped[k]), None)
        return chunk.closed or below is None or below not in self.snippet.markers or not self._deeper(below, chunk)

    def _deeper(self, line: int, chunk: Chunk) -> bool:
        return self.snippet.width[line] > self.snippet.width[chunk.header]
