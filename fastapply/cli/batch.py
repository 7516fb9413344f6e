"""`fastapply apply --batch`: apply all tasks of a file with one loaded model. A failed task does not stop the rest."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import track

from fastapply.applier import Applier
from fastapply.cli import options
from fastapply.cli.output import EXIT_STATUS
from fastapply.cli.preview import make_console
from fastapply.config import Settings
from fastapply.errors import FastApplyError, UsageError
from fastapply.types import ApplyRequest, ApplyResult, Status, worst


class TaskLine(NamedTuple):
    """One line of a task file: its id, and its request or the problem with it."""

    id: Any
    request: ApplyRequest | None
    problem: str = ""


def run_batch(tasks: Path, out: Path, settings: Settings) -> int:
    """Write one JSON result per line, in order, as each becomes available. Returns the exit status of the worst one.

    Raises:
        UsageError: a file cannot be read or written.
        ModelError: the model cannot be loaded.
    """
    if out.exists() and tasks.exists() and out.samefile(tasks):
        raise UsageError(f"--out {out} is the task file itself: give another file")
    try:
        lines = tasks.read_bytes().split(b"\n")
        sink = out.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    console = make_console(sys.stderr)
    counts: Counter[Status] = Counter()
    with sink:
        applier, backend = options.make_applier(settings, lambda sentence: console.print(f"fastapply: {sentence}"))
        if backend is not None:
            backend.load()  # so that a model that cannot be loaded is one error, not one for each task
        numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        shown = track(numbered, "applying", console=console, transient=True, disable=not console.is_terminal)
        for line in (_parse(*pair) for pair in shown):
            result = _apply(applier, line)
            counts[result.status] += 1
            data = result.to_json() if line.id is None else {**result.to_json(), "id": line.id}
            sink.write(json.dumps(data, ensure_ascii=False) + "\n")
            sink.flush()
    console.print(", ".join(f"{counts[status]} {status.value.replace('_', ' ')}" for status in Status) + f"; see {out}")
    return EXIT_STATUS[worst(counts)] if counts else 0


def _parse(number: int, line: bytes) -> TaskLine:
    """The request in a line of a task file, or what is wrong with it."""
    try:
        task = json.loads(line)
    except (ValueError, RecursionError) as error:
        return TaskLine(None, None, f"line {number} is not JSON: {error}")
    if not isinstance(task, dict):
        return TaskLine(None, None, f"line {number} is not a JSON object")
    identity = task.get("id")
    for name in ("original", "update", "instruction", "path", "language"):
        value = task.get(name)
        if not isinstance(value, str) and (value is not None or name in ("original", "update")):
            return TaskLine(
                identity, None, f"line {number}: `{name}` is {'missing' if value is None else 'not a string'}"
            )
    instruction = task.get("instruction") or ""
    return TaskLine(
        identity, ApplyRequest(task["original"], task["update"], instruction, task.get("path"), task.get("language"))
    )


def _apply(applier: Applier, line: TaskLine) -> ApplyResult:
    if line.request is None:
        return ApplyResult.rejected("", line.problem, check="task")
    try:
        return applier.apply(line.request)
    except FastApplyError as error:
        return ApplyResult.rejected(line.request.original, str(error), check="task")
    except Exception as error:  # a bug in one task must not lose the results of the others
        why = f"internal error, please report it: {type(error).__name__}: {error}"
        return ApplyResult.rejected(line.request.original, why, check="task")
