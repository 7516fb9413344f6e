"""Sent snippets without markers: whole changed definitions or blocks, or a whole short file."""

from __future__ import annotations

import random

from fastapply_lab.data.compare import ChangedLines
from fastapply_lab.data.sent_rows import DATA, units
from fastapply_lab.data.shown import Sides
from fastapply_lab.data.units import Unit

_LONGEST_BARE = 140  # lines


def write_bare(sides: Sides, rng: random.Random) -> list[str] | None:
    """The whole changed definitions or blocks, one after the other, without markers."""
    if sides.parsed is None or sides.parsed_original is None:
        return None
    chosen: list[Unit] = []
    outer = rng.random() < 0.25
    for change in sides.changed:
        around = [unit for unit in sides.parsed.units if _holds(sides, unit, change)]
        if not around:
            return None
        chosen.append(around[0] if outer and around[0].end - around[0].start <= _LONGEST_BARE else around[-1])
    distinct = sorted(set(chosen), key=lambda unit: (unit.start, -unit.end))
    kept = [u for u in distinct if not any(v is not u and v.start <= u.start and u.end <= v.end for v in distinct)]
    size = sum(unit.end - unit.start for unit in kept)
    if size > min(_LONGEST_BARE, max(0.7 * len(sides.expected), 4)):
        return None
    without_comment = rng.random() < 0.4
    lines: list[str] = []
    for unit in kept:
        start = unit.head if without_comment and _comment_above(sides, unit) else unit.start
        rows = sides.expected[start : unit.end]
        apart = [""] * (2 if sides.language == "python" and unit.parent < 0 else 1)
        lines += [*(apart if lines else []), *rows]
    return lines


def write_whole(sides: Sides) -> list[str] | None:
    """The whole result, if the file is short and its ends do not change."""
    first, last = sides.changed[0], sides.changed[-1]
    kept_ends = (first.old_start > 0 or first.old_end == 0) and last.old_end < len(sides.original)
    return list(sides.expected) if kept_ends and len(sides.expected) <= 150 else None


def _holds(sides: Sides, unit: Unit, change: ChangedLines) -> bool:
    """Whether the change is clear if the unit is shown whole, because its head identifies it on both sides."""
    named = unit.kind == "definition" or (unit.kind == "member" and sides.language in DATA)
    if not named or unit.body >= unit.end or not (unit.head < change.new_start and change.new_end <= unit.end):
        return unit.kind == "definition" and _new_head(sides, unit, change)
    head = sides.expected[unit.head].strip()
    old = [u for u in units(sides, original=True) if sides.original[u.head].strip() == head]
    new = [u for u in units(sides, original=False) if sides.expected[u.head].strip() == head]
    return len(old) == len(new) == 1 and old[0].head < change.old_start and change.old_end <= old[0].end


def _new_head(sides: Sides, unit: Unit, change: ChangedLines) -> bool:
    """Like `_holds`, if the definition's first line changes: its name must then be unique on both sides."""
    if not (unit.name and unit.body < unit.end and unit.start <= change.new_start and change.new_end <= unit.end):
        return False
    old = [u for u in units(sides, original=True) if u.kind == "definition" and u.name == unit.name]
    new = [u for u in units(sides, original=False) if u.kind == "definition" and u.name == unit.name]
    goes = change.new_start == change.new_end
    return (
        len(old) == len(new) == 1
        and (old[0].head if goes else old[0].start) <= change.old_start
        and (change.old_end <= old[0].end)
    )


def _comment_above(sides: Sides, unit: Unit) -> bool:
    """Whether the unit has nothing above its head but an unchanged comment."""
    rows = range(unit.start, unit.head)
    signs = ("#", "//", "/*", "*", "--", ";", "%")
    plain = all(sides.expected[row].strip().startswith(signs) for row in rows)
    attribute = any(sides.expected[row].strip().startswith("#[") for row in rows)
    changed = any(c.new_start < unit.head and unit.start <= c.new_end for c in sides.changed)
    return bool(rows) and plain and not attribute and not changed
