"""Edits of real code: each turns a parsed text into line replacements that carry both sides, before and after.

One side of every edit is the real text, the other side is made: `forward` edits change the real text (it is the
original), backward ones lead to it (it is the expected text). Several edits of both directions meet in one task.
Knows syntax units, not snippets. Whether the made side parses is for the caller to check.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapply.train import phrases
from fastapply.train.tokens import change_line, fresh_name, local_names, rename_lines
from fastapply.train.units import Parsed, Unit


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines [start, end) of the real text: `before` stands there in the original, `after` in the expected text."""

    start: int
    end: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    note: str  # what a person would ask for: "add the method `close`"


Op = Callable[[Parsed, random.Random], "list[Edit]"]

_CLASS_LIKE = re.compile(r"class|struct|interface|impl|enum|^module|namespace|trait|section|rule|object|record|_mod_")
_VERSION_LINE = re.compile(r"version", re.IGNORECASE)

INSERTION, DELETION = "add", "remove"


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


def _flip(start: int, end: int, real: Sequence[str], made: Sequence[str], note: str, *, forward: bool) -> Edit:
    before, after = (real, made) if forward else (made, real)
    return Edit(start, end, tuple(before), tuple(after), note)


def called(parsed: Parsed, unit: Unit) -> str:
    """How a person names the unit: "the function `parse`", "an import"."""
    noun = unit.kind
    if unit.kind == "definition":
        noun = next((word for word in ("class", "method", "struct", "enum", "interface") if word in unit.type), "")
        noun = {"rule_set": "rule", "section": "section", "impl_item": "impl"}.get(unit.type, noun or "function")
    elif unit.kind == "member":
        noun = {"pair": "key", "block_mapping_pair": "key", "element": "element"}.get(unit.type, "entry")
        noun = "field" if "field" in unit.type else noun
    if unit.name and unit.kind != "statement":
        return f"`{unit.name}` {noun}"
    first = parsed.lines[unit.head].strip().rstrip("{(:,;")
    return f"`{first}`" if 3 < len(first) <= 48 else noun


