"""Make tasks: a real text, one to four edits, and the snippet and instruction that a chat model would send.

All random choices come from the generator that is passed in, so a seed always gives the same tasks.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from fastapply_lab.data.edit import Edit, both_sides, overlap
from fastapply_lab.data.edits import pick_edit
from fastapply_lab.data.neighbours import with_neighbours
from fastapply_lab.data.snippets import write_snippet
from fastapply_lab.data.styles import INSTRUCTION
from fastapply_lab.data.units import Parsed, parse, parses
from fastapply_lab.tasks import Task

_HUNKS = {1: 28, 2: 34, 3: 26, 4: 12}
_NEIGHBOURS = 0.18  # the share of texts that get near-duplicates of one of their definitions first
_TRIES = 14


def make_task(text: str, language: str, rng: random.Random, *, identity: str, path: str | None = None) -> Task | None:
    """One task from a real text, which must parse. None if the drawn edits do not fit it."""
    parsed = parse(text, language)
    if parsed is None or not parsed.units:
        return None
    if rng.random() < _NEIGHBOURS:
        parsed = with_neighbours(parsed, rng) or parsed
    edits = _draw_edits(parsed, rng)
    if not edits:
        return None
    original, expected = both_sides(parsed, edits)
    if original == expected or not (parses(original, language) and parses(expected, language)):
        return None
    update = write_snippet(original, expected, language, rng)
    if update is None:
        return None
    instruction = write_instruction(edits, rng) if rng.random() < INSTRUCTION else ""
    return Task(identity, language, original, update, expected, instruction, path)


def _draw_edits(parsed: Parsed, rng: random.Random) -> list[Edit]:
    wanted = rng.choices(list(_HUNKS), list(_HUNKS.values()))[0]
    if len(parsed.lines) < 12:
        wanted = min(wanted, 2)
    edits: list[Edit] = []
    made = 0
    for _ in range(_TRIES):
        more = _merged(pick_edit(parsed, rng))
        if more and len(more) <= 5 and not overlap([*edits, *more]):
            edits += more
            made += len(more) if more[0].note.startswith("rename") else 1
        if made >= wanted:
            break
    return edits


def _merged(edits: list[Edit]) -> list[Edit]:
    """Merge edits of one operation on adjacent lines."""
    result: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        last = result[-1] if result else None
        if last is not None and last.end == edit.start and last.end > last.start and edit.end > edit.start:
            result[-1] = Edit(last.start, edit.end, last.before + edit.before, last.after + edit.after, last.note)
        else:
            result.append(edit)
    return result


def write_instruction(edits: list[Edit], rng: random.Random) -> str:
    """A one-line request for the edits, or for the first few of them, as a person would write it."""
    notes = list(dict.fromkeys(edit.note for edit in sorted(edits, key=lambda edit: edit.start) if edit.note))
    if len(notes) > 2 and rng.random() < 0.5:
        notes = notes[:2]
    joined = "; ".join(notes) if len(notes) > 2 else " and ".join(notes)
    if rng.random() < 0.2:
        joined = f"I will {joined}"
    sentence = joined[:1].upper() + joined[1:]
    return sentence + ("." if rng.random() < 0.6 else "")


def write_tasks(tasks: Iterable[Task], path: Path, *, keep_interrupted: bool = False) -> int:
    """Write a task file, one JSON object per line, and make its folder. Returns the number of tasks.

    The file is replaced atomically. After Ctrl-C it has the tasks so far if `keep_interrupted`; else it is unchanged.
    """
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for task in tasks:
                line = json.dumps({k: v for k, v in asdict(task).items() if v is not None}, ensure_ascii=False)
                file.write(line + "\n")
                count += 1
    except BaseException as error:
        if keep_interrupted and isinstance(error, KeyboardInterrupt):
            part.replace(path)
        part.unlink(missing_ok=True)
        raise
    part.replace(path)
    return count
