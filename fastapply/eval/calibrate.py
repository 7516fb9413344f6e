"""`fastapply calibrate`: fit the confidence's weights on development tasks, and show what a threshold would do.

Logistic regression with a small ridge, by Newton's method. With a model only the weights of its own signs are fitted,
beside the alignment's: few results are wrong, and a model reads few tasks in a given time. The figures are
cross-validated: each task is judged by weights that were fitted without any task of its package.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fastapply.applier import Applier, Plan, judge
from fastapply.backends.base import Backend, Outcome
from fastapply.confidence import ALIGNMENT, VETOES, WEIGHTS_FILE, Evidence, Weights, features
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.eval.methods import make_backend
from fastapply.eval.score import calibration_error, same_tree
from fastapply.tasks import read_tasks
from fastapply.text.lines import match_final_newline
from fastapply.types import ApplyRequest, ApplyResult, Status, Task

RIDGE = 0.3
FOLDS = 5
THRESHOLDS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98)
MOST_SILENT = 0.005  # share of all tasks that may be silently wrong
MARGIN = 0.8  # of that is aimed at here: other packages have more surprises than these

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """What one result showed of itself, and whether it was right. `group`: tasks of one group share code."""

    evidence: Evidence
    right: bool
    group: str


@dataclass(frozen=True)
class Threshold:
    """Shares of all tasks when results below `review_below` are shown for review."""

    review_below: float
    applied: float
    silent_wrong: float
    right_reviewed: float


@dataclass(frozen=True)
class Calibration:
    """`split_error` is the calibration error on a third of the groups, by weights fitted on the others alone.
    `review_below`: the lowest threshold with fewer silently wrong results than are aimed at."""

    weights: dict[str, float]
    review_below: float
    calibration_error: float
    split_error: float
    thresholds: tuple[Threshold, ...]


class _Recorder(Applier):
    """Keeps the evidence of the last result."""

    evidence: Evidence | None = None

    def _result(self, plan: Plan, written: str, outcome: Outcome) -> ApplyResult:
        self.evidence = judge(plan, match_final_newline(plan.source.text, written), outcome)[1]
        return super()._result(plan, written, outcome)


def run(files: Sequence[Path], method: str, json_out: Path | None, settings: Settings, write: bool = False) -> int:
    """Fit on all tasks of `files`, print weights and thresholds, `write` them to where they are read from.

    Returns the exit status.
    """
    tasks = [task for file in files for task in read_tasks(file)]
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        rows = collect(tasks, make_backend(method, settings, console.print), progress)
    if len({row.right for row in rows}) < 2:
        raise UsageError(f"{len(rows)} results to learn from, all right or all wrong: give more tasks")
    found = calibrate(rows, {} if method == "merge" else ALIGNMENT)
    if json_out:
        json_out.write_text(json.dumps(asdict(found), indent=1))
    out = Console()
    out.print(_table(found, f"{len(rows)} tasks, method {method}"))
    out.print_json(json.dumps({"review_below": found.review_below, "weights": found.weights}))
    if write:
        write_weights(WEIGHTS_FILE, method, found)
        console.print(f"written to {WEIGHTS_FILE}")
    return 0


def write_weights(file: Path, method: str, found: Calibration) -> None:
    fitted = json.loads(file.read_text())
    fitted[method] = {"review_below": found.review_below, "weights": found.weights}
    file.write_text(json.dumps(fitted, indent=2) + "\n")


def _table(found: Calibration, title: str) -> Table:
    errors = f"calibration error {found.calibration_error:.3f}, on a split of its own {found.split_error:.3f}"
    table = Table(title=f"{title}, {errors}")
    for column in ("review below", "applied", "silently wrong", "right, but shown for review"):
        table.add_column(column, justify="right")
    for row in found.thresholds:
        shares = (row.applied, row.silent_wrong, row.right_reviewed)
        chosen = " <-" if row.review_below == found.review_below else ""
        table.add_row(f"{row.review_below}{chosen}", *(f"{share:.1%}" for share in shares))
    return table


def collect(tasks: Sequence[Task], backend: Backend | None, progress: Progress | None = None) -> list[Row]:
    """One row for each task; those that are rejected, or fit exactly as diffs, have nothing to estimate."""
    recorder = _Recorder(backend)
    rows = []
    for task in progress.track(tasks) if progress else tasks:
        request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
        result = recorder.apply(request)
        if result.status is Status.REJECTED or recorder.evidence is None or recorder.evidence.exact:
            continue
        right = same_tree(result.text, task.expected, task.language)
        rows.append(Row(recorder.evidence, right, (task.path or task.id).split("/")[0]))
    return rows


def calibrate(rows: Sequence[Row], known: Weights = MappingProxyType({})) -> Calibration:
    """Fit the weights that are not `known`. Needs right and wrong results, as many as it has features at the least."""
    seen = [features(row.evidence) for row in rows]
    names = [name for name in dict.fromkeys(name for found in seen for name in found) if name not in known]
    x = np.array([[found.get(name, 0.0) for name in names] for found in seen])
    base = np.array([sum(known[name] * value for name, value in found.items() if name in known) for found in seen])
    y = np.array([float(row.right) for row in rows])
    draws = np.array([crc32(row.group.encode()) for row in rows])
    held_out = np.empty(len(rows))
    for fold in range(FOLDS):
        test = draws % FOLDS == fold
        held_out[test] = _sigmoid(base[test] + x[test] @ fit(x[~test], y[~test], base[~test]))
    apart = draws // FOLDS % 3 == 0
    vetoed = np.array([bool(row.evidence.failed & VETOES) for row in rows])
    chosen = _lowest(held_out, y, vetoed)
    return Calibration(
        weights={name: round(float(weight), 2) for name, weight in zip(names, fit(x, y, base), strict=True)},
        review_below=chosen,
        calibration_error=_error(held_out, y),
        split_error=_error(_sigmoid(base[apart] + x[apart] @ fit(x[~apart], y[~apart], base[~apart])), y[apart]),
        thresholds=tuple(_at(limit, held_out, y, vetoed) for limit in sorted({*THRESHOLDS, chosen})),
    )


def _lowest(confidence: Vector, right: Vector, vetoed: NDArray[np.bool_]) -> float:
    """The lowest threshold, in steps of 0.005, from which on few enough results are silently wrong."""
    limits = [limit / 200 for limit in range(200, 99, -1)]
    enough = takewhile(lambda limit: _at(limit, confidence, right, vetoed).silent_wrong <= MARGIN * MOST_SILENT, limits)
    return min(enough, default=1.0)


def _error(confidence: Vector, right: Vector) -> float:
    return calibration_error([(float(p), bool(r)) for p, r in zip(confidence, right, strict=True)])


def fit(
    x: Vector,  # [rows, features]
    y: Vector,  # [rows], 0 or 1
    base: Vector | float = 0.0,  # [rows], what is added to the score of each
) -> Vector:
    """The weights, [features], of the likeliest logistic model; that of a column of ones is not shrunk."""
    shrink = np.diag(np.where((x == 1.0).all(axis=0), 1e-6, RIDGE))
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = _sigmoid(base + x @ weights)
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
