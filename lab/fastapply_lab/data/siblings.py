"""Edits among similar siblings, made from real code: add a sibling, or change a line of one.

Siblings are units of one type under one parent: tests, routes, cases, entries, members. Real histories have too few
additions among them to fit weights. The added code is real and left out of the original. The quoted context is what
models quote: the parent's head, the sibling above or below, or nothing if the place is the end.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapply.text.comments import comment
from fastapply_lab.data import sent_styles as styles
from fastapply_lab.data.edit import Edit, both_sides, lead_of, without
from fastapply_lab.data.history import Pair
from fastapply_lab.data.styles import draw
from fastapply_lab.data.tokens import change_line
from fastapply_lab.data.units import Parsed, Unit, parse
from fastapply_lab.tasks import Task

_LEAST, _MOST = 3, 40  # the fewest siblings, and the most lines in one
_HEAD = 12  # the most lines to quote of a parent's head
_ADDED = 0.6  # the share of tasks that add a sibling; the others change one
_TRIES = 12
_INSTRUCTION = 0.5
_FIRST_WORD = re.compile(r"\W*[\w.]+")  # similar statements begin with the same word


@dataclass(frozen=True)
class _Place:
    """Unit number `at` of `row`, the siblings in text order. `parent` is None at the top level."""

    row: Sequence[Unit]
    at: int
    parent: Unit | None

    @property
    def unit(self) -> Unit:
        return self.row[self.at]

    @property
    def above(self) -> Unit | None:
        return self.row[self.at - 1] if self.at else None

    @property
    def below(self) -> Unit | None:
        return self.row[self.at + 1] if self.at + 1 < len(self.row) else None


def sibling_task(pair: Pair, rng: random.Random, identity: str) -> Task | None:
    """A task from the new side of a pair; None if it has no siblings, or if the edit would not be clear."""
    language = pair.language
    parsed = parse(pair.expected, language) if language else None
    rows = list(_rows(parsed)) if parsed is not None else []
    if parsed is None or language is None or not rows:
        return None
    for _ in range(_TRIES):
        row, parent = rng.choice(rows)
        place = _Place(row, rng.choice([0, rng.randrange(len(row)), len(row) - 1]), parent)
        made = (_added if rng.random() < _ADDED else _changed)(parsed, place, rng)
        if made is None:
            continue
        edit, shown = made
        original, expected = both_sides(parsed, [edit])
        if original == expected:
            continue
        update = _snippet(parsed, shown, rng)
        instruction = edit.note if rng.random() < _INSTRUCTION else ""
        path = f"{pair.source}/{pair.path}"
        return Task(f"{identity}#sibling", language, original, update, expected, instruction, path)
    return None


def _rows(parsed: Parsed) -> Iterator[tuple[list[Unit], Unit | None]]:
    groups: dict[tuple[int, str, str], list[Unit]] = {}
    for unit in parsed.units:
        word = _FIRST_WORD.match(parsed.lines[unit.head]) if unit.kind == "statement" else None
        if unit.kind in ("definition", "member", "statement") and unit.end - unit.start <= _MOST:
            groups.setdefault((unit.parent, unit.type, word[0] if word else ""), []).append(unit)
    for (parent, _, _), row in groups.items():
        apart = all(above.end <= below.start for above, below in pairwise(row))
        if len(row) >= _LEAST and apart:
            yield row, parsed.units[parent] if parent >= 0 else None


Shown = list["range | None"]  # rows of the real text; None: a marker


def _added(parsed: Parsed, place: _Place, rng: random.Random) -> tuple[Edit, Shown] | None:
    """Add the sibling. The quoted lines beside it tell its place, or it is the last one."""
    unit = place.unit
    [edit] = without(parsed, unit.start, unit.end, f"Add {_called(parsed, unit)}.", forward=False)
    own: Shown = [range(unit.start, unit.end)]
    head, closer = _head(parsed, place.parent), _closer(place.parent)
    ways: list[Shown] = []
    if place.above is not None:
        above = range(place.above.start, unit.end)
        ways += [[None, above, None], [*head, None, above, None], [None, above]]
        if place.below is None:
            ways += [[None, above, *closer, None]]
    if place.below is not None:
        below = range(unit.start, place.below.end)
        ways += [[None, below, None], [below, None], [*head, None, below, None]]
    if place.below is None:
        ways += [[*head, None, *own], [*head, None, *own, *closer], [None, *own, *closer, None]] * 2
        ways += [[None, *own, None]] if unit.kind == "definition" else []
    if place.above is None and place.parent is not None:
        ways += [[*_joined(head, own), None], [None, *_joined(head, own), None]] * 2
    shown = rng.choice(ways) if ways else None
    return (edit, shown) if shown and _tells(parsed, edit, shown) else None


def _changed(parsed: Parsed, place: _Place, rng: random.Random) -> tuple[Edit, Shown] | None:
    """Change one line in a sibling, which its first line identifies."""
    unit = place.unit
    rows = [row for row in range(unit.head + 1, unit.end) if any(leaf.row == row for leaf in parsed.leaves)]
    row = rng.choice(rows) if rows else -1
    made = change_line(parsed, row, rng) if rows else None
    if made is None:
        return None
    line, old, new = made
    note = f"Change `{new}` to `{old}` in {_called(parsed, unit)}."
    edit = Edit(row, row + 1, (line,), (parsed.lines[row],), note)
    whole = range(unit.start, unit.end)
    near = range(max(unit.start, row - rng.randint(0, 2)), min(unit.end, row + 1 + rng.randint(0, 2)))
    top = range(unit.start, unit.head + 1)
    parted: Shown = [range(unit.start, near.stop)] if near.start <= top.stop else [top, None, near]
    closed: Shown = [*parted, None, range(unit.end - 1, unit.end)] if near.stop < unit.end - 1 else parted
    ways: list[Shown] = [[None, whole, None], [whole], [None, whole], [None, *parted, None], [None, *closed, None]]
    if place.above is not None:
        ways.append([None, range(place.above.start, unit.end), None])
    if place.below is not None:
        ways.append([None, range(unit.start, place.below.end), None])
    return edit, rng.choice(ways)


def _tells(parsed: Parsed, edit: Edit, shown: Shown) -> bool:
    """Whether the place is clear: the quoted lines must be unique in the original, or the new sibling be the last."""
    quoted = [
        tuple(parsed.lines[row] for row in rows if row not in range(edit.start, edit.end) and parsed.lines[row].strip())
        for rows in shown
        if rows is not None
    ]
    kept = [line for k, line in enumerate(parsed.lines) if not edit.start <= k < edit.end and line.strip()]
    for block in filter(None, quoted):
        times = sum(tuple(kept[k : k + len(block)]) == block for k in range(len(kept) - len(block) + 1))
        if times != 1 and any(character.isalnum() for character in "".join(block)):
            return False
    return True


def _joined(head: Shown, own: Shown) -> Shown:
    """The shown rows of the head and of the sibling, joined if they are adjacent."""
    first, second = head[-1] if head else None, own[0]
    if first is None or second is None or second.start - first.stop > 1:
        return [*head, *own]
    return [*head[:-1], range(first.start, second.stop), *own[1:]]


def _head(parsed: Parsed, parent: Unit | None) -> Shown:
    if parent is None:
        return []
    return [range(parent.head, min(parent.body, parent.head + _HEAD))]


def _closer(parent: Unit | None) -> Shown:
    return [range(parent.closer, parent.end)] if parent is not None and parent.closer < parent.end else []


def _called(parsed: Parsed, unit: Unit) -> str:
    return f"`{unit.name}`" if unit.name else f"`{parsed.lines[unit.head].strip()[:50]}`"


def _snippet(parsed: Parsed, shown: Shown, rng: random.Random) -> str:
    """The quoted rows with markers, sometimes separated by blank lines where the file has them."""
    words = draw(styles.MARKERS, rng).format(noun="code", name="code", word="code")
    marker = comment(parsed.language, words if "..." in words else "... existing code ...")
    margin, blanks = rng.random() < styles.MARGIN_MARKER, rng.random() < 0.5
    lines: list[str] = []
    for k, rows in enumerate(shown):
        beside = next(r for r in [*shown[k:], *reversed(shown[:k])] if r is not None)
        if rows is None:
            lines.append(("" if margin else lead_of(parsed.lines[beside.start])) + marker)
            continue
        if blanks and lines and not parsed.lines[rows.start - 1].strip():
            lines.append("")
        lines += parsed.lines[rows.start : rows.stop]
        if blanks and k + 1 < len(shown) and rows.stop < len(parsed.lines) and not parsed.lines[rows.stop].strip():
            lines.append("")
    return "\n".join(lines) + "\n"
