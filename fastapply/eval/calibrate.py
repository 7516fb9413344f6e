"""`fastapply calibrate`: fit the confidence's weights on development tasks, and show what a threshold would do.

Logistic regression with a small ridge, by Newton's method. The figures are cross-validated: each task is judged by
weights that were fitted without it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fastapply.applier import Applier, Plan, judge
from fastapply.backends.base import Backend, Outcome
from fastapply.confidence import VETOES, Evidence, features
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.eval.methods import make_backend
from fastapply.eval.score import calibration_error, same_tree
from fastapply.tasks import read_tasks
from fastapply.text.lines import match_final_newline
from fastapply.types import ApplyRequest, ApplyResult, Status, Task

RIDGE = 0.3
FOLDS = 5
THRESHOLDS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.95)

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """What one result showed of itself, and whether it was right."""

    evidence: Evidence
    right: bool


@dataclass(frozen=True)
class Threshold:
    """Shares of all tasks when results below `review_below` are shown for review."""

    review_below: float
    applied: float
    silent_wrong: float
    right_reviewed: float


@dataclass(frozen=True)
class Calibration:
    weights: dict[str, float]
    calibration_error: float
    thresholds: tuple[Threshold, ...]


class _Recorder(Applier):
    """Keeps the evidence of the last result."""

    evidence: Evidence | None = None

    def _result(self, plan: Plan, written: str, outcome: Outcome) -> ApplyResult:
        self.evidence = judge(plan, match_final_newline(plan.source.text, written), outcome)[1]
        return super()._result(plan, written, outcome)


def run(files: Sequence[Path], method: str, json_out: Path | None, settings: Settings) -> int:
    """Fit on all tasks of `files`, print weights and thresholds. Returns the exit status."""
    tasks = [task for file in files for task in read_tasks(file)]
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        rows = collect(tasks, make_backend(method, settings, console.print), progress)
    if len({row.right for row in rows}) < 2:
        raise UsageError(f"{len(rows)} results to learn from, all right or all wrong: give more tasks")
    found = calibrate(rows)
    if json_out:
        json_out.write_text(json.dumps(asdict(found), indent=1))
    table = Table(title=f"{len(rows)} tasks, method {method}, calibration error {found.calibration_error:.3f}")
    for column in ("review below", "applied", "silently wrong", "right, but shown for review"):
        table.add_column(column, justify="right")
    for row in found.thresholds:
        shares = (row.applied, row.silent_wrong, row.right_reviewed)
        table.add_row(f"{row.review_below}", *(f"{share:.1%}" for share in shares))
    out = Console()
    out.print(table)
    out.print_json(json.dumps(found.weights))
    return 0


def collect(tasks: Sequence[Task], backend: Backend | None, progress: Progress | None = None) -> list[Row]:
    """One row for each task; those that are rejected, or fit exactly as diffs, have nothing to estimate."""
    recorder = _Recorder(backend)
    rows = []
    for task in progress.track(tasks) if progress else tasks:
        request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
        result = recorder.apply(request)
        if result.status is Status.REJECTED or recorder.evidence is None or recorder.evidence.exact:
            continue
        rows.append(Row(recorder.evidence, same_tree(result.text, task.expected, task.language)))
    return rows


def calibrate(rows: Sequence[Row]) -> Calibration:
    """Needs right and wrong results, as many as it has features at the least."""
    names = list(features(rows[0].evidence))
    x = np.array([[features(row.evidence)[name] for name in names] for row in rows])
    y = np.array([float(row.right) for row in rows])
    held_out = np.empty(len(rows))
    for fold in range(FOLDS):
        test = np.arange(len(rows)) % FOLDS == fold
        held_out[test] = _sigmoid(x[test] @ fit(x[~test], y[~test]))
    vetoed = np.array([bool(row.evidence.failed & VETOES) for row in rows])
    return Calibration(
        weights={name: round(float(weight), 2) for name, weight in zip(names, fit(x, y), strict=True)},
        calibration_error=calibration_error([(float(p), bool(r)) for p, r in zip(held_out, y, strict=True)]),
        thresholds=tuple(_at(limit, held_out, y, vetoed) for limit in THRESHOLDS),
    )


def fit(
    x: Vector,  # [rows, features]; the first feature is 1
    y: Vector,  # [rows], 0 or 1
) -> Vector:
    """The weights, [features], of the likeliest logistic model; the first is not shrunk."""
    shrink = RIDGE * np.eye(x.shape[1])
    shrink[0, 0] = 1e-6
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = _sigmoid(x @ weights)
        gradient = x.T @ (y - p) - shrink @ weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + shrink
        step = np.linalg.solve(curvature, gradient)
        weights += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-9))  # far from the top, Newton overshoots
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _at(limit: float, confidence: Vector, right: Vector, vetoed: NDArray[np.bool_]) -> Threshold:
    applied = (confidence >= limit) & ~vetoed
    return Threshold(
        review_below=limit,
        applied=float(applied.mean()),
        silent_wrong=float((applied & (right == 0)).mean()),
        right_reviewed=float((~applied & (right == 1)).mean()),
    )


def _sigmoid(values: Vector) -> Vector:
    result: Vector = 1.0 / (1.0 + np.exp(-values))
    return result
