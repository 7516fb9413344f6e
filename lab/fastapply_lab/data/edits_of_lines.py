"""Edits of whole lines: add, remove and move units; wrap, stub, extract and insert statements.

Each is an `Op`: it takes a parsed text and a random generator and returns edits, or none if it does not fit. One side
of every edit is the real text: `forward` edits start from it, backward ones lead to it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from fastapply_lab.data import phrases
from fastapply_lab.data.edit import CLASS_LIKE, Edit, called, flip, indent_step, lead_of, pick_unit, without
from fastapply_lab.data.units import Parsed

INSERTION, DELETION = "add", "remove"
_OFTEN_ADDED = {"definition": 3.0, "member": 3.0, "statement": 3.0, "import": 1.5, "comment": 1.0}


def add_or_remove(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Add or remove a unit (sometimes a run of two or three), with the blank line that belongs to it."""
    unit = pick_unit(parsed, rng, _OFTEN_ADDED)
    if unit is None or unit.end - unit.start > 25:
        return []
    start, end = unit.start, unit.end
    if unit.kind in ("statement", "member", "import") and rng.random() < 0.3:
        for index in parsed.siblings(unit.parent):
            other = parsed.units[index]
            if other.start == end and other.kind == unit.kind and other.end - start <= 12:
                end = other.end
                if rng.random() < 0.6:
                    break
    if sum(bool(line.strip()) for line in [*parsed.lines[:start], *parsed.lines[end:]]) < 3:
        return []
    forward = rng.random() < 0.35
    note = f"{DELETION if forward else INSERTION} the {called(parsed, unit)}"
    return without(parsed, start, end, note, forward=forward)


