"""Which lines of an edit's result a snippet shows: changed ones, context, headers, or whole definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapply.text.markers import classify
from fastapply_lab.data.compare import ChangedLines
from fastapply_lab.data.styles import Style
from fastapply_lab.data.units import Parsed, Unit, enclosing

PLAIN_NAME = re.compile(r"[A-Za-z_]\w{2,}$")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both texts as lines, their differences, and the units of the expected text."""

    original: list[str]
    expected: list[str]
    changed: list[ChangedLines]
    parsed: Parsed | None
    parsed_original: Parsed | None
    language: str


def shown_lines(sides: Sides, style: Style) -> set[int]:
    """Rows of the expected text to show: changes, context, headers and closers. Never leaves a gap of a single line."""
    count = len(sides.expected)
    shown: set[int] = set()
    for change in sides.changed:
        shown.update(range(change.new_start, change.new_end))
        shown.update(_context_rows(sides.expected, change.new_start, -1, style.before))
        shown.update(_context_rows(sides.expected, change.new_end, 1, style.after))
        if sides.parsed is not None:
            shown = _snapped(sides.parsed, shown, style)
        if style.headers and sides.parsed is not None:
            for unit in _around(sides.parsed, change):
                shown.update(range(unit.head, min(unit.body, unit.head + 4)))
                if style.closers:
                    shown.update(range(unit.closer, min(unit.end, unit.closer + 2)))
    for row in range(count):
        hidden_alone = row not in shown and row - 1 in shown and row + 1 in shown
        if hidden_alone or (row not in shown and _blank_gap(sides.expected, shown, row)):
            shown.add(row)
    return shown


def _snapped(parsed: Parsed, shown: set[int], style: Style) -> set[int]:
    """The shown rows, extended to the end of a comment or short statement in which they stop."""
    edges = {min(shown, default=0), max(shown, default=0)} if style.snapped else set()
    for unit in parsed.units:
        lead = set(range(unit.start, unit.head + 1))
        if 1 < len(lead) <= 6 and any(row in shown for row in range(unit.start, unit.head)):
            shown |= lead  # a comment or attribute means nothing without its line
        rows = range(unit.start, unit.end)
        if len(rows) == 1 or not (unit.kind == "comment" or (len(rows) <= 4 and not edges.isdisjoint(rows))):
            continue
        part = shown.intersection(rows)
        if part and len(part) < len(rows) and len(rows) <= 6:
            shown |= set(rows)
    return shown


def _around(parsed: Parsed, change: ChangedLines) -> Iterator[Unit]:
    row = min(change.new_start, len(parsed.lines) - 1)
    kinds = frozenset(
        {"definition", "member"} if parsed.language in ("yaml", "json", "html", "toml") else {"definition"}
    )
    yield from enclosing(parsed, row, kinds=kinds)


def _context_rows(lines: list[str], at: int, step: int, count: int) -> Iterator[int]:
    """Rows beside row `at`, up to `count` of them not blank."""
    row = at - 1 if step < 0 else at
    while count > 0 and 0 <= row < len(lines):
        yield row
        count -= bool(lines[row].strip())
        row += step


def _blank_gap(lines: list[str], shown: set[int], row: int) -> bool:
    """Whether `row` is in a run of hidden blank lines between shown ones, for which a marker would be pointless."""
    low, high = row, row
    while low >= 0 and low not in shown and not lines[low].strip():
        low -= 1
    while high < len(lines) and high not in shown and not lines[high].strip():
        high += 1
    return low in shown and high in shown


def whole_definitions(sides: Sides, style: Style) -> set[int] | None:
    """Rows of whole definitions that hold all changes, or None if showing only these is not clear."""
    if sides.parsed is None or sides.parsed_original is None:
        return None
    chosen: list[Unit] = []
    for change in sides.changed:
        around = [
            unit
            for unit in sides.parsed.units
            if unit.kind == "definition" and unit.name and unit.start < unit.body
            and unit.start <= change.new_start and change.new_end <= unit.closer
            and (style.shape != "whole_units" or unit.parent < 0)
        ]  # fmt: skip
        if not around:
            return None
        around = [
            unit for unit in around if _stands_once(sides.parsed_original, unit) and _stands_once(sides.parsed, unit)
        ]
        if not around:
            return None
        chosen.append(around[0] if style.shape == "whole_units" else around[-1])
    distinct = sorted(set(chosen), key=lambda unit: (unit.start, -unit.end))
    if style.shape != "whole_units":
        distinct = [unit for unit in distinct if all(unit.start <= u.start and u.end <= unit.end for u in distinct)]
    if not distinct or sum(unit.end - unit.start for unit in distinct) > max(0.6 * len(sides.expected), 3):
        return None
    if not all(_held(change, _holders(sides.parsed_original, distinct)) for change in sides.changed):
        return None
    rows = {row for unit in distinct for row in range(unit.start, unit.end)}
    if style.shape == "whole_units":
        rows |= {row for row in range(len(sides.expected)) if _blank_gap(sides.expected, rows, row)}
        gaps = {unit.end for unit in distinct if unit.end not in rows and unit.end < len(sides.expected)}
        rows |= {row for row in gaps if not sides.expected[row].strip()}
        while rows and not sides.expected[max(rows)].strip():
            rows.remove(max(rows))
    return rows


def _stands_once(parsed: Parsed, unit: Unit) -> bool:
    return sum(other.name == unit.name and other.kind == "definition" for other in parsed.units) == 1


def _held(change: ChangedLines, holders: list[Unit]) -> bool:
    """Whether a change is within one of the definitions. A deletion above a head would not be visible."""
    goes = change.new_start == change.new_end
    return any((h.head if goes else h.start) <= change.old_start and change.old_end <= h.end for h in holders)


def _holders(parsed: Parsed, units: list[Unit]) -> list[Unit]:
    names = {unit.name for unit in units}
    return [unit for unit in parsed.units if unit.name in names and unit.kind == "definition"]


def removal_comments(sides: Sides) -> dict[int, str]:
    """For each change that deletes exactly one named definition: the row after it, and the comment's text."""
    if sides.parsed_original is None:
        return {}
    found = {}
    kept = {unit.name for unit in sides.parsed.units} if sides.parsed is not None else set()
    for change in sides.changed:
        if change.new_start != change.new_end:
            continue
        rows = [row for row in range(change.old_start, change.old_end) if sides.original[row].strip()]
        for unit in sides.parsed_original.units:
            whole = bool(rows) and unit.start == rows[0] and unit.end == rows[-1] + 1
            named = unit.kind == "definition" and PLAIN_NAME.match(unit.name) and unit.name not in kept
            if whole and named and _stands_once(sides.parsed_original, unit):
                found[change.new_start] = unit.name
    return found


def lines_of(text: str) -> list[str]:
    """The lines of a text that ends in a newline, without line ends."""
    return text.removesuffix("\n").split("\n")


def looks_like_markers(sides: Sides) -> bool:
    """Whether a new line looks like a marker, so that nobody could tell it from one."""
    rows = (row for change in sides.changed for row in range(change.new_start, change.new_end))
    return any(classify(sides.expected[row], sides.language) is not None for row in rows)


def trimmed(lines: list[str]) -> list[str]:
    """`lines` without blank ones at both ends. Mutates the list."""
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines
