"""A file and a snippet side by side, as every step of the search sees them."""

from __future__ import annotations

from functools import cache, cached_property

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.field import Field
from fastapply.align.lines import Lines
from fastapply.align.match import Places, key_of
from fastapply.align.parts import Part, Parts
from fastapply.align.told import Told
from fastapply.align.wording import Wording
from fastapply.align.writer import Writer

_CORES = 6  # ranges of a part


class Pairing:
    """Both outlines, the agreement of their lines and chunks, and the snippet's parts in the order of placement.
    `cores` has, for each part, the ranges that contain something of it."""

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
        self.wording = Wording(field, snippet)
        self.unit = cache(self._unit)
        self.cores = {part: lines.cores(part.lines, _CORES) for part in self.every_part() if part.lines}

    def rearranged(self, parts: Parts) -> Pairing:
        """The same pairing with the parts in another order."""
        return Pairing(self.original, self.snippet, self.field, self.places, self.lines, self.told, parts)

    def every_part(self) -> list[Part]:
        return [*self.parts.units, *self.parts.runs.values()]

    @cached_property
    def keys(self) -> list[str]:
        """The key that each line of the snippet gives a value to, "" for none."""
        return [key_of(self.snippet, line) for line in range(len(self.snippet.lines))]

    def same(self, line: int, column: int) -> bool:
        return self.snippet.stripped[line] == self.field.text[column]

    def _unit(self, part: Part) -> Chunk | None:
        """The definition or block that the part consists of. None if it is not a single unit."""
        if not part.lines:
            return None
        for chunk in self.snippet.chunk_of[part.start].chain():
            if chunk.start == part.start and chunk.parent is not None and chunk.end >= part.end:
                return chunk
        return None

    def whole(self, chunk: Chunk) -> bool:
        """Does the snippet show the chunk without a marker inside?"""
        return self.snippet.markers.isdisjoint(range(chunk.start, chunk.end)) and self._shown_to_its_end(chunk)

    def _shown_to_its_end(self, chunk: Chunk) -> bool:
        below = next((k for k in range(chunk.end, len(self.snippet.lines)) if self.snippet.stripped[k]), None)
        return chunk.closed or below is None or below not in self.snippet.markers or not self._deeper(below, chunk)

    def _deeper(self, line: int, chunk: Chunk) -> bool:
        return self.snippet.width[line] > self.snippet.width[chunk.header]
