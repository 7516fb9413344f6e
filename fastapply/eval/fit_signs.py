"""`fastapply calibrate --readings`: fit what the signs of a reading weigh, on tasks whose answer is known.

Conditional logit (McFadden 1974): of the candidates of a task, the right one is chosen with a probability that falls
with its cost, the alignment's and the weighted signs', by Newton's method with a small ridge. The gain is
cross-validated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from fastapply.align.signs import WEIGHTS_FILE, Readings, oddity
from fastapply.applier import make_plan
from fastapply.errors import RejectedError, UsageError
from fastapply.tasks import read_tasks
from fastapply.text.lines import SourceText
from fastapply.types import ApplyRequest, Task

RIDGE = 1.0
FOLDS = 5
FARTHEST = 12.0  # nats behind the first; candidates beyond are not weighed

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """The candidates of one task. `right`: the one that is expected, None if it is not among them."""

    costs: Vector  # [candidates], the alignment's alone
    signs: Vector  # [candidates, signs]
    right: int | None

    def cheapest(self, weights: Vector) -> int:
        return int((self.costs + self.signs @ weights).argmin())


def run(files: Sequence[Path], write: bool = False) -> int:
    """Fit, print the weights and what they gain, `write` them to where they are read from. Returns the exit status."""
    console = Console(stderr=True)
    tasks = [task for file in files for task in read_tasks(file)]
    names: list[str] = []
    with Progress(console=console, transient=True) as progress:
        choices = [choice for task in progress.track(tasks) if (choice := choice_of(task, names)) is not None]
    if sum(choice.right is not None for choice in choices) < len(names):
        raise UsageError(f"{len(choices)} tasks leave a choice: give more tasks")
    plain, before, after = gains(choices, names)
    weights = dict(zip(names, np.round(fit(choices), 2).tolist(), strict=True))
    Console().print_json(json.dumps({"tasks": len(tasks), "weights": weights}))
    console.print(
        f"{len(choices)} of {len(tasks)} tasks leave a choice; right first: {plain} without signs, {before} with those "
        f"that are shipped, {after} with these, each judged by weights that were fitted without it"
    )
    if write:
        WEIGHTS_FILE.write_text(json.dumps(weights, indent=2) + "\n")
        console.print(f"written to {WEIGHTS_FILE}")
    return 0


def choice_of(task: Task, names: list[str]) -> Choice | None:
    """None where there is nothing to choose. Fills the `names` of the signs."""
    try:
        plan = make_plan(ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id))
    except RejectedError:
        return None
    candidates = [found for found in plan.candidates if found.cost < plan.candidates[0].cost + FARTHEST]
    if plan.exact or len(candidates) < 2:
        return None
    asked = plan.request
    readings = Readings(asked.original, asked.update, asked.instruction, asked.language)
    signs = [readings.signs(found.text) for found in candidates]
    names[:] = list(signs[0])
    expected = SourceText.of(task.expected).text.rstrip("\n")
    return Choice(
        np.array([found.cost - oddity(seen) for found, seen in zip(candidates, signs, strict=True)]),
        np.array([[seen[name] for name in names] for seen in signs]),
        next((k for k, found in enumerate(candidates) if found.text.rstrip("\n") == expected), None),
    )


def gains(choices: Sequence[Choice], names: Sequence[str]) -> tuple[int, int, int]:
    """How many first candidates are right: without signs, with the shipped weights, with fitted ones held out."""
    shipped = np.array([oddity({name: 1.0}) for name in names])
    after = 0
    for fold in range(FOLDS):
        weights = fit([choice for k, choice in enumerate(choices) if k % FOLDS != fold])
        after += _right(choices[fold::FOLDS], weights)
    return _right(choices, np.zeros(len(names))), _right(choices, shipped), after


def _right(choices: Sequence[Choice], weights: Vector) -> int:
    return sum(choice.cheapest(weights) == choice.right for choice in choices)


def fit(choices: Sequence[Choice]) -> Vector:
    """The likeliest weights, [signs]."""
    known = [choice for choice in choices if choice.right is not None]
    size = known[0].signs.shape[1]
    weights = np.zeros(size)
    for _ in range(50):
        gradient, curvature = RIDGE * weights, RIDGE * np.eye(size)
        for choice in known:
            scores = -(choice.costs + choice.signs @ weights)
            p = np.exp(scores - scores.max())
            p /= p.sum()
            mean = p @ choice.signs
            gradient = gradient + choice.signs[choice.right] - mean
            curvature = curvature + (choice.signs * p[:, None]).T @ choice.signs - np.outer(mean, mean)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-9))
        if np.abs(step).max() < 1e-6:
            break
    return weights
