"""Writes readings as text, with their indentation, commas and blank lines (`align/blank_lines`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from fastapply.align.blank_lines import BlankLines
from fastapply.align.chunks import CLOSES
from fastapply.align.field import Field
from fastapply.align.parts import Part, Parts
from fastapply.align.reading import NO_SHIFT, Reading, Region, Segment, Shift, difference, shifted
from fastapply.align.shifts import Shifts
from fastapply.text.lines import indent_of


class _Line(NamedTuple):
    """A written line. `moved` is its shift relative to the file, if the file has it."""

    text: str
    moved: Shift


Piece = str | range  # a line, or a range of columns copied from the file


class Writer:
    """Writes readings of one snippet. LF texts without the last line break."""

    def __init__(self, field: Field, parts: Parts) -> None:
        self.field = field
        self.parts = parts
        self._line = cache(self._write)
        self._shown = cache(_shown)
        self.shifts = Shifts(field, parts)
        self._blanks = BlankLines(field, parts)

    def text(self, reading: Reading) -> str:
        """The whole file that a reading means."""
        return self.joined(self.pieces(reading))

    def joined(self, pieces: Iterable[Piece]) -> str:
        solid, theirs = self.field.solid, self.field.outline.lines
        lines: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                lines.append(piece)
            else:
                lines += theirs[solid[piece.start] : solid[piece.stop - 1] + 1]
        return "\n".join(lines)

    def pieces(self, reading: Reading) -> list[Piece]:
        """The whole file that a reading means. Each run of columns that stays is one piece."""
        segments = list(self._segments(reading))
        if not segments:
            return []
        shifts = self.shifts.of(reading)
        moved = self._moved_gaps(segments, shifts)
        solid, theirs = self.field.solid, self.field.outline.lines
        found: list[Piece] = list(theirs[: solid[0]]) if segments[0].first == 0 and solid else []
        for above, segment, below in zip([None, *segments], segments, [*segments[1:], None], strict=False):
            if above is not None and not _adjacent(above, segment):
                found += self._blanks.between(above, segment)
            comma = self._comma(segment, below)
            if segment.line < 0 and not comma and segment.first not in moved:
                found.append(range(segment.first, segment.last + 1))
            elif segment.line < 0:
                *lines, last = self._run(segment, moved.get(segment.first, NO_SHIFT))
                found += [*lines, _ended(last, comma)]
            else:
                found.append(_ended(self._written(segment, shifts).text, comma))
        return [*found, *(theirs[solid[-1] + 1 :] if solid else [])]

    def _segments(self, reading: Reading) -> Iterator[Segment]:
        at = 0
        for region in sorted(reading.regions, key=lambda region: (region.start, region.end, region.part.first)):
            yield from _runs(at, region.start, reading.gone)
            yield from self._shown(region)
            at = max(at, region.end)
        yield from _runs(at, len(self.field), reading.gone)

    def _comma(self, segment: Segment, below: Segment | None) -> str:
        """The comma that the last element of a list needs when a new one follows it."""
        field = self.field
        if below is None or below.first >= 0 or not 0 <= segment.last < len(field):
            return ""
        if segment.line >= 0 and self.parts.outline.stripped[segment.line] != field.text[segment.last]:
            return ""  # the author wrote this line anew
        if field.text[segment.last].endswith(");") and self.parts.outline.stripped[below.line].endswith(");"):
            siblings = self._ends_beside(segment.last)  # rows of a statement in SQL
            return "," if siblings and all(text.endswith("),") for text in siblings) else ""
        if segment.last == len(field) - 1:
            return ""
        new = not CLOSES.match(self.parts.outline.stripped[below.line])
        if not new or not CLOSES.match(field.text[segment.last + 1]):
            return ""
        text = field.text[segment.last]
        if text[-1:] in ",;{[(:":
            return ""
        siblings = self._ends_beside(segment.last)
        has_commas = siblings and all(text.endswith(",") for text in siblings)
        return "," if has_commas or (not siblings and field.outline.language == "json") else ""

    def _ends_beside(self, column: int) -> list[str]:
        """The last lines of the elements above the one that ends at a column."""
        field = self.field
        depth, found = field.depth(column), list[str]()
        for c in range(column - 1, -1, -1):
            if field.depth(c) < depth:
                break
            inner = c + 1 < len(field) and field.depth(c + 1) > depth
            if field.depth(c) == depth and not inner:
                found.append(field.text[c])
        return found

    def _moved_gaps(self, segments: Sequence[Segment], shifts: dict[Part, Shift]) -> dict[int, Shift]:
        """First column -> shift, for runs between two lines that are reindented alike."""
        found: dict[int, Shift] = {}
        gap: list[int] = []
        above = NO_SHIFT
        for segment in segments:
            if segment.line < 0:
                gap.append(segment.first)
                continue
            shift = self._written(segment, shifts).moved
            if shift == above != NO_SHIFT:
                found |= dict.fromkeys(gap, shift)
            gap, above = [], shift
        return found

    def _run(self, segment: Segment, moved: Shift) -> list[str]:
        run = self.field.outline.lines[self.field.solid[segment.first] : self.field.solid[segment.last] + 1]
        return [shifted(line, moved) if line.strip() else line for line in run]

    def _written(self, segment: Segment, shifts: dict[Part, Shift]) -> _Line:
        assert segment.region is not None
        return self._line(segment.line, segment.first, shifts[segment.region.part])

    def _write(self, line: int, column: int, shift: Shift) -> _Line:
        """A line of the snippet as written in its region."""
        snippet = self.parts.outline
        ours = shifted(snippet.lines[line], shift)
        if column < 0:
            return _Line(ours, NO_SHIFT)
        own = self.field.line(column)
        new, old = indent_of(ours), indent_of(own)
        if snippet.stripped[line] == self.field.text[column]:
            inside = snippet.info[line].inside and indent_of(snippet.lines[line]) == old
            lost = line == self.shifts.lost_indentation and len(new) < len(old)  # common where an update begins
            if new == old or inside or lost:
                return _Line(own, NO_SHIFT)
            ours = new + own.lstrip(" \t")
        return _Line(ours, NO_SHIFT if new == old else difference(new, old))


def _ended(line: str, comma: str) -> str:
    """A line with a comma at its end, if it needs one: in the place of the sign that ended the last row."""
    return line.removesuffix(";") + comma if comma else line


def _shown(region: Region) -> list[Segment]:
    """The segments of a part's lines."""
    return [Segment(column, column, line, region) for line, column in zip(region.part.lines, region.pairs, strict=True)]


def _adjacent(above: Segment, below: Segment) -> bool:
    """Does the snippet show one line of a region right below the other?"""
    return above.region is below.region is not None and below.line == above.line + 1


def _runs(start: int, end: int, gone: Iterable[tuple[int, int]]) -> Iterator[Segment]:
    """The columns of [start, end) that stay, as runs."""
    for first, stop in sorted(gone):
        if start < min(first, end):
            yield Segment(start, min(first, end) - 1)
        start = max(start, stop)
    if start < end:
        yield Segment(start, end - 1)
