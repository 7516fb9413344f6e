"""`fastapply eval`: measure the quality of one method on a task file, or show the tables of an earlier run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from fastapply.applier import make_plan
from fastapply.config import Settings
from fastapply.errors import RejectedError, UsageError
from fastapply.program import INTERRUPTED
from fastapply.types import ApplyRequest, ApplyResult
from fastapply_lab.eval.methods import Method, make_method
from fastapply_lab.eval.picture import draw
from fastapply_lab.eval.report import as_markdown, as_table, grids, write_section
from fastapply_lab.eval.score import Score, score, summarise
from fastapply_lab.tasks import Task, read_tasks

SAVE_SECONDS = 5.0


def evaluate(tasks: Iterable[Task], method: Method) -> Iterator[Score]:
    """Yield one row for each task."""
    for task in tasks:
        request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
        started = time.perf_counter()
        result = _result(method, request)
        yield score(task, result, time.perf_counter() - started, _candidates(request))


def _result(method: Method, request: ApplyRequest) -> ApplyResult:
    """The result of a request. An update that cannot be read is rejected and does not end the run."""
    try:
        return method.apply(request)
    except UsageError as error:
        return ApplyResult.rejected(request.original, str(error))


def _candidates(request: ApplyRequest) -> list[str]:
    """The candidates that the alignment proposes."""
    try:
        plan = make_plan(request)
    except (RejectedError, UsageError):
        return []
    return [plan.source.restore(candidate.text) for candidate in plan.candidates]


def run(
    tasks: Path,
    limit: int | None,
    method: str,
    json_out: Path | None,
    settings: Settings,
    plot: Path | None = None,
    markdown: Path | None = None,
) -> int:
    """Evaluate, or read the results of a run (a `.json` file); print tables and write the wanted files.

    `json_out` is written during the run, so Ctrl-C leaves the finished tasks. Returns the exit status.
    """
    if tasks.suffix == ".json":
        summary, rows, done = *_read(tasks), True
    else:
        summary, rows, done = _evaluate(tasks, limit, method, json_out, settings)
    if rows:
        found = grids(summary, rows)
        for grid in found:
            Console().print(as_table(grid))
        if markdown:
            write_section(markdown, summary["method"], as_markdown(found))
        if plot:
            draw(summary, rows, plot)
    return 0 if done else INTERRUPTED


def _evaluate(
    tasks: Path, limit: int | None, name: str, json_out: Path | None, settings: Settings
) -> tuple[dict[str, Any], list[Score], bool]:
    """The summary, the rows, and whether all tasks were done."""
    console = Console(stderr=True)
    chosen = list(read_tasks(tasks, limit))
    if not chosen:
        raise UsageError(f"{tasks} holds no tasks")
    method = make_method(name, settings, lambda message: console.print(f"[dim]{message}[/dim]"))
    rows: list[Score] = []

    def summary() -> dict[str, Any]:
        return {"method": name, "model": settings.model, "asked": len(chosen), **summarise(rows)}

    done, saved = True, time.monotonic()
    try:
        with _progress(console) as progress:
            bar = progress.add_task("", total=len(chosen))
            for row in evaluate(chosen, method):
                rows.append(row)
                right, silent = sum(r.right for r in rows), sum(r.silent_wrong for r in rows)
                progress.update(bar, advance=1, description=f"{right / len(rows):.1%} right, {silent} silently wrong")
                if json_out and time.monotonic() - saved > SAVE_SECONDS:
                    _write(json_out, summary())
                    saved = time.monotonic()
    except KeyboardInterrupt:
        done = False
        console.print(f"stopped after {len(rows)} of {len(chosen)} tasks")
    finally:
        if json_out:
            _write(json_out, summary())
    return summary(), rows, done


def _progress(console: Console) -> Progress:
    text, left = TextColumn("{task.description}"), TextColumn("left")
    columns = (MofNCompleteColumn(), BarColumn(), text, TimeElapsedColumn(), TimeRemainingColumn(), left)
    return Progress(*columns, console=console, transient=True)


def _write(path: Path, summary: dict[str, Any]) -> None:
    """Write a file by renaming, so that it is always complete, even for readers during the run or after a kill."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(json.dumps(summary, indent=1))
    scratch.replace(path)


def _read(path: Path) -> tuple[dict[str, Any], Sequence[Score]]:
    try:
        summary = json.loads(path.read_text())
        return summary, [Score(**row) for row in summary["results"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: no results of `fastapply eval --json` of this version ({error})") from None
