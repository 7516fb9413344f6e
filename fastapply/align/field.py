"""The file's side of an alignment: its solid lines, and the chunks open at each boundary between them.

A solid line is a line that is not blank. Columns number the solid lines. Boundary j lies above column j. Both ends of
the file are boundaries.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fastapply.align.chunks import Chunk, Outline, common
from fastapply.align.match import Floats, key_of, weights

Ints = NDArray[np.intp]
_FIRST_WORD = re.compile(r"\W*(\w+)")


class Field:
    """The solid lines of one outline.

    `solid[c]` is the line number of column c, `text[c]` its text without surrounding white space.
    """

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.solid = [k for k, text in enumerate(outline.stripped) if text]
        self.text = [outline.stripped[k] for k in self.solid]
        self.column_of = {line: c for c, line in enumerate(self.solid)}

    def __len__(self) -> int:
        return len(self.solid)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(self.text)

    @cached_property
    def columns_of(self) -> dict[str, Ints]:
        """Text -> its columns."""
        return {text: np.array(columns, np.intp) for text, columns in _places(self.text).items()}

    @cached_property
    def weights(self) -> Floats:
        """How clearly each column marks a place, 0..1."""
        every = np.array(weights(self.outline), np.float32)
        return every[self.solid] if self.solid else every[:0]

    @cached_property
    def chunk(self) -> Ints:
        """The index of each column's chunk."""
        return np.array([self.outline.chunk_of[k].index for k in self.solid], np.intp)

    @cached_property
    def names(self) -> set[str]:
        return {chunk.name for chunk in self.outline.definitions}

    @cached_property
    def keys(self) -> list[str]:
        """The key that each column gives a value to, "" for none."""
        return [key_of(self.outline, k) for k in self.solid]

    @cached_property
    def labels(self) -> list[str]:
        """Kind and name of what each column defines, "" for nothing."""
        infos = (self.outline.info[k] for k in self.solid)
        return [info.label if info.is_definition else "" for info in infos]

    @cached_property
    def is_labelled(self) -> NDArray[np.bool_]:
        return np.array([bool(label) for label in self.labels], np.bool_)

    @cached_property
    def columns_of_key(self) -> dict[str, list[int]]:
        """Key -> the columns that give it a value."""
        return _places(self.keys)

    @cached_property
    def columns_of_label(self) -> dict[str, list[int]]:
        return _places(self.labels)

    @cached_property
    def columns_of_name(self) -> dict[str, list[int]]:
        return _places([self.outline.info[k].name for k in self.solid])

    @cached_property
    def block_heads(self) -> dict[str, dict[int, int]]:
        """First word -> the columns that open an unnamed block, each with the index of its chunk."""
        found: dict[str, dict[int, int]] = {}
        for chunk in self.outline.chunks[1:]:
            if not chunk.is_definition and chunk.header in self.column_of:
                column = self.column_of[chunk.header]
                found.setdefault(first_word(self.text[column]), {})[column] = chunk.index
        return found

    @cached_property
    def imports(self) -> list[int]:
        """The columns of imports."""
        return [c for c, k in enumerate(self.solid) if self.outline.info[k].kind == "import"]

    @cached_property
    def open_at(self) -> list[tuple[Chunk, ...]]:
        """For each boundary, the chunks that a line inserted there may belong to, innermost first.

        A chunk without a closing line may be continued below its last line.
        """
        root = self.outline.root
        found: list[tuple[Chunk, ...]] = [(root,)]
        for above, below in pairwise(self.solid):
            found.append(self._options(self.outline.chunk_of[above], self.outline.chunk_of[below]))
        if self.solid:
            found.append(self._options(self.outline.chunk_of[self.solid[-1]], root))
        return found

    def _options(self, above: Chunk, below: Chunk) -> tuple[Chunk, ...]:
        shared = common(above, below)
        ended = []
        for chunk in above.chain():
            if chunk is shared:
                break
            if not chunk.closed:
                ended.append(chunk)
        return (*ended, shared)

    @cached_property
    def open_indices(self) -> Ints:
        """`open_at` as indices [boundaries, options]. Short rows are padded with their last index."""
        most = max(map(len, self.open_at))
        rows = [[chunk.index for chunk in chunks] for chunks in self.open_at]
        return np.array([row + row[-1:] * (most - len(row)) for row in rows], np.intp)

    def columns(self, chunk: Chunk) -> range:
        """The columns of a chunk, decorators and comments above it included."""
        return self._ranges[chunk.index]

    def unit_ends(self, column: int) -> Iterator[int]:
        """The boundary below the unit that begins at a column, if there is one."""
        if column < len(self):
            line = self.solid[column]
            chunk = self.outline.chunk_of[line]
            if line in (chunk.start, chunk.header):
                yield self.columns(chunk).stop

    @cached_property
    def _ranges(self) -> list[range]:
        """The columns of each chunk."""
        bound = [bisect_left(self.solid, line) for line in range(len(self.outline.lines) + 1)]
        inner = [range(bound[chunk.start], bound[chunk.end]) for chunk in self.outline.chunks[1:]]
        return [range(len(self)), *inner]

    def line(self, column: int) -> str:
        """The line as it stands in the file."""
        return self.outline.lines[self.solid[column]]

    def blanks_above(self, column: int) -> int:
        """The number of blank lines above a column or above the end of the file."""
        below = self.solid[column] if column < len(self) else len(self.outline.lines)
        above = self.solid[column - 1] if column else -1
        return below - above - 1

    def depth(self, column: int) -> int:
        """The indentation of a column, in character widths."""
        return self.outline.width[self.solid[column]]


def first_word(text: str) -> str:
    """The first word of a text, "" if there is none."""
    found = _FIRST_WORD.match(text)
    return found[1] if found else ""


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    """Text -> its columns, without empty texts."""
    places: dict[str, list[int]] = {}
    for c, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(c)
    return places