def add_or_remove(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A unit (sometimes a run of two or three) comes or goes, with the blank line that belongs to it."""
    unit = _pick(parsed, rng, _OFTEN_ADDED)
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
    forward = rng.random() < 0.35
    note = f"{DELETION if forward else INSERTION} the {called(parsed, unit)}"
    return _without(parsed, start, end, note, forward=forward)


_OFTEN_ADDED = {"definition": 3.0, "member": 3.0, "statement": 3.0, "import": 1.5, "comment": 1.0}


def _without(parsed: Parsed, start: int, end: int, note: str, *, forward: bool) -> list[Edit]:
    """The edit that has lines [start, end) on the real side only; commas and blank lines are kept right."""
    lines = parsed.lines
    low, high = start, end
    blank_before = low == 0 or not lines[low - 1].strip()
    if blank_before:
        while high < len(lines) and not lines[high].strip():
            high += 1
        if high == len(lines) or (high == end and low > 0):
            while high == end and low > 0 and not lines[low - 1].strip():
                low -= 1
            if high == len(lines):
                high = end
                while low > 0 and not lines[low - 1].strip():
                    low -= 1
    made: list[str] = []
    if low > 0 and lines[low - 1].rstrip().endswith(",") and not lines[end - 1].rstrip().endswith(","):
        low -= 1
        made = [lines[low].rstrip()[:-1]]
    return [_flip(low, high, lines[low:high], made, note, forward=forward)]


def change_tokens(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A literal, an operator or a name changes on one line, or on two neighbouring ones."""
    skipped = {row for unit in parsed.units if "future" in unit.type for row in range(unit.start, unit.end)}
    rows = sorted({leaf.row for leaf in parsed.leaves} - skipped)
    for _ in range(6 if rows else 0):
        row = rng.choice(rows)
        made = change_line(parsed, row, rng)
        if made is not None:
            changed, was, now = made
            forward = rng.random() < 0.5
            old, new = (was, now) if forward else (now, was)
            note = f"change `{old}` to `{new}`"
            return [_flip(row, row + 1, [parsed.lines[row]], [changed], note, forward=forward)]
    return []


def bump(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A version, a limit or another named constant gets a new value."""
    named = [row for row, line in enumerate(parsed.lines) if re.match(r"\s*[\w\"'.$-]+\s*[:=]+\s*[\"'\d]", line)]
    versions = [row for row in named if _VERSION_LINE.search(parsed.lines[row])]
    if not named:
        return []
    row = rng.choice(versions or named)
    value = re.search(r"\d+(\.\d+)*", parsed.lines[row])
    if value is None:
        return []
    parts = value.group().split(".")
    at = rng.randrange(len(parts))
    parts[at] = str(int(parts[at]) + rng.randint(1, 4))
    changed = parsed.lines[row][: value.start()] + ".".join(parts) + parsed.lines[row][value.end() :]
    name = re.split(r"[:=]", parsed.lines[row])[0].strip().strip("\"'")
    note = f"set `{name}` to {'.'.join(parts)}"
    return [_flip(row, row + 1, [parsed.lines[row]], [changed], note, forward=True)]


def rename(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A name changes everywhere in one definition, or in the whole text."""
    scopes = [unit for unit in parsed.units if unit.kind == "definition" and unit.end - unit.start <= 45]
    if scopes and rng.random() < 0.85:
        scope = rng.choice(scopes)
        start, end, where = scope.start, scope.end, f" in `{scope.name}`" if scope.name else ""
    else:
        start, end, where = 0, len(parsed.lines), ""
    names = local_names(parsed, start, end)
    if not names:
        return []
    name = rng.choice(names)
    new = fresh_name(name, parsed, rng)
    forward = rng.random() < 0.5
    old_name, new_name = (name, new) if forward else (new, name)
    note = f"rename `{old_name}` to `{new_name}`{where}"
    return [
        _flip(row, row + 1, [parsed.lines[row]], [line], note, forward=forward)
        for row, line in rename_lines(parsed, start, end, name, new)
    ]


def change_parameters(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A parameter is added at the end of a parameter list, or the last one goes."""
    if not parsed.params:
        return []
    params = rng.choice(parsed.params)
    inner = params.text[1:-1]
    line = parsed.lines[params.row]
    owner = next((u for u in reversed(parsed.units) if u.kind == "definition" and u.start <= params.row < u.end), None)
    where = f" `{owner.name}`" if owner is not None and owner.name else ""
    if inner.strip() and "," in inner and rng.random() < 0.5 and not re.search(r"[({\[<]", inner):
        kept, _, last = inner.rpartition(",")
        note_name, made_inner, forward = last.strip(), kept, rng.random() < 0.3
        word = "remove the parameter" if forward else "add the parameter"
    else:
        choices = phrases.PARAMETERS.get(parsed.language)
        if choices is None or re.search(r"\*\*|\.\.\.|&\w|\bvoid\b", inner) or inner.rstrip().endswith(","):
            return []
        note_name = rng.choice(choices)
        if inner.strip() and note_name.split("=")[0].split(":")[0].strip() in inner:
            return []
        made_inner = f"{inner}, {note_name}" if inner.strip() else note_name
        forward, word = True, "add the parameter"
    made = line[: params.start] + params.text[0] + made_inner + params.text[-1] + line[params.end :]
    note = f"{word} `{note_name}`" + (f" {'to' if word.startswith('add') else 'of'}{where}" if where else "")
    return [_flip(params.row, params.row + 1, [line], [made], note, forward=forward)]


def wrap(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """One to four neighbouring statements go into an if, a try, a loop, or come out of it."""
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
    return [_flip(start, end, body, made, note, forward=forward)]


def _run_of_statements(parsed: Parsed, rng: random.Random, *, most: int) -> tuple[int, int] | None:
    kinds = ("statement",) if parsed.language not in ("html", "css") else ("member", "definition", "statement")
    chosen = [u for u in parsed.units if u.kind in kinds and (u.parent >= 0 or parsed.language in ("bash", "css"))]
    chosen = [u for u in chosen if u.parent < 0 or not _CLASS_LIKE.search(parsed.units[u.parent].type)]
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
    """A function's body is written where a stub stood, or reduced to one; or a run of statements to one call."""
    stubs = phrases.STUBS.get(parsed.language)
    functions = [
        unit
        for unit in parsed.units
        if unit.kind == "definition" and unit.head < unit.body < unit.closer and unit.closer - unit.body <= 14
        and not _CLASS_LIKE.search(unit.type)
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
    return [_flip(start, end, parsed.lines[start:end], [stub], note, forward=forward)]


def extract_call(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A run of statements stands where one call stood, or the other way round."""
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
    return [_flip(start, end, parsed.lines[start:end], made, note, forward=forward)]


def insert_made(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A log line, a guard or an assertion is inserted between two statements, or taken out again."""
    templates = phrases.NEW_STATEMENTS.get(parsed.language)
    places = [u for u in parsed.units if u.parent >= 0 and u.kind in ("statement", "member")]
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
    return [_flip(row, row, [], made, note, forward=forward)]


def move(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A definition, member or import changes places with others: it goes in one place and comes in another."""
    unit = _pick(parsed, rng, {"definition": 2.0, "member": 2.0, "import": 0.5})
    if unit is None or unit.end - unit.start > 15:
        return []
    others = [parsed.units[i] for i in parsed.siblings(unit.parent)]
    others = [u for u in others if u.kind == unit.kind and (u.end <= unit.start or u.start >= unit.end)]
    if not others:
        return []
    target = rng.choice(others)
    [taken] = _without(parsed, unit.start, unit.end, "", forward=True)
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


def reword(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """A comment, docstring or paragraph loses or gains words."""
    rows = [row for u in parsed.units if u.kind == "comment" or u.type == "paragraph" for row in range(u.start, u.end)]
    rows += [
        leaf.row for leaf in parsed.leaves if "comment" in leaf.type or leaf.type in ("text", "jsx_text", "inline")
    ]
    rows = [row for row in rows if len(parsed.lines[row].split()) >= 5]
    if not rows:
        return []
    row = rng.choice(rows)
    line = parsed.lines[row]
    words = re.findall(r"\s*\S+", line)
    places = [i for i in range(2, len(words) - 1) if words[i].strip().isalpha()]
    if not places:
        return []
    at = rng.choice(places)
    cut = rng.randint(1, 3)
    if rng.random() < 0.5:
        made = "".join([*words[:at], *words[min(at + cut, len(words) - 1) :]])
    else:
        made = "".join([*words[:at], " " + rng.choice(phrases.WORDS), *words[at + 1 :]])
    what = "text" if parsed.language in ("markdown", "html") else "comment"
    return [_flip(row, row + 1, [line], [made], f"reword the {what}", forward=rng.random() < 0.5)]


def _pick(parsed: Parsed, rng: random.Random, weights: dict[str, float]) -> Unit | None:
    groups: dict[str, list[Unit]] = {}
    for unit in parsed.units:
        if unit.kind in weights and not re.search(r"package|namespace|doctype|php_tag", unit.type):
            groups.setdefault(unit.kind, []).append(unit)
    if not groups:
        return None
    kinds = sorted(groups)
    kind = rng.choices(kinds, [weights[k] for k in kinds])[0]
    return rng.choice(groups[kind])


# How often each edit is tried, by kind of language: code, or data and text.
CODE_EDITS: dict[Op, float] = {
    add_or_remove: 34,
    change_tokens: 20,
    insert_made: 9,
    rename: 6,
    change_parameters: 6,
    wrap: 8,
    stub_body: 6,
    extract_call: 4,
    move: 4,
    reword: 4,
    bump: 3,
}
DATA_EDITS: dict[Op, float] = {
    add_or_remove: 45,
    change_tokens: 35,
    move: 7,
    reword: 10,
    wrap: 3,
    insert_made: 3,
    bump: 8,
}
DATA_LANGUAGES = frozenset("json yaml toml markdown html css scss xml".split())


def pick_edit(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """One edit of the mix for the language; empty where the one drawn does not fit the text."""
    table = DATA_EDITS if parsed.language in DATA_LANGUAGES else CODE_EDITS
    op = rng.choices(list(table), list(table.values()))[0]
    edits = op(parsed, rng)
    return [edit for edit in edits if edit.before != edit.after]


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
