"""`fastapply calibrate`: fit, on known answers, the weights that rank candidates and that give the confidence.

The order is fitted by `order`, the weight of a model's opinion by `fusion`. The confidence is a logistic regression on
first candidates that were ranked by weights fitted without their group; the threshold follows from it. With a model,
only the weights of the model's own features are fitted and the others are kept.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fastapply.applier import Applier
from fastapply.backends.base import Backend, Outcome, Piece
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.judge import weights as fitted
from fastapply.judge.confidence import ALIGNMENT, VETOES, Evidence, features
from fastapply.judge.weights import WEIGHTS_FILE, Network, Weights, read_weights
from fastapply.plan import Plan
from fastapply.result import UNASKED, judge
from fastapply.text.lines import match_final_newline
from fastapply.types import ApplyRequest, Status
from fastapply_lab.eval.methods import make_backend
from fastapply_lab.eval.order import (
    FOLDS,
    Vector,
    choice_of,
    cross_fitted,
    fit_experts,
    fit_network,
    fold_of,
    group_of,
    share_right,
)
from fastapply_lab.eval.score import calibration_error, same_lines
from fastapply_lab.tasks import Task, read_tasks

TRUST_RIDGE, MODEL_RIDGE = 10.0, 1.0  # for the weights of the confidence, and of the model's features
FOLD_MEMBERS = 2  # networks whose mean orders what is held back; eight take four times as long
LEAST_READ = 30  # choices; fewer say nothing of how much a model's opinion is worth
LEAST_SEEN = 8  # rows; a rarer feature has no weight in the confidence
THRESHOLDS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98)
MOST_SILENT = 0.005  # share of all tasks that may be silently wrong


@dataclass(frozen=True)
class LabelledEvidence:
    """The evidence in the result of a task, and whether it was right. Tasks of one `group` share code. `hard`: the task
    is hard on purpose, so the limit does not depend on it."""

    evidence: Evidence
    right: bool
    group: str
    task: str = ""
    hard: bool = False


@dataclass(frozen=True)
class Threshold:
    """Shares of all tasks if results below `review_below` go to review."""

    review_below: float
    applied: float
    silent_wrong: float
    right_reviewed: float


@dataclass(frozen=True)
class Calibration:
    """`split_error` is the calibration error on a third of the groups, with weights fitted on the others.
    `review_below` is the lowest threshold with surely no more than the accepted share of silently wrong results."""

    weights: dict[str, float]
    review_below: float
    calibration_error: float
    split_error: float
    thresholds: tuple[Threshold, ...]
    held_out: tuple[float, ...] = ()  # the confidence in each row, with weights fitted without its group


class _Recorder(Applier):
    """An applier that keeps the evidence of its last result."""

    evidence: Evidence | None = None

    def _pieces(self, plan: Plan) -> Iterator[Piece | Outcome]:
        written, outcome = "", UNASKED
        for piece in super()._pieces(plan):
            if isinstance(piece, Outcome):
                outcome = piece
            else:
                written += piece.text
            yield piece
        self.evidence = judge(plan, match_final_newline(plan.source.text, written), outcome)[1]


def run(files: Sequence[Path], method: str, json_out: Path | None, settings: Settings, write: bool = False) -> int:
    """Fit the confidence on all tasks of `files` and print weights and thresholds. With `write`, store them in the
    package. Returns the exit status.
    """
    tasks = [task for file in files for task in read_tasks(file)]
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        every = collect(tasks, make_backend(method, settings, console.print), progress)
    alone = method == "merge"
    rows = every if alone else [row for row in every if row.evidence.margin is not None]
    if len({row.right for row in rows}) < 2:
        raise UsageError(f"{len(rows)} results to learn from, all right or all wrong: give more tasks")
    others = len(every) - len(rows)
    found = calibrate(rows, others=others) if alone else calibrate(rows, ALIGNMENT, others, MODEL_RIDGE)
    if json_out:
        json_out.write_text(json.dumps(asdict(found), indent=1))
    out = Console()
    out.print(_table(found, f"{len(rows)} tasks, method {method}"))
    out.print_json(json.dumps({"review_below": found.review_below, "weights": found.weights}))
    if write:
        name = "confidence" if alone else "confidence_with_model"
        limit = {"review_below": found.review_below} if alone else {}  # both use one, since confidences mean the same
        write_weights({name: {"weights": found.weights, **limit}})
        console.print(f"written to {WEIGHTS_FILE}")
    return 0


def run_order(
    files: Sequence[Path],
    hard: Sequence[Path] = (),
    order_only: Sequence[Path] = (),
    json_out: Path | None = None,
    write: bool = False,
) -> int:
    """Fit the order of the candidates and the confidence in the first one. Prints the gain; `write` stores the weights.

    A task that occurs twice has double weight, so a file may be named twice. The current weights steer the search for
    candidates: run this twice after a large change. Tasks that are made to be hard say little about how far usual
    results can be trusted: the limit below which a result needs review does not depend on those in `hard`, and the
    confidence not on those in `order_only`. `json_out` gets, for each task, what the weights fitted without its group
    make of it. Returns the exit status.
    """
    console = Console(stderr=True)
    usual = [task for file in files for task in read_tasks(file)]
    trusted = [*usual, *(task for file in hard for task in read_tasks(file))]
    every = [*trusted, *(task for file in order_only for task in read_tasks(file))]
    times, tasks = Counter(task.id for task in every), list({task.id: task for task in every}.values())
    with Progress(console=console, transient=True) as progress:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            found = progress.track(pool.map(choice_of, tasks, chunksize=8), total=len(tasks), description="candidates")
            weighed = ((choice, float(times[task.id])) for task, choice in zip(tasks, found, strict=True))
            choices = [c._replace(weight=weight) for c, weight in weighed if c is not None and any(c.right)]
        if len(choices) < 2 * FOLDS:
            raise UsageError(f"{len(choices)} tasks leave a choice: give more tasks")
        networks = cross_fitted(choices, partial(fit_network, members=FOLD_MEMBERS))
        rows = held_out_rows(list({task.id: task for task in trusted}.values()), networks, progress)
    made = frozenset().union(*(choice.made for choice in choices))
    right = share_right(choices, [network.__call__ for network in networks])
    known = {task.id for task in usual}
    rows = [replace(row, hard=row.task not in known) for row in rows for _ in range(times[row.task])]
    trust = calibrate(rows, others=len(usual) - sum(not row.hard for row in rows))
    if json_out:
        seen = (
            {"task": r.task, "right": r.right, "confidence": round(c, 4), "failed": sorted(r.evidence.failed)}
            for r, c in zip(rows, trust.held_out, strict=True)
        )
        json_out.write_text("".join(json.dumps(row) + "\n" for row in seen))
    out = Console()
    out.print_json(json.dumps({"tasks": len(tasks), "choices": len(choices), "right_first": right}))
    out.print(_table(trust, f"{len(rows)} tasks, method merge"))
    if write:
        confidence = {"review_below": trust.review_below, "weights": trust.weights}
        order = {"propose": fit_experts(choices, made), "score": fit_network(choices).to_json()}
        write_weights({**order, "confidence": confidence})
        console.print(f"written to {WEIGHTS_FILE}")
    return 0


def run_fusion(files: Sequence[Path], settings: Settings, write: bool = False) -> int:
    """Fit how much the model's opinion weighs in the choice of a candidate; print it, and `write` it.

    Returns the exit status. The tasks must be new to the weights in force. Raises UsageError for too few of them.
    """
    from fastapply.backends.load import load_backend  # these import torch
    from fastapply.backends.local import LocalBackend
    from fastapply.engine.guide import Fusion
    from fastapply_lab.eval import fusion as opinions

    tasks = [task for file in files for task in read_tasks(file)]
    console = Console(stderr=True)
    backend = load_backend(settings, progress=console.print)
    if not isinstance(backend, LocalBackend):
        raise UsageError("the fusion is fitted with a model in this process")
    with Progress(console=console, transient=True) as progress:
        read = [found for task in progress.track(tasks) if (found := opinions.opinions_of(task, backend)) is not None]
    if len(read) < LEAST_READ:
        raise UsageError(f"{len(read)} tasks leave the model a choice: give more tasks")
    fusion = opinions.fit_fusion(read)
    before = opinions.share_right(read, Fusion(0.0, 0.0))
    Console().print_json(
        json.dumps(
            {"choices": len(read), "right": before, "with": opinions.share_right(read, fusion), **fusion._asdict()}
        )
    )
    if write:
        write_weights({"fusion": fusion._asdict()})
        console.print(f"written to {WEIGHTS_FILE}")
    return 0


def held_out_rows(tasks: Sequence[Task], networks: Sequence[Network], progress: Progress) -> list[LabelledEvidence]:
    """The rows of tasks whose candidates are ordered by a network that was fitted without their group."""
    rows: list[LabelledEvidence] = []
    for fold, network in enumerate(networks):
        held_out = [task for task in tasks if fold_of(group_of(task)) == fold]
        with ProcessPoolExecutor(os.cpu_count(), initializer=_order_by, initargs=(network,)) as pool:
            rows += _there(progress.track(pool.map(row_of, held_out, chunksize=8), total=len(held_out)))
    return rows


def _order_by(network: Network) -> None:
    fitted.SCORE = network


def write_weights(fitted: Mapping[str, Any]) -> None:
    """Replace these parts of the file of weights."""
    WEIGHTS_FILE.write_text(json.dumps({**read_weights(), **fitted}, sort_keys=True) + "\n")


# The confidence -----------------------------------------------------------------------------------------------------


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


def collect(tasks: Sequence[Task], backend: Backend | None, progress: Progress | None = None) -> list[LabelledEvidence]:
    """One row for each task, except for rejected ones, diffs that fit exactly and whole files, which have nothing to
    estimate."""
    if backend is None and len(tasks) > 64:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            rows: Iterable[LabelledEvidence | None] = pool.map(row_of, tasks, chunksize=8)
            return _there(progress.track(rows, total=len(tasks)) if progress else rows)
    recorder = _Recorder(backend, only_in_doubt=True)
    return _there(row_of(task, recorder) for task in (progress.track(tasks) if progress else tasks))


def _there(rows: Iterable[LabelledEvidence | None]) -> list[LabelledEvidence]:
    return [row for row in rows if row is not None]


def row_of(task: Task, recorder: _Recorder | None = None) -> LabelledEvidence | None:
    recorder = recorder or _Recorder(None)
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
    try:
        result = recorder.apply(request)
    except UsageError:
        return None
    if result.status is Status.REJECTED or recorder.evidence is None or recorder.evidence.decided:
        return None
    return LabelledEvidence(recorder.evidence, same_lines(result.text, task.expected), group_of(task), task.id)


def calibrate(
    rows: Sequence[LabelledEvidence], known: Weights = MappingProxyType({}), others: int = 0, ridge: float = TRUST_RIDGE
) -> Calibration:
    """Fit the weights that are not `known`. Needs right and wrong results, and at least as many as it has features.

    `others`: the number of usual tasks with nothing to estimate (diffs that fit), which also count in the shares.
    """
    seen = [features(row.evidence) for row in rows]
    counts: dict[str, int] = {}
    for found in seen:
        for name, value in found.items():
            counts[name] = counts.get(name, 0) + (value != 0.0)
    names = [name for name, count in counts.items() if name not in known and count >= LEAST_SEEN]
    x = np.array([[found.get(name, 0.0) for name in names] for found in seen])
    base = np.array([sum(known[name] * value for name, value in found.items() if name in known) for found in seen])
    y = np.array([float(row.right) for row in rows])
    draws = np.array([crc32(row.group.encode()) for row in rows])
    held_out = np.empty(len(rows))
    for fold in range(FOLDS):
        test = draws % FOLDS == fold
        held_out[test] = _sigmoid(base[test] + x[test] @ fit(x[~test], y[~test], base[~test], ridge))
    apart = draws // FOLDS % 3 == 0
    vetoed = np.array([bool(row.evidence.failed & VETOES) for row in rows])
    usual = np.array([not row.hard for row in rows])
    at = partial(_at, confidence=held_out[usual], right=y[usual], vetoed=vetoed[usual], others=others)
    chosen = _lowest(at, int(usual.sum()) + others)
    return Calibration(
        weights={name: round(float(weight), 3) for name, weight in zip(names, fit(x, y, base, ridge), strict=True)},
        review_below=chosen,
        calibration_error=_error(held_out, y),
        split_error=_error(_sigmoid(base[apart] + x[apart] @ fit(x[~apart], y[~apart], base[~apart], ridge)), y[apart]),
        thresholds=tuple(map(at, sorted({*THRESHOLDS, chosen}))),
        held_out=tuple(map(float, held_out)),
    )


def _lowest(at: Callable[[float], Threshold], total: int) -> float:
    """The lowest threshold, in steps of 0.005, with few enough silently wrong results by a standard error to spare."""
    limits = [limit / 200 for limit in range(200, 99, -1)]
    return min(takewhile(lambda limit: _at_most(at(limit).silent_wrong, total) <= MOST_SILENT, limits), default=1.0)


def _at_most(share: float, total: int) -> float:
    """A share of a total, and its standard error."""
    return share + math.sqrt(share * (1.0 - share) / max(total, 1))


def _error(confidence: Vector, right: Vector) -> float:
    return calibration_error([(float(p), bool(r)) for p, r in zip(confidence, right, strict=True)])


def fit(
    x: Vector,  # [rows, features]
    y: Vector,  # [rows], 0 or 1
    base: Vector | float = 0.0,  # [rows], added to each score
    ridge: float = TRUST_RIDGE,
) -> Vector:
    """The weights, [features], of a logistic regression with a ridge, which does not shrink the intercept."""
    shrink = np.diag(np.where((x == 1.0).all(axis=0), 1e-6, ridge))
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = _sigmoid(base + x @ weights)
        gradient = x.T @ (y - p) - shrink @ weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + shrink
        step = np.linalg.solve(curvature, gradient)
        weights += step * min(
            1.0, 2.0 / max(float(np.abs(step).max()), 1e-9)
        )  # far from the maximum, Newton's method overshoots
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _at(limit: float, confidence: Vector, right: Vector, vetoed: NDArray[np.bool_], others: int) -> Threshold:
    applied = (confidence >= limit) & ~vetoed
    total = len(right) + others
    return Threshold(
        review_below=limit,
        applied=float(applied.sum() + others) / total,
        silent_wrong=float((applied & (right == 0)).sum()) / total,
        right_reviewed=float((~applied & (right == 1)).sum()) / total,
    )


def _sigmoid(values: Vector) -> Vector:
    result: Vector = 1.0 / (1.0 + np.exp(-np.clip(values, -50.0, 50.0)))
    return result
