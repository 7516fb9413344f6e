"""Check a snippet against the file that it should lead to, to decide whether it may be in a task.

The snippet is cut at its markers and each part is looked up in the expected text. Then `answerable` judges whether a
careful reader would get the expected text, and no other, from the original and the snippet.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from fastapply.errors import UsageError
from fastapply.text.formats import UpdateKind, parse_update
from fastapply.text.markers import MarkerKind, classify, marker_target
from fastapply_lab.data.answerable import ShownRows, answerable
from fastapply_lab.data.compare import changes
from fastapply_lab.data.shown import Sides, removal_comments
from fastapply_lab.data.units import parse

_MOST_READINGS = 200


def leads_to(update: str, original: str, expected: str, language: str) -> bool:
    """Whether a snippet leads from `original` to `expected` and has no other reading."""
    try:
        read = parse_update(update)
    except UsageError:
        return False
    if read.kind is not UpdateKind.SNIPPET:
        return False
    if read.text.rstrip() == expected.rstrip():
        return True
    old, new = original.splitlines(), expected.splitlines()
    sides = Sides(old, new, changes(old, new), parse(expected, language), parse(original, language), language)
    groups, named = _groups(read.text, language)
    removed = {row for row, name in removal_comments(sides).items() if name in named}
    readings = islice(_readings(groups, new, 0), _MOST_READINGS)
    return any(answerable(old, new, sides.changed, blocks, removed) for blocks in readings)


def _groups(text: str, language: str) -> tuple[list[list[str]], set[str]]:
    """The runs of lines between markers, and the names in removal comments."""
    groups: list[list[str]] = [[]]
    named: set[str] = set()
    for line in text.splitlines():
        kind = classify(line, language)
        if kind is None:
            groups[-1].append(line)
            continue
        groups.append([])
        if kind is MarkerKind.REMOVE:
            named.add(marker_target(line, language) or "")
    return [group for group in groups if any(map(str.strip, group))], named


def _readings(groups: list[list[str]], expected: list[str], floor: int) -> Iterator[list[ShownRows]]:
    """All ways to place the groups in the expected text, in order and without overlap."""
    if not groups:
        yield []
        return
    for start in range(floor, len(expected)):
        end = _matched(groups[0], expected, start)
        if end is not None:
            for rest in _readings(groups[1:], expected, end):
                yield [ShownRows(start, end), *rest]


def _matched(group: list[str], expected: list[str], start: int) -> int | None:
    """Where the group ends if it begins at row `start`, or None if it does not match there. All lines may be indented
    by the same amount; blank ones do not count."""
    wanted = [line for line in group if line.strip()]
    if expected[start].strip() != wanted[0].strip():
        return None
    shifts: set[int] = set()
    row = start
    for line in wanted:
        while row < len(expected) and not expected[row].strip():
            row += 1
        if row == len(expected) or expected[row].strip() != line.strip():
            return None
        shifts.add(_width(expected[row]) - _width(line))
        row += 1
    return row if len(shifts) == 1 or _retabbed(wanted, expected[start:row]) else None


def _width(line: str) -> int:
    return len(line) - len(line.lstrip())


def _retabbed(shown: list[str], expected: list[str]) -> bool:
    """Whether the lines differ by one indentation step for another, as between tabs and spaces."""
    filled = [line for line in expected if line.strip()]
    pairs = {(_width(a), _width(b)) for a, b in zip(shown, filled, strict=True)}
    steps = {a / b for a, b in pairs if a and b}
    return len(steps) == 1 and all(bool(a) == bool(b) for a, b in pairs)
