"""Make near-duplicate neighbours: two to four slightly different copies of a definition or member.

Such repetition (tests, overloads, table rows) makes edits hard to apply, so it is made on purpose.
"""

from __future__ import annotations

import random

from fastapply_lab.data.tokens import change_line, fresh_name, rename_lines
from fastapply_lab.data.units import Parsed, Unit, parse


def with_neighbours(parsed: Parsed, rng: random.Random) -> Parsed | None:
    """The text with one to three altered copies of a unit after it, or None if that does not parse."""
    chosen = [
        unit
        for unit in parsed.units
        if (unit.kind == "definition" or (unit.kind == "member" and unit.end - unit.start > 1))
        and unit.name.replace("_", "").replace("-", "").replace(".", "").isalnum()
        and 2 <= unit.end - unit.start <= 12
    ]
    if not chosen:
        return None
    unit = rng.choice(chosen)
    lines = list(parsed.lines)
    blank = [""] if unit.start > 0 and not lines[unit.start - 1].strip() else []
    copies: list[str] = []
    for _ in range(rng.randint(1, 3)):
        copies += blank + _copy(parsed, unit, rng)
    comma = lines[unit.end - 1].rstrip().endswith(",")
    if not comma and parsed.language == "json":
        return None
    text = "\n".join([*lines[: unit.end], *copies, *lines[unit.end :]]) + "\n"
    return parse(text, parsed.language)


def _copy(parsed: Parsed, unit: Unit, rng: random.Random) -> list[str]:
    rows = dict(enumerate(parsed.lines[unit.start : unit.end], unit.start))
    new = fresh_name(unit.name, parsed, rng)
    renamed = rename_lines(parsed, unit.start, unit.end, unit.name, new)
    if renamed:
        rows.update(renamed)
    else:
        rows[unit.head] = rows[unit.head].replace(unit.name, new, 1)
    named = {row for row, _ in renamed} | {unit.head}
    for row in rng.sample(range(unit.start, unit.end), min(2, unit.end - unit.start)):
        if row not in named and (made := change_line(parsed, row, rng)) is not None:
            rows[row] = made[0]
    return list(rows.values())
