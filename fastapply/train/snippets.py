"""Writes the snippet that a chat model would have sent for an edit, so that a careful reader can still apply it.

`write_snippet` shows the changed lines of `expected` in a drawn style and elides the rest. It knows nothing of how the
edit was made: it works from the two texts, and so serves commits as well as made edits. A snippet that would be
ambiguous is written with more context, and refused where that does not help.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fastapply.align import languages
from fastapply.text.markers import classify
from fastapply.train.answerable import Block, answerable
from fastapply.train.compare import Change, changes
from fastapply.train.styles import Style, draw_style
from fastapply.train.units import Parsed, Unit, enclosing, parse

_MOST_CONTEXT = 8
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w{2,}$")


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both texts as lines, what differs, and the units of the expected one."""

    original: list[str]
    expected: list[str]
    changed: list[Change]
    parsed: Parsed | None
    parsed_original: Parsed | None
    language: str


def write_snippet(
    original: str, expected: str, language: str, rng: random.Random, style: Style | None = None
) -> str | None:
    """The update text that leads from `original` to `expected`, in `style` or a drawn one.

    None where no snippet of that style, even with more context, tells a reader what is meant (or nothing changes).
    Texts have LF line ends.
    """
    style = style or draw_style(language, rng)
    sides = _Sides(
        original.splitlines(),
        expected.splitlines(),
        changes(original.splitlines(), expected.splitlines()),
        parse(expected, language),
        parse(original, language),
        language,
    )
    if not sides.changed or _looks_like_markers(sides):
        return None
    lines = _write(sides, style)
    if lines is None:
        return None
    if style.dedented:
        lines = _dedent(lines)
    return _dress("\n".join(lines) + "\n", style, language)


def _looks_like_markers(sides: _Sides) -> bool:
    """Whether a new line reads like a marker, so that nobody could tell it from one."""
    rows = (row for change in sides.changed for row in range(change.new_start, change.new_end))
    return any(classify(sides.expected[row], sides.language) is not None for row in rows)


def _write(sides: _Sides, style: Style) -> list[str] | None:
    if style.shape == "whole_file":
        return sides.expected
    if style.shape in ("bare_unit", "marked_unit", "whole_units"):
        shown = _whole_definitions(sides, style)
        if shown is not None:
            if style.shape == "marked_unit":
                return _render(sides, replace(style, omit_first=False, omit_last=False), shown, {})
            return [sides.expected[row] for row in sorted(shown)]
    for wider in _widening(style):
        removed = _removal_comments(sides) if wider.removal_comments else {}
        shown = _shown_lines(sides, wider)
        if answerable(sides.original, sides.expected, sides.changed, _blocks(sides, shown, removed), set(removed)):
            return _render(sides, wider, shown, removed)
    return None


def _widening(style: Style) -> Iterator[Style]:
    """The style as drawn, then with ever more context, then with the enclosing headers as well."""
    yield style
    for extra in range(1, 4):
        yield replace(
            style, before=min(style.before + extra, _MOST_CONTEXT), after=min(style.after + extra, _MOST_CONTEXT)
        )
    for extra in range(5):
        yield replace(style, headers=True, before=style.before + extra, after=style.after + extra)


def _shown_lines(sides: _Sides, style: Style) -> set[int]:
    """Rows of the expected text to show: changed ones, context, headers and closers; never a lone gap of one line."""
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
    """Context that stops inside a comment, or a short statement, goes on to its end, as people quote code."""
    edges = {min(shown, default=0), max(shown, default=0)} if style.snapped else set()
    for unit in parsed.units:
        lead = set(range(unit.start, unit.head + 1))
        if 1 < len(lead) <= 6 and any(row in shown for row in range(unit.start, unit.head)):
            shown |= lead  # a comment or attribute without the line that it is about says nothing
        rows = range(unit.start, unit.end)
        if len(rows) == 1 or not (unit.kind == "comment" or (len(rows) <= 4 and not edges.isdisjoint(rows))):
            continue
        part = shown.intersection(rows)
        if part and len(part) < len(rows) and len(rows) <= 6:
            shown |= set(rows)
    return shown


def _around(parsed: Parsed, change: Change) -> Iterator[Unit]:
    row = min(change.new_start, len(parsed.lines) - 1)
    kinds = frozenset(
        {"definition", "member"} if parsed.language in ("yaml", "json", "html", "toml") else {"definition"}
    )
    yield from enclosing(parsed, row, kinds=kinds)


def _context_rows(lines: list[str], at: int, step: int, count: int) -> Iterator[int]:
    """Up to `count` rows beside row `at`; blank ones on the way do not count."""
    row = at - 1 if step < 0 else at
    while count > 0 and 0 <= row < len(lines):
        yield row
        count -= bool(lines[row].strip())
        row += step


def _blank_gap(lines: list[str], shown: set[int], row: int) -> bool:
    """Whether `row` lies in a run of hidden blank lines between shown ones: a marker there would stand for nothing."""
    low, high = row, row
    while low >= 0 and low not in shown and not lines[low].strip():
        low -= 1
    while high < len(lines) and high not in shown and not lines[high].strip():
        high += 1
    return low in shown and high in shown


