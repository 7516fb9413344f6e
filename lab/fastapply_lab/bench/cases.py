"""The tasks that ship: files of six lengths with edits of six sizes, and one task that no source predicts.

`corpus.txt` holds definitions from an old version of this program's sources, so that all versions are measured on the
same files. A file of a given length has the first definitions that fill it. An edit changes a share of the lines,
definition by definition. Its update shows the changed definitions in full and markers for the rest, as an agent would.
"""

from __future__ import annotations

import random
import re
from importlib import resources

from fastapply_lab.tasks import Task

LENGTHS = (50, 100, 200, 400, 1000, 3000)  # lines
SHARES = (0.0, 0.05, 0.10, 0.25, 0.50, 1.0)  # of the lines
USUAL_LENGTH, USUAL_SHARE = 100, 0.05
UNPREDICTED = "nothing-predicts"
MARKER = "# ... existing code ..."
SEED = 7

_WORD = re.compile(r"[A-Za-z_]{3,}(?!.*[A-Za-z_]{3,})")  # the last word of a line


def standard_tasks() -> list[Task]:
    """The tasks, the same at every call: by length, then by changed share, then the worst case."""
    grid = [(lines, USUAL_SHARE) for lines in LENGTHS]
    grid += [(USUAL_LENGTH, share) for share in SHARES if share != USUAL_SHARE]
    return [*(edit_task(lines, share) for lines, share in grid), unpredicted_task()]


def edit_task(lines: int, share: float) -> Task:
    """A file of about `lines` lines of which `share` change. With 0 the update shows one unchanged definition."""
    before = _definitions(lines)
    after, shown = _changed(before, share, random.Random(f"{SEED} {lines} {share}"))
    parts = [text if index in shown else MARKER for index, text in enumerate(after)]
    parts = [part for index, part in enumerate(parts) if part != MARKER or parts[index - 1 : index] != [MARKER]]
    name = f"{lines} lines, {share:.0%}"
    return Task(name, "python", _file(before), _file(parts), _file(after), path="module.py")


def unpredicted_task() -> Task:
    """A task whose output has no line of the file or the update, so that drafts from them are useless."""
    before, others = _definitions(USUAL_LENGTH // 2), _corpus()
    after = _file(others[-1:])
    return Task(UNPREDICTED, "python", _file(before), _file([before[0], MARKER]), after, path="module.py")


def _changed(before: list[str], share: float, rng: random.Random) -> tuple[list[str], set[int]]:
    """The definitions after the edit, and the indices of those that an update must show."""
    after = list(before)
    order = list(range(len(before)))
    rng.shuffle(order)
    left = round(share * _file(before).count("\n"))
    shown: set[int] = set()
    for index in order:
        lines = after[index].split("\n")
        for number, line in enumerate(lines):
            if left and line.strip() and not line.startswith(("def ", "class ", "@")):
                lines[number] = _WORD.sub(lambda word: f"{word[0]}_{rng.choice('abcdefgh')}{rng.randint(2, 99)}", line)
                left -= 1
                shown.add(index)
        after[index] = "\n".join(lines)
        if not left:
            break
    return after, shown or {order[0]}


def _definitions(lines: int) -> list[str]:
    """The first definitions of the corpus that best fill `lines` lines."""
    taken: list[str] = []
    for text in _corpus():
        filled = _file([*taken, text]).count("\n")
        if taken and abs(filled - lines) > abs(_file(taken).count("\n") - lines):
            break
        taken.append(text)
    return taken


def _corpus() -> list[str]:
    text = (resources.files("fastapply_lab.bench") / "corpus.txt").read_text(encoding="utf-8")
    return text.removesuffix("\n").split("\n\n\n")


def _file(definitions: list[str]) -> str:
    return "\n\n\n".join(definitions) + "\n"
