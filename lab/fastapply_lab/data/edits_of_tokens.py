"""Edits within lines: a token, a name, a parameter, a version, some words of a comment.

Each is an `Op`, as in edits_of_lines.
"""

from __future__ import annotations

import random
import re

from fastapply_lab.data import phrases
from fastapply_lab.data.edit import Edit, flip
from fastapply_lab.data.tokens import change_line, fresh_name, local_names, rename_lines
from fastapply_lab.data.units import Parsed

_VERSION_LINE = re.compile(r"version", re.IGNORECASE)


def change_tokens(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Change a literal, an operator or a name on one line, or on two adjacent ones."""
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
            return [flip(row, row + 1, [parsed.lines[row]], [changed], note, forward=forward)]
    return []


def bump(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Give a version, a limit or another named constant a new value."""
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
    return [flip(row, row + 1, [parsed.lines[row]], [changed], note, forward=True)]


def rename(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Rename a name everywhere in one definition, or in the whole text."""
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
        flip(row, row + 1, [parsed.lines[row]], [line], note, forward=forward)
        for row, line in rename_lines(parsed, start, end, name, new)
    ]


def change_parameters(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Add a parameter at the end of a parameter list, or remove the last one."""
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
    return [flip(params.row, params.row + 1, [line], [made], note, forward=forward)]


def reword(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """Remove words from a comment, docstring or paragraph, or add some."""
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
    return [flip(row, row + 1, [line], [made], f"reword the {what}", forward=rng.random() < 0.5)]
