"""Count what a set of tasks contains, by source, language and snippet style, from the tasks alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from fastapply.errors import UsageError
from fastapply.text.formats import parse_update
from fastapply.text.markers import MarkerKind, classify
from fastapply_lab.data.compare import changes
from fastapply_lab.tasks import Task, client_of

_LENGTHS = (60, 100, 150, 200, 400)
_KEYS = ("sources", "clients", "languages", "styles", "lines", "hunks")


class Census:
    """Counts tasks as they pass through. `names`: the sources' names, as in the tasks' paths."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = sorted(names, key=len, reverse=True)
        self._counts: dict[str, Counter[str]] = {key: Counter() for key in _KEYS}
        self.tasks = 0

    def passing(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Yield the tasks and count them."""
        for task in tasks:
            self.tasks += 1
            self._counts["sources"][self._source(task)] += 1
            self._counts["languages"][task.language or "others"] += 1
            if client := client_of(task.id):
                self._counts["clients"][client] += 1
            self._counts["styles"].update(styles_of(task))
            before = task.original.splitlines()
            self._counts["lines"][next((f"to {most}" for most in _LENGTHS if len(before) <= most), "more")] += 1
            found = len(changes(before, task.expected.splitlines()))
            self._counts["hunks"][str(found) if found < 5 else "5 and more"] += 1
            yield task

    def _source(self, task: Task) -> str:
        return next((name for name in self._names if (task.path or "").startswith(f"{name}/")), "?")

    def report(self) -> dict[str, Any]:
        return {"tasks": self.tasks, **{key: dict(sorted(counts.items())) for key, counts in self._counts.items()}}


def styles_of(task: Task) -> Iterator[str]:
    """Labels for the visible style of a snippet: one for its shape, and one for each further habit."""
    try:
        core = parse_update(task.update).text
    except UsageError:
        yield "shape: not readable"
        return
    lines = [line for line in core.split("\n") if line.strip()]
    kinds = [classify(line, task.language) for line in lines]
    keeps = [kind in (MarkerKind.KEEP, MarkerKind.BARE) for kind in kinds]
    if core.strip() == task.expected.strip():
        yield "shape: whole file"
    elif not any(keeps):
        yield "shape: no marker"
    elif keeps[0] and keeps[-1]:
        yield "shape: markers at both ends"
    else:
        yield "shape: marker at one end" if keeps[0] or keeps[-1] else "shape: markers in between"
    yield "instruction" if task.instruction else "no instruction"
    if MarkerKind.REMOVE in kinds:
        yield "removal comment"
    if MarkerKind.BARE in kinds:
        yield "bare dots"
    if "```" in task.update and "```" not in core:
        yield "fence"
        before, after = task.update.partition("```")[0], task.update.rpartition("```")[2]
        if before.strip() or after.strip():
            yield "prose"
