"""One edit of a real text, as the lines before and after, and how edits make the two sides of a task."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapply_lab.data.units import Parsed, Unit


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit at lines [start, end) of the real text: the original has `before` there, the expected text `after`."""

    start: int
    end: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    note: str  # the request in words: "add the method `close`"


Op = Callable[[Parsed, random.Random], "list[Edit]"]

CLASS_LIKE = re.compile(r"class|struct|interface|impl|enum|^module|namespace|trait|section|rule|object|record|_mod_")


def indent_step(lines: Sequence[str]) -> str:
    """The text's indentation step."""
    leads = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip() and line[0] in " \t"]
    if any(lead.startswith("\t") for lead in leads):
        return "\t"
    widths = [len(lead) for lead in leads]
    return " " * (min((width for width in widths if width > 1), default=4))


def lead_of(line: str) -> str:
    """The white space a line starts with."""
    return line[: len(line) - len(line.lstrip())]


def flip(start: int, end: int, real: Sequence[str], made: Sequence[str], note: str, *, forward: bool) -> Edit:
    """The edit between a real and a made side. `forward`: it starts from the real side."""
    before, after = (real, made) if forward else (made, real)
    return Edit(start, end, tuple(before), tuple(after), note)


def called(parsed: Parsed, unit: Unit) -> str:
    """A person's name for the unit: "`parse` function", "`import os`"."""
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
    """The edit in which only the real side has lines [start, end). Keeps commas and blank lines correct."""
    lines = parsed.lines
    low, high = start, end
    while low > 0 and not lines[low - 1].strip():
        low -= 1
    while high < len(lines) and not lines[high].strip():
        high += 1
    opens = low == 0 or lines[low - 1].rstrip().endswith(("{", "(", "[", ":"))
    if low < start and (high == len(lines) or start - low < high - end):
        high = end  # keep the larger gap
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
    """A random unit of one of the weighted kinds, or None if the text has none."""
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
    """Whether two edits touch the same or adjacent lines (adjacent edits would form one hunk)."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    return any(a.end >= b.start for a, b in pairwise(ordered))


def both_sides(parsed: Parsed, edits: Sequence[Edit]) -> tuple[str, str]:
    """Original and expected text, each ending in a newline."""
    original, expected = list(parsed.lines), list(parsed.lines)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        original[edit.start : edit.end] = edit.before
        expected[edit.start : edit.end] = edit.after
    return "\n".join(original) + "\n", "\n".join(expected) + "\n"
