"""Which rows of the result a sent snippet shows, and where its chunks begin and end."""

from __future__ import annotations

import re
from itertools import takewhile

from fastapply_lab.data.answerable import ShownRows
from fastapply_lab.data.compare import ChangedLines, telling
from fastapply_lab.data.sent_edit import indentation, signature, stands_once
from fastapply_lab.data.shown import Sides, shown_lines
from fastapply_lab.data.styles import Style
from fastapply_lab.data.units import Unit

_OPENING = re.compile(
    r"[{(\[:,&|+=]\s*$|^\s*(@|#\[|\[\w+[^\]]*\]\s*$|/\*\*|//|#\s|\*|<\w[^/]*>\s*$)|^\s*$|\b(do|then)\s*(\|.*\|)?$"
)
DATA = ("yaml", "json", "toml", "html", "xml", "css", "scss", "hcl", "proto", "graphql", "ini", "vue", "svelte")


def rows_shown(sides: Sides, style: Style) -> set[int]:
    """The rows to show. With a definition's first row, its whole head is shown."""
    shown = shown_lines(sides, style)
    heads = {unit.head for unit in units(sides, original=False) if unit.kind == "definition"}
    return shown.union(*(signature(sides.expected, row) for row in shown & heads))


def sketches(sides: Sides) -> dict[int, set[int]]:
    """For each insertion below a definition: its first row, and the rows to show (the definition's head, its closer and
    the insertion).

    With a marker between head and closer, a reader knows that the insertion follows the definition.
    """
    found: dict[int, set[int]] = {}
    for change in sides.changed:
        rows = [row for row in range(change.new_start, change.new_end) if sides.expected[row].strip()]
        if change.old_start != change.old_end or not rows:
            continue
        above = next((row for row in range(change.new_start - 1, -1, -1) if sides.expected[row].strip()), -1)
        for unit in units(sides, original=False):
            level = indentation(sides.expected[unit.head]) == indentation(sides.expected[rows[0]])
            if unit.kind == "definition" and unit.end == above + 1 and level and _sketchable(sides, unit):
                closer = range(unit.closer, change.new_start)
                found[change.new_start] = {
                    *signature(sides.expected, unit.head),
                    *closer,
                    *range(change.new_start, change.new_end),
                }
    return found


def _sketchable(sides: Sides, unit: Unit) -> bool:
    """Whether the definition does not change, is identified by its first line, and has lines to hide."""
    head = [sides.expected[unit.head]]
    told = stands_once(sides.original, head) and stands_once(sides.expected, head)
    touched = any(c.new_start < unit.end and c.new_end > unit.start for c in sides.changed)
    return told and not touched and unit.closer - signature(sides.expected, unit.head).stop >= 2


def ways(sides: Sides, shown: set[int], kind: str) -> list[set[int]]:
    """The rows tidied and, if a marker can follow, also untidied."""
    return [tidied(sides, shown, open_end=kind == "open"), *([shown] if kind != "open" else [])]


def tidied(sides: Sides, shown: set[int], *, open_end: bool) -> set[int]:
    """The rows without context that nobody would quote: brackets above a chunk and, without a marker below it, lines
    that only open another block. Rows stay if the place would not be clear without them.
    """
    touched = _touched(sides)
    kept = set(shown)
    for block in blocks_of(sides, shown):
        rows = takewhile(lambda row: row not in touched and _odd_start(sides, row), range(block.start, block.end))
        kept -= set(rows) if block.start else set()
    while open_end and kept and max(kept) not in touched and _OPENING.search(sides.expected[max(kept)]):
        kept.remove(max(kept))
    return kept


def natural_block(sides: Sides, block: ShownRows) -> ShownRows:
    """The block without brackets and blank lines at its edges that nobody would quote."""
    start, end = block.start, block.end
    touched = _touched(sides)
    while start < end and start not in touched and not telling(sides.expected[start]):
        start += 1
    while end > start and end - 1 not in touched and not telling(sides.expected[end - 1]):
        end -= 1
    return ShownRows(start, end)


def _odd_start(sides: Sides, row: int) -> bool:
    """Whether a row is only a bracket, or a line inside a comment."""
    line = sides.expected[row]
    inside = sides.language != "markdown" and re.match(r"\s*\*([ /]|$)", line)
    return not telling(line) or bool(inside)


def _touched(sides: Sides) -> set[int]:
    """The new rows, and both neighbours of removed ones."""
    new = {row for c in sides.changed for row in range(c.new_start, c.new_end)}
    return new | {row for c in sides.changed if c.new_start == c.new_end for row in (c.new_start - 1, c.new_start)}


def closer_rows(sides: Sides, header: range, change: ChangedLines) -> set[int]:
    """The row below the addition, if it closes the block of the header."""
    new = sides.expected
    below = next((row for row in range(change.new_end, len(new)) if new[row].strip()), None)
    closes = (
        below is not None
        and not new[below].strip(" \t})];,")
        and indentation(new[below]) == indentation(new[header[0]])
    )
    return set(range(change.new_end, below + 1)) if closes and below is not None else set()


def function_around(sides: Sides) -> Unit | None:
    """The innermost definition with a body that holds all changes, unless it is the whole file."""
    if sides.language in (*DATA, "markdown"):
        return None
    first, last = sides.changed[0].new_start, sides.changed[-1].new_end
    around = [
        unit for unit in units(sides, original=False)
        if unit.kind == "definition" and unit.body < unit.closer and unit.body <= first and last <= unit.closer
        and unit.end - unit.start < 0.8 * len(sides.expected)
    ]  # fmt: skip
    return around[-1] if around else None


def rows_within(sides: Sides, shown: set[int], unit: Unit) -> set[int]:
    """The rows shown of a definition, including its head and its closer."""
    whole = {*signature(sides.expected, unit.head), *range(unit.closer, unit.end)}
    return {row for row in shown | whole if unit.head <= row < unit.end}


def blocks_of(sides: Sides, shown: set[int]) -> list[ShownRows]:
    """The runs of shown rows."""
    blocks: list[ShownRows] = []
    start: int | None = None
    for row in range(len(sides.expected) + 1):
        if start is not None and row not in shown:
            blocks.append(ShownRows(start, row))
            start = None
        elif row in shown and start is None:
            start = row
    return blocks


def units(sides: Sides, *, original: bool) -> tuple[Unit, ...]:
    parsed = sides.parsed_original if original else sides.parsed
    return parsed.units if parsed is not None else ()
