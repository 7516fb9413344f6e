"""How much of the file's lines the new lines of a part say again, word by word: old versions of them, perhaps.

An old version often shares no whole line with the new one: three statements become one call, or a block gets another
shape. But most of its words come back. A word counts by its inverse document frequency (Spärck Jones 1972), so names
tell more than keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import log

import numpy as np

from fastapply.align.chunks import Outline
from fastapply.align.field import Field
from fastapply.align.line_info import LineInfo
from fastapply.align.match import Floats
from fastapply.align.parts import Part

_WORD = re.compile(r"[^\W_]{2,}")  # `prefer_lifo` has two
_ALIKE = 0.4  # the share of their words above which lines may be an old version; the counts weigh the rest
_LEAST = 3  # words
_LONGEST = 24  # lines of all old statements together
_MOST = 8  # statements
_RUNS = 3  # of a part
_EDGE = 3  # lines that a block may have on either side of a run
_TEXT = re.compile(r"#(?!include|define|if|end|else)|//|/?\*|--|<!--|[rbu]?\"\"\"|[rbu]?\'\'\'|[;%]")


class Wording:
    """The words of both sides of one pairing."""

    def __init__(self, field: Field, snippet: Outline) -> None:
        self.field = field
        self.snippet = snippet
        self._columns: dict[str, list[int]] = {}
        for column, text in enumerate(field.text):
            for word in set(_WORD.findall(text.lower())):
                self._columns.setdefault(word, []).append(column)
        self._worth = {word: log(1 + len(field) / len(columns)) for word, columns in self._columns.items()}
        self._mass = list(accumulate(self._sums(self._columns), initial=0.0))  # up to each boundary
        self._said: dict[Part, list[float]] = {}
        self._words: dict[Part, int] = {}

    def share(self, part: Part, start: int, end: int) -> float:
        """The share of what the columns [start, end) say that is in the part's new lines, 0..1. 0 without words."""
        mass = self._mass[end] - self._mass[start]
        if mass <= 0.0:
            return 0.0
        said = self._said_by(part)
        return min((said[end] - said[start]) / mass, 1.0)

    def ends_below(self, part: Part, boundary: int) -> Iterator[int]:
        """The ends of the statements below a boundary that the part may be a new version of."""
        end = boundary
        for _ in range(_MOST if self._tells(part) else 0):
            end = self._end_of(end)
            if end > len(self.field) or end - boundary > _LONGEST:
                return
            if self.share(part, boundary, end) >= _ALIKE or self._are_texts(part.lines[-1], boundary, end):
                yield end

    def starts_above(self, part: Part, boundary: int) -> Iterator[int]:
        """The starts of the statements above a boundary that the part may be a new version of."""
        start = boundary
        for _ in range(_MOST if self._tells(part) else 0):
            start = self._start_of(start)
            if start < 0 or boundary - start > _LONGEST:
                return
            if self.share(part, start, boundary) >= _ALIKE or self._are_texts(part.start, start, boundary):
                yield start

    def _tells(self, part: Part) -> bool:
        """Do the part's new lines say enough to tell an old version by?"""
        self._said_by(part)
        return self._words[part] >= _LEAST

    def _are_texts(self, line: int, start: int, end: int) -> bool:
        """Are a line of the snippet and the lines [start, end) of the file all comments or documentation?"""
        infos = (self._info(column) for column in range(start + 1, end))
        texts = (self.snippet.stripped[line], self.field.text[start])
        return all(map(_TEXT.match, texts)) and all(info.comment or info.inside for info in infos)

    def runs(self, part: Part) -> Iterator[tuple[int, int]]:
        """The runs of lines, anywhere, of which the part says most: segments of greatest sum (Kadane's algorithm)."""
        worth = np.diff(self._said_by(part)) - _ALIKE * np.diff(self._mass)
        for _ in range(_RUNS if self._tells(part) else 0):
            best, start, end, since, total = 0.0, 0, 0, 0, 0.0
            for column, value in enumerate(worth.tolist()):
                if total <= 0.0:
                    since, total = column, 0.0
                total += value
                if total > best:
                    best, start, end = total, since, column + 1
            if best <= 0.0:
                return
            worth[start:end] = -1.0
            yield self._filled(start, end)

    def _filled(self, start: int, end: int) -> tuple[int, int]:
        """The run with the whole of the blocks that it has most of."""
        first, last = start, end
        for column in (start, end - 1):
            for chunk in self.field.outline.chunk_of[self.field.solid[column]].chain():
                columns = self.field.columns(chunk)
                if chunk.parent is not None and start - columns.start <= _EDGE >= columns.stop - end:
                    first, last = min(first, columns.start), max(last, columns.stop)
        return first, last

    def _end_of(self, start: int) -> int:
        """The end of the statement that begins at a boundary: a chunk, a comment, a literal of several lines, or one
        line."""
        if start >= len(self.field):
            return len(self.field) + 1
        end = next(self.field.unit_ends(start), start + 1)
        comment = self._info(start).comment
        while end < len(self.field) and (self._info(end).inside or (comment and self._info(end).comment)):
            end += 1
        return end

    def _start_of(self, end: int) -> int:
        """The start of the statement that ends at a boundary."""
        if not end:
            return -1
        chain = self.field.outline.chunk_of[self.field.solid[end - 1]].chain()
        columns = [self.field.columns(chunk) for chunk in chain if chunk.parent is not None]
        start = min((c.start for c in columns if c.stop == end), default=end - 1)
        comment = self._info(end - 1).comment
        while start and (self._info(start).inside or (comment and self._info(start - 1).comment)):
            start -= 1
        return start

    def _info(self, column: int) -> LineInfo:
        return self.field.outline.info[self.field.solid[column]]

    def _said_by(self, part: Part) -> list[float]:
        """What the part's new lines say of all columns above each boundary."""
        if part not in self._said:
            new = (self.snippet.stripped[line] for line in part.lines)
            words = {word for text in new if text not in self.field.columns_of for word in _WORD.findall(text.lower())}
            self._words[part] = len(words)
            self._said[part] = list(accumulate(self._sums(words), initial=0.0))
        return self._said[part]

    def _sums(self, words: Iterable[str]) -> list[float]:
        """For each column, what those of its words say that are among these."""
        sums: Floats = np.zeros(len(self.field), np.float32)
        for word in words:
            if (columns := self._columns.get(word)) is not None:
                sums[columns] += self._worth[word]
        return [float(value) for value in sums]
