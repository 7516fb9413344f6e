"""One edit of a real text: which lines stand there before, and which after; and how edits make a task's two sides.

Knows lines and units, not how an edit is thought of.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapply_lab.data.units import Parsed, Unit


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines [start, end) of the real text: `before` stands there in the original, `after` in the expected text."""

    start: int
    end: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    note: str  # what a person would ask for: "add the method `close`"


Op = Callable[[Parsed, random.Random], "list[Edit]"]

CLASS_LIKE = re.compile(r"class|struct|interface|impl|enum|^module|namespace|trait|section|rule|object|record|_mod_")


def indent_step(lines: Sequence[str]) -> str:
    """One indentation step as the text uses it."""
    leads = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip() and line[0] in " \t"]
    if any(lead.startswith("\t") for lead in leads):
        return "\t"
    widths = [len(lead) for lead in leads]
    return " " * (min((width for width in widths if width > 1), default=4))


def lead_of(line: str) -> str:
    """The white space a line starts with."""
    return line[: len(line) - len(line.lstrip())]


def flip(start: int, end: int, real: Sequence[str], made: Sequence[str], note: str, *, forward: bool) -> Edit:
    """The edit between a real and a made side; forward: the real one comes first."""
    before, after = (real, made) if forward else (made, real)
    return Edit(start, end, tuple(before), tuple(after), note)


def called(parsed: Parsed, unit: Unit) -> str:
    """How a person names the unit: "`parse` function", "`import os`"."""
    noun = unit.kind
    if unit.kind == "definition":
        noun = next((word for word in ("class", "method", "struct", "enum", "interface") if word in unit.type), "")
        noun = {"rule_set": "rule", "section": "section", "impl_item": "impl"}.get(unit.type, noun or "function")
    elif unit.kind == "member":
        noun = {"pair": "key", "block_mapping_pair": "key", "element": "element"}.get(unit.type, "entry")
        noun = "field" if "field" in unit.type else noun
    if unit.name and unit.kind != "statement":
        return f"`{unit.name}` {noun}"
    first = parsed.lines[unit.head].strip().rstrip("{(:,; ")
    return f"`{first}`" if 3 < len(first) <= 48 else noun


def without(parsed: Parsed, start: int, end: int, note: str, *, forward: bool) -> list[Edit]:
    """The edit that has lines [start, end) on the real side only; commas and blank lines are kept right."""
    lines = parsed.lines
    low, high = start, end
    while low > 0 and not lines[low - 1].strip():
        low -= 1
    while high < len(lines) and not lines[high].strip():
        high += 1
    opens = low == 0 or lines[low - 1].rstrip().endswith(("{", "(", "[", ":"))
    if low < start and (high == len(lines) or start - low < high - end):
        high = end  # the larger gap stays
    elif low < start or opens:
        low = start
    else:
        low, high = start, end
    made: list[str] = []
    if low > 0 and lines[low - 1].rstrip().endswith(",") and not lines[end - 1].rstrip().endswith(","):
        low -= 1
        made = [lines[low].rstrip()[:-1]]
    return [flip(low, high, lines[low:high], made, note, forward=forward)]


def pick_unit(parsed: Parsed, rng: random.Random, weights: dict[str, float]) -> Unit | None:
    """A unit of one of the weighted kinds that the text has, or None."""
    groups: dict[str, list[Unit]] = {}
    for unit in parsed.units:
        if unit.kind in weights and not re.search(r"package|namespace|doctype|php_tag", unit.type):
            groups.setdefault(unit.kind, []).append(unit)
    if not groups:
        return None
    kinds = sorted(groups)
    kind = rng.choices(kinds, [weights[k] for k in kinds])[0]
    return rng.choice(groups[kind])


def overlap(edits: Sequence[Edit]) -> bool:
    """Whether two edits touch the same or neighbouring lines (neighbours would melt into one hunk)."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    return any(a.end >= b.start for a, b in pairwise(ordered))


def both_sides(parsed: Parsed, edits: Sequence[Edit]) -> tuple[str, str]:
    """Original and expected text, each ending in a newline."""
    original, expected = list(parsed.lines), list(parsed.lines)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        original[edit.start : edit.end] = edit.before
        expected[edit.start : edit.end] = edit.after
    return "\n".join(original) + "\n", "\n".join(expected) + "\n"
