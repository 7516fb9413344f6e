"""`fastapply bench`: the speed of every method, side by side in one run."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from fastapply.applier import make_plan
from fastapply.backends.load import load_local
from fastapply.backends.local import LocalBackend
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.program import INTERRUPTED
from fastapply.types import ApplyRequest
from fastapply_lab.bench.bound import bound, misses, pass_seconds
from fastapply_lab.bench.cases import UNPREDICTED, standard_tasks
from fastapply_lab.bench.draw import draw
from fastapply_lab.bench.measure import METHODS, SLOW_SHARE, Measured, apply_whole, in_rounds, measure_case
from fastapply_lab.bench.methods import Case, make_case, warm_up
from fastapply_lab.bench.report import markdown, tables
from fastapply_lab.bench.summary import case_row, summarise
from fastapply_lab.tasks import Task, read_tasks

PIPE_COLUMNS = 160


def run(
    tasks: Path | None,
    methods: str | None,
    limit: int | None,
    outputs: Outputs,
    settings: Settings,
    *,
    guided: bool,
    plain_tokens: int,
) -> int:
    """Measure and print. Results are written after each task, so that an interrupted run loses at most one.

    Args:
        tasks: a task file; None means the tasks that ship.
        plain_tokens: for outputs longer than this, plain decoding is timed by single steps.
    Returns:
        The exit status.
    """
    chosen = list(read_tasks(tasks, limit)) if tasks else standard_tasks()[:limit]
    if not guided:  # nothing would keep the output to what no source predicts
        chosen = [task for task in chosen if task.id != UNPREDICTED]
    if not chosen:
        raise UsageError(f"{tasks} holds no tasks")
    names = chosen_methods(methods)
    outputs.check()
    console = Console(stderr=True)
    backend = load_local(settings, progress=console.print)
    summary: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads",
        "device": str(backend.model.device),
        "dtype": str(backend.model.dtype).removeprefix("torch."),
        "model": settings.model,
        "context": backend.model.context,
        "guided": guided,
        "plain_tokens": plain_tokens,
        "tasks": 0,
        "skipped": {},
        "by_task": [],
    }
    status = 0
    try:
        _measure_all(backend, chosen, names, summary, outputs, console, asked=bool(methods))
    except KeyboardInterrupt:
        console.print(f"stopped; {summary['tasks']} of {len(chosen)} tasks are measured")
        status = INTERRUPTED
    if summary["tasks"]:
        outputs.write(summary)
        wide = Console() if sys.stdout.isatty() else Console(width=PIPE_COLUMNS)
        wide.print(*tables(summary))
    return status


class Outputs:
    """The output files of the run."""

    def __init__(self, json_out: Path | None, markdown_out: Path | None, plot: Path | None) -> None:
        self.json_out = json_out
        self.markdown_out = markdown_out
        self.plot = plot

    def check(self) -> None:
        """Check, before minutes are spent, that the files can be written. Raises UsageError."""
        for path in (self.json_out, self.markdown_out, self.plot):
            if path and not path.parent.is_dir():
                raise UsageError(f"there is no folder {path.parent} for {path.name}")

    def write_json(self, summary: dict[str, Any]) -> None:
        if self.json_out:
            self.json_out.write_text(json.dumps(summary, indent=1) + "\n")

    def write(self, summary: dict[str, Any]) -> None:
        self.write_json(summary)
        if self.markdown_out:
            self.markdown_out.write_text(markdown(summary, self.plot.name if self.plot else None))
        if self.plot:
            draw(summary, self.plot)


def chosen_methods(methods: str | None) -> list[str]:
    """The methods to run. `plain`, with which the others are compared, is first. Raises UsageError."""
    names = [name.strip() for name in methods.split(",")] if methods else METHODS
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise UsageError(f"unknown method `{unknown[0]}`; there are: {', '.join(METHODS)}")
    return list(dict.fromkeys(["plain", *names]))


def _measure_all(
    backend: LocalBackend,
    tasks: Sequence[Task],
    names: Sequence[str],
    summary: dict[str, Any],
    outputs: Outputs,
    console: Console,
    *,
    asked: bool,
) -> None:
    """Run all methods on each task in turn, so that other load on the machine slows all methods alike."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("warming up", total=sum(map(_size, tasks)))
        warm_up(backend)
        measured: list[Measured] = []
        for number, task in enumerate(tasks, start=1):

            def show(method: str, task: Task = task) -> None:
                progress.update(bar, description=f"{task.id}: {method}")

            summary["by_task"].append(row := _measure(backend, task, names, summary, measured, show, asked=asked))
            summary["tasks"] = number
            summary |= summarise(measured)
            outputs.write_json(summary)
            console.print(f"{number}/{len(tasks)} {task.id}: {row['note'] or 'measured'}")
            progress.advance(bar, _size(task))


def _measure(
    backend: LocalBackend,
    task: Task,
    names: Sequence[str],
    summary: dict[str, Any],
    measured: list[Measured],
    show: Any,
    *,
    asked: bool,
) -> dict[str, Any]:
    """Measure one task. Returns its row, and adds what was decoded to `measured`."""
    worst = task.id == UNPREDICTED
    candidate = make_plan(ApplyRequest(task.original, task.update, language=task.language)).candidates[0].text
    case = make_case(task, candidate, backend, guided=summary["guided"], leader=task.expected if worst else None)
    whole = None
    if "apply" in names and not worst:
        show("apply")
        whole = apply_whole(backend, task)
    needed = len(case.prompt) + case.limit
    if needed > backend.model.context:
        note = f"{needed} tokens do not fit the model's context of {backend.model.context}: `apply` only"
        return case_row(case, None, whole, note)
    most = summary["plain_tokens"] * (SLOW_SHARE if worst else 1)  # every method writes the worst case in full
    measure = partial(measure_case, backend, case, names, most, show, summary["skipped"], asked=asked)
    found = (in_rounds(measure) if worst else measure())._replace(whole=whole, worst=worst)
    measured.append(found)
    row = case_row(case, found, whole, "no source predicts the output" if worst else "")
    return row | _bound(backend, case, found)


def _bound(backend: LocalBackend, case: Case, found: Measured) -> dict[str, Any]:
    tokens = found.runs["plain"].tokens
    missed = misses(tokens, case.sources)
    cost = pass_seconds(backend.model, len(case.prompt) + len(tokens) // 2)
    return {"missed_tokens": missed, "bound": round(bound(len(case.prompt), len(tokens), missed, cost), 2)}


def _size(task: Task) -> int:
    """A rough cost of a task for the progress bar. Tasks beyond the context cost almost nothing."""
    size = len(task.original) + len(task.update) + len(task.expected)
    return size if size < 30_000 else 2_000
