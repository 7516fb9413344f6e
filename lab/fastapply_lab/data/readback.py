"""Reads a snippet back against the file it should lead to: may it stand in a task, whoever wrote it?

The snippet is cut at its markers, each part is looked for in the expected text, and then the careful reader of
`answerable` judges whether the original, with this snippet, can only become the expected text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from fastapply.errors import UsageError
from fastapply.text.formats import UpdateKind, parse_update
from fastapply.text.markers import MarkerKind, classify, marker_target
from fastapply_lab.data.answerable import Block, answerable
from fastapply_lab.data.compare import changes
from fastapply_lab.data.shown import Sides, removal_comments
from fastapply_lab.data.units import parse

_MOST_READINGS = 200


def leads_to(update: str, original: str, expected: str, language: str) -> bool:
    """Whether a snippet can be read as leading from `original` to `expected`, and as nothing else."""
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
    """The runs of lines between markers, and the names that removal comments name."""
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


def _readings(groups: list[list[str]], expected: list[str], floor: int) -> Iterator[list[Block]]:
    """Every way to find the groups in the expected text, in order and apart."""
    if not groups:
        yield []
        return
    for start in range(floor, len(expected)):
        end = _matched(groups[0], expected, start)
        if end is not None:
            for rest in _readings(groups[1:], expected, end):
                yield [Block(start, end), *rest]


def _matched(group: list[str], expected: list[str], start: int) -> int | None:
    """Where the group ends if it begins at row `start`: the same lines, all shifted alike; blank ones do not count."""
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
    """Whether tabs and spaces were exchanged, one step of indentation for another."""
    filled = [line for line in expected if line.strip()]
    pairs = {(_width(a), _width(b)) for a, b in zip(shown, filled, strict=True)}
    steps = {a / b for a, b in pairs if a and b}
    return len(steps) == 1 and all(bool(a) == bool(b) for a, b in pairs)