def wrap(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Wrap one to four adjacent statements in an `if`, a `try` or a loop, or unwrap them."""
    templates = phrases.WRAPPERS.get(parsed.language)
    run = _run_of_statements(parsed, rng, most=4)
    if templates is None or run is None:
        return []
    start, end = run
    body = parsed.lines[start:end]
    if any("\\" in line[-1:] or '"""' in line or "<<" in line or "`" in line for line in body):
        return []
    step, lead = indent_step(parsed.lines), lead_of(body[0])
    inside = [lead + step + line[len(lead) :] if line.strip() else line for line in body]
    made: list[str] = []
    filled = _fill_all(rng.choice(templates), parsed, start, rng)
    if filled is None:
        return []
    for part in filled:
        made += inside if part == "{body}" else [lead + part.replace("{i}", step)]
    forward = rng.random() < 0.65
    opener = filled[0].rstrip(" {:")
    note = f"wrap the code in `{opener}`" if forward else f"take the code out of `{opener}`"
    return [flip(start, end, body, made, note, forward=forward)]


def _run_of_statements(parsed: Parsed, rng: random.Random, *, most: int) -> tuple[int, int] | None:
    kinds = ("statement",) if parsed.language not in ("html", "css") else ("member", "definition", "statement")
    chosen = [u for u in parsed.units if u.kind in kinds and (u.parent >= 0 or parsed.language in ("bash", "css"))]
    chosen = [u for u in chosen if u.parent < 0 or not CLASS_LIKE.search(parsed.units[u.parent].type)]
    chosen = [u for u in chosen if not re.match(r"(export|import|package|use|#)", parsed.lines[u.head].strip())]
    chosen = [u for u in chosen if not re.search(r"field|spec$|initializer|case|argument|declarator", u.type)]
    if not chosen:
        return None
    first = rng.choice(chosen)
    end, count = first.end, rng.randint(1, most)
    for unit in chosen:
        if count > 1 and unit.parent == first.parent and unit.start == end and unit.end - first.start <= 10:
            end, count = unit.end, count - 1
    return (first.start, end) if end - first.start <= 14 else None


def _names_near(parsed: Parsed, row: int) -> list[str]:
    near = {leaf.text for leaf in parsed.leaves if row - 6 <= leaf.row <= row + 2 and leaf.type == "identifier"}
    if parsed.language in ("php", "bash", "css", "html"):
        near = {
            leaf.text.strip("$")
            for leaf in parsed.leaves
            if abs(leaf.row - row) < 8 and leaf.type in ("name", "variable_name", "class_name", "tag_name")
        }
    return sorted(name for name in near if name.isidentifier() and 2 < len(name) < 20 and name[0].islower())


def _fill_all(parts: Sequence[str], parsed: Parsed, row: int, rng: random.Random) -> list[str] | None:
    names = _names_near(parsed, row)
    if not names:
        return None
    name = rng.choice(names)
    values = {
        "{n}": name,
        "{e}": rng.choice(phrases.EXCEPTIONS),
        "{r}": rng.choice(phrases.HANDLERS if parsed.language == "python" else ("throw;", "return;")),
    }
    conditions = phrases.CONDITIONS.get(parsed.language)
    if conditions:
        values["{c}"] = rng.choice(conditions).replace("{n}", name)
    filled = []
    for part in parts:
        for key, value in values.items():
            part = part.replace(key, value)
        filled.append(part)
    return filled


def stub_body(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Replace a function's body by a stub, or the reverse."""
    stubs = phrases.STUBS.get(parsed.language)
    functions = [
        unit
        for unit in parsed.units
        if unit.kind == "definition" and unit.head < unit.body < unit.closer and unit.closer - unit.body <= 14
        and not CLASS_LIKE.search(unit.type)
    ]  # fmt: skip
    if stubs is None or not functions:
        return []
    unit = rng.choice(functions)
    start, end = unit.body, unit.closer
    while end > start and not parsed.lines[end - 1].strip():
        end -= 1
    stub = lead_of(parsed.lines[start]) + rng.choice(stubs).replace("{n}", unit.name)
    if end - start == 1 and parsed.lines[start].strip() == stub.strip():
        return []
    forward = rng.random() < 0.1
    note = f"stub out `{unit.name}`" if forward else f"implement `{unit.name}`"
    return [flip(start, end, parsed.lines[start:end], [stub], note, forward=forward)]


def extract_call(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Replace a run of statements by one call, or the reverse."""
    run = _run_of_statements(parsed, rng, most=3)
    if run is None or parsed.language in ("css", "html", "yaml", "json", "markdown", "toml"):
        return []
    start, end = run
    names = _names_near(parsed, start)
    if not names or re.search(r"\b(return|yield|break|continue)\b", "\n".join(parsed.lines[start:end])):
        return []
    name, verb = rng.choice(names), rng.choice(("update", "prepare", "handle", "process", "check", "load", "legacy"))
    snake = any("_" in other for other in names) or parsed.language in ("python", "rust", "ruby", "c", "bash")
    joined = f"{verb}_{name}" if snake else verb + name[0].upper() + name[1:]
    call = f"{joined}({name})" + ("" if parsed.language in ("python", "go", "ruby") else ";")
    if parsed.language in ("bash", "php"):
        call = f'{joined} "$1"' if parsed.language == "bash" else f"$this->{joined}(${name});"
    made = [lead_of(parsed.lines[start]) + call]
    forward = rng.random() < 0.5
    note = f"use `{joined}`" if forward else f"inline `{joined}`"
    return [flip(start, end, parsed.lines[start:end], made, note, forward=forward)]


def insert_made(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Insert a log line, a guard or an assertion between two statements, or remove one."""
    templates = phrases.NEW_STATEMENTS.get(parsed.language)
    places = [u for u in parsed.units if u.parent >= 0 and u.kind in ("statement", "member")]
    if parsed.language in ("python", "ruby", "javascript", "typescript", "tsx"):
        places = [u for u in places if not CLASS_LIKE.search(parsed.units[u.parent].type)]
    if parsed.language != "css":
        places = [u for u in places if u.kind == "statement" and "field" not in u.type and "element" not in u.type]
    if templates is None or not places:
        return []
    unit = rng.choice(places)
    row = unit.start if rng.random() < 0.5 or "return" in unit.type else unit.end
    filled = _fill_all([rng.choice(templates)], parsed, row, rng)
    if filled is None:
        return []
    lead, step = lead_of(parsed.lines[unit.start]), indent_step(parsed.lines)
    made = [lead + part.replace("{i}", step) for part in filled[0].split("\n")]
    forward = rng.random() < 0.75
    word = INSERTION if forward else DELETION
    note = f"{word} `{made[0].strip().rstrip('{ ;')}`"
    return [flip(row, row, [], made, note, forward=forward)]


def move(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Move a definition, member or import: remove it in one place and add it in another."""
    unit = pick_unit(parsed, rng, {"definition": 2.0, "member": 2.0, "import": 0.5})
    if unit is None or unit.end - unit.start > 15:
        return []
    others = [parsed.units[i] for i in parsed.siblings(unit.parent)]
    others = [u for u in others if u.kind == unit.kind and (u.end <= unit.start or u.start >= unit.end)]
    if not others:
        return []
    target = rng.choice(others)
    [taken] = without(parsed, unit.start, unit.end, "", forward=True)
    if taken.after:
        return []
    block = taken.before
    ends = [parsed.lines[u.end - 1].rstrip()[-1:] for u in (unit, target)]
    if ends[0] != ends[1] and "," in ends:
        return []
    blank_first = bool(block) and not block[0].strip()
    row = target.end if blank_first else target.start
    if taken.start <= row <= taken.end:
        return []
    there = f"`{target.name}`" if target.name else "the other one"
    note = f"move the {called(parsed, unit)} {'after' if blank_first else 'before'} {there}"
    return [Edit(taken.start, taken.end, block, (), note), Edit(row, row, (), block, note)]