def _whole_definitions(sides: _Sides, style: Style) -> set[int] | None:
    """Rows of whole definitions that hold all changes, where showing just these is clear; else None."""
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
    holder = _holders(sides.parsed_original, distinct)
    if any(not any(h.start <= c.old_start and c.old_end <= h.end for h in holder) for c in sides.changed):
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


def _holders(parsed: Parsed, units: list[Unit]) -> list[Unit]:
    names = {unit.name for unit in units}
    return [unit for unit in parsed.units if unit.name in names and unit.kind == "definition"]


def _removal_comments(sides: _Sides) -> dict[int, str]:
    """For each change that deletes exactly one named definition: the row it stood before, and the comment's text."""
    if sides.parsed_original is None:
        return {}
    found = {}
    for change in sides.changed:
        if change.new_start != change.new_end:
            continue
        rows = [row for row in range(change.old_start, change.old_end) if sides.original[row].strip()]
        for unit in sides.parsed_original.units:
            whole = rows and unit.start == rows[0] and unit.end == rows[-1] + 1
            if whole and unit.name and unit.kind == "definition" and _stands_once(sides.parsed_original, unit):
                found[change.new_start] = unit.name
    return found


def _blocks(sides: _Sides, shown: set[int], removed: dict[int, str]) -> list[Block]:
    """The runs of shown rows between markers; a removal comment ends a run as a marker does, for a careful reader."""
    blocks: list[Block] = []
    start: int | None = None
    for row in range(len(sides.expected) + 1):
        if start is not None and row not in shown:
            blocks.append(Block(start, row))
            start = None
        if row in shown and start is None:
            start = row
    return blocks


def _render(sides: _Sides, style: Style, shown: set[int], removed: dict[int, str]) -> list[str]:
    lines: list[str] = []
    count = len(sides.expected)
    row = 0
    while row <= count:
        if row in removed:
            lines.append(_removal_line(sides, style, removed[row], row))
        if row == count:
            break
        if row in shown:
            lines.append(sides.expected[row])
            row += 1
            continue
        end = row
        while end < count and end not in shown and (end == row or end not in removed):
            end += 1
        skip = (style.omit_first and row == 0) or (style.omit_last and end == count)
        if not skip and any(sides.expected[at].strip() for at in range(row, end)):
            lines += _marker(sides, style, row, end)
        row = end
    return _trim(lines)


def _trim(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _removal_line(sides: _Sides, style: Style, name: str, row: int) -> str:
    near = sides.expected[min(row, len(sides.expected) - 1)] if sides.expected else ""
    words = f"remove {name}" if len(name) % 3 else f"removed: {name}"
    return _lead(near) + languages.comment(sides.language, words)


def _lead(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _marker(sides: _Sides, style: Style, start: int, end: int) -> list[str]:
    """The line that stands for rows [start, end), with the blank lines around it that the style keeps."""
    rows = [row for row in range(start, end) if sides.expected[row].strip()]
    lead = "" if style.marker_indent == "none" else _lead(_least_indented(sides.expected, rows))
    text = style.marker
    if "{" in text:
        noun, name = _elided(sides, start, end)
        text = text.replace("{noun}", noun).replace("{name}", name)
    if not style.bare_marker:
        in_jsx = _in_jsx(sides, rows[0])
        text = f"{{/* {text} */}}" if in_jsx else languages.comment(sides.language, text)
    elif not text.startswith("..."):
        text = "..."
    before = [""] if style.blank_edges and start > 0 and not sides.expected[start].strip() else []
    after = [""] if style.blank_edges and end < len(sides.expected) and not sides.expected[end - 1].strip() else []
    return [*before, lead + text, *after]


def _least_indented(lines: list[str], rows: list[int]) -> str:
    return min((lines[row] for row in rows), key=lambda line: len(_lead(line)))


def _in_jsx(sides: _Sides, row: int) -> bool:
    if sides.language not in ("tsx", "javascript") or sides.parsed is None:
        return False
    inner = [u for u in sides.parsed.units if u.body <= row < u.closer]
    return bool(inner) and inner[-1].type.startswith("jsx")


def _elided(sides: _Sides, start: int, end: int) -> tuple[str, str]:
    """A noun for what rows [start, end) hold, and the name of one of them."""
    units = [u for u in sides.parsed.units if start <= u.head < end] if sides.parsed is not None else []
    nouns = {"import": "imports", "definition": "methods" if units and units[0].parent >= 0 else "functions"}
    nouns |= {"member": "fields", "comment": "comments"}
    noun = nouns.get(units[0].kind, "code") if units else "code"
    names = [u.name for u in units if u.kind in ("definition", "member") and _PLAIN_NAME.match(u.name)]
    return noun, names[0] if names else "the code"


def _dedent(lines: list[str]) -> list[str]:
    widths = [len(_lead(line)) for line in lines if line.strip()]
    return [line[min(widths) :] if line.strip() else line for line in lines]


def _dress(text: str, style: Style, language: str) -> str:
    if style.fence is None or "```" in text:
        return text
    prose = style.prose.replace("{file}", language) + "\n\n" if style.prose else ""
    return f"{prose}```{style.fence}\n{text}```\n"
