"""The parts of an alignment by themselves, for tests."""

from __future__ import annotations

from fastapply.align.chunks import Outline
from fastapply.align.field import Field
from fastapply.align.lines import Lines
from fastapply.align.match import Places
from fastapply.align.parts import Parts, cut
from fastapply.align.reading import Region
from fastapply.align.rows import read_snippet
from fastapply.align.writer import Writer


def field_of(text: str, language: str | None = "python") -> Field:
    return Field(Outline(text.split("\n"), language))


def parts_of(update: str, original: str = "", language: str | None = "python") -> Parts:
    rows, outline = read_snippet(update, language, Outline(original.split("\n"), language))
    return cut(rows, outline)


def lines_of(original: str, update: str, language: str | None = "python") -> tuple[Lines, Parts]:
    field, parts = field_of(original, language), parts_of(update, original, language)
    return Lines(field, parts.outline, Places(field.outline, parts.outline)), parts


def writer_of(original: str, update: str, language: str | None = "python") -> Writer:
    return Writer(field_of(original, language), parts_of(update, original, language))


def region(writer: Writer, unit: int, start: int, end: int) -> Region:
    """The unit in the place of the columns [start, end); what reads the same is the same line."""
    part, text = writer.parts.units[unit], writer.field.text
    pairs, at = list[int](), start
    for line in part.lines:
        same = next((c for c in range(at, end) if text[c] == writer.parts.outline.stripped[line]), -1)
        pairs.append(same)
        at = same + 1 if same >= 0 else at
    return Region(part, start, end, tuple(pairs))
