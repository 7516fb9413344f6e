"""Conversion between an offset in a text and an editor's (line, character).

An *offset* counts code points of a Python string. A *character* counts code units of the negotiated encoding (bytes,
UTF-16 units or code points) from the start of its line. As in the language server protocol, only "\\n", "\\r\\n" and a
lone "\\r" end a line.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from fastapply.text.lines import split_lines


class Encoding(StrEnum):
    """The unit of a character. The values are those of the protocol's PositionEncodingKind."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def units(self, text: str) -> int:
        """The length of `text` in this unit. A lone surrogate counts as one UTF-16 unit or three bytes."""
        if self is Encoding.UTF32 or text.isascii():
            return len(text)
        if self is Encoding.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(char > "\uffff" for char in text)


class Position(NamedTuple):
    """A place in a text, both numbers from 0."""

    line: int
    character: int


class LineIndex:
    """The lines of one text, split once for many positions."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        lines = split_lines(text)
        if not lines or lines[-1].endswith(("\n", "\r")):
            lines.append("")  # positions on the empty last line are valid
        self._lines = [line.rstrip("\r\n") for line in lines]  # "\r" and "\n" occur only at the end of a line
        self._starts = [0, *accumulate(len(line) for line in lines[:-1])]

    def position_at(self, offset: int, encoding: Encoding = Encoding.UTF16) -> Position:
        """The position of an offset, clamped to the text. Inside "\\r\\n" it is the end of the line."""
        offset = min(max(offset, 0), self.length)
        line = bisect_right(self._starts, offset) - 1
        before = self._lines[line][: offset - self._starts[line]]
        return Position(line, encoding.units(before))

    def offset_at(self, line: int, character: int, encoding: Encoding = Encoding.UTF16) -> int:
        """The offset of a position, clamped as the protocol demands. A character past the end of its line is the end of
        the line, before the line end. A line past the last one is the end of the text. A character in the middle of a
        code point is the code point's start."""
        if line < 0:
            return 0
        if line >= len(self._lines):
            return self.length
        text, start = self._lines[line], self._starts[line]
        if character <= 0:
            return start
        if encoding is Encoding.UTF32 or text.isascii():
            return start + min(character, len(text))
        ends = list(accumulate(encoding.units(char) for char in text))
        return start + bisect_right(ends, character)
