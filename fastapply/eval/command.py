"""`fastapply eval`: quality of one method on a task file."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fastapply.applier import Applier
from fastapply.backends.base import Backend
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.eval.score import Score, score, summarise
from fastapply.tasks import read_tasks
from fastapply.types import ApplyRequest, Task

METHODS = {
    "system": "alignment, model and checks together: what `fastapply apply` does",
    "model": "the model alone, without candidates to choose among",
    "merge": "alignment alone, without a model",
}


def make_backend(method: str, settings: Settings, notify: Callable[[str], None] = lambda _: None) -> Backend | None:
    """None where the method needs no model. Raises UsageError for an unknown method."""
    if method not in METHODS:
        raise UsageError(f"unknown method `{method}`; there are: {', '.join(METHODS)}")
    if method == "merge":
        return None
    from fastapply.backends.local import LocalBackend  # loads torch

    return LocalBackend.load(settings, progress=notify)


def make_applier(method: str, settings: Settings, notify: Callable[[str], None] = lambda _: None) -> Applier:
    """Raises UsageError for an unknown method."""
    alone = method == "model"
    return Applier(make_backend(method, settings, notify), guided=not alone, whole_file=alone)


def evaluate(tasks: Sequence[Task], applier: Applier, progress: Progress | None = None) -> list[Score]:
    rows = []
    for task in progress.track(tasks) if progress else tasks:
        request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
        started = time.perf_counter()
        result = applier.apply(request)
        rows.append(score(task, result, time.perf_counter() - started))
    return rows


def run(tasks: Path, limit: int | None, method: str, json_out: Path | None, settings: Settings) -> int:
    """Evaluate, print tables on the terminal, write `json_out`. Returns the exit status."""
    console = Console(stderr=True)
    chosen = list(read_tasks(tasks, limit))
    if not chosen:
        raise UsageError(f"{tasks} holds no tasks")
    applier = make_applier(method, settings, lambda message: console.print(f"[dim]{message}[/dim]"))
    with Progress(console=console, transient=True) as progress:
        rows = evaluate(chosen, applier, progress)
    summary = {"method": method, "model": settings.model, **summarise(rows)}
    if json_out:
        json_out.write_text(json.dumps(summary, indent=1))
    out = Console()
    out.print(_totals(summary))
    out.print(_by("language", rows, lambda row: row.language))
    out.print(_by("lines", rows, lambda row: _length_class(row.lines)))
    return 0


def _totals(summary: dict[str, Any]) -> Table:
    table = Table(title=f"method {summary['method']}, {summary['tasks']} tasks")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for name, value in summary.items():
        if isinstance(value, float):
            shown = f"{value:.2f}" if "seconds" in name or "tokens" in name else f"{value:.1%}"
            table.add_row(name, shown)
    return table


def _by(title: str, rows: Sequence[Score], key: Callable[[Score], str]) -> Table:
    groups: dict[str, list[Score]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    table = Table(title=f"by {title}")
    for column in (title, "tasks", "exact", "same tree", "silent wrong", "needs review"):
        table.add_column(column, justify="left" if column == title else "right")
    for name, group in sorted(groups.items()):
        shares = [sum(getattr(r, f) for r in group) / len(group) for f in ("exact", "same_tree", "silent_wrong")]
        review = sum(row.status == "needs_review" for row in group) / len(group)
        table.add_row(name, str(len(group)), *(f"{share:.1%}" for share in (*shares, review)))
    return table


def _length_class(lines: int) -> str:
    for limit in (20, 60, 100, 200, 400):
        if lines <= limit:
            return f"<= {limit:3d}"
    return "> 400"
