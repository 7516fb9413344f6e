"""Fit the order of the candidates on tasks whose answer is known: a conditional logit (McFadden 1974), twice.

For the search (`propose`), it is linear in what the making of a candidate shows; several experts share the tasks, as in
a latent class logit (Train 2009, chapter 14). For the score (`score`), it is a small network of all features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

from fastapply.align.beam import Breadth
from fastapply.applier import make_plan
from fastapply.errors import FastApplyError
from fastapply.judge import weights as fitted
from fastapply.judge.weights import Network, Weights
from fastapply.types import ApplyRequest
from fastapply_lab.eval.score import same_lines
from fastapply_lab.tasks import Task

RIDGE = 0.5  # for the weights of the search
EXPERTS = 3
HIDDEN, STEP, DECAY, EPOCHS = 16, 0.02, 0.1, 400  # for the network; chosen by cross-validation (LOG.md)
MEMBERS = 8  # networks whose mean is the score
FOLDS = 5
WIDE = Breadth(beam=48, regions=80, candidates=40, nats=30.0)  # wider than in `apply`, to learn from bad candidates

Vector = NDArray[np.float64]
Scorer = Callable[[Weights], float]  # a Network, for one
Fitted = TypeVar("Fitted")


class CandidateChoice(NamedTuple):
    """The candidates of one task: the features of each, the names of those from its making, and which are right."""

    features: list[dict[str, float]]
    made: frozenset[str]
    right: list[bool]
    group: str
    weight: float = 1.0  # the weight of this choice among all


def fold_of(group: str) -> int:
    return crc32(group.encode()) % FOLDS


def choice_of(task: Task) -> CandidateChoice | None:
    """The candidates of a task, from a wider search than in `apply`; None if there is no choice to learn from."""
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
    try:
        plan = make_plan(request, WIDE)
    except FastApplyError:
        return None
    if plan.exact or len(plan.candidates) < 2:
        return None
    right = [same_lines(plan.source.restore(found.text), task.expected) for found in plan.candidates]
    made = frozenset(name for found in plan.candidates for name in found.features if name not in found.of_text)
    return CandidateChoice([dict(found.features) for found in plan.candidates], made, right, group_of(task))


def group_of(task: Task) -> str:
    """The owner of the repository of a task, or its package: tasks of one group may share code."""
    if "@" not in task.id:
        return (task.path or task.id).split("/")[0]
    scoped = task.id.startswith("@")  # @scope/name@version
    return "@" + task.id[1:].split("@")[0] if scoped else task.id.split("@")[0].split("/")[0]


def fit_experts(
    choices: Sequence[CandidateChoice], only: frozenset[str] | None, count: int = EXPERTS
) -> list[dict[str, float]]:
    """Weights of several experts, such that one of them makes each right candidate likely; `only` these features."""
    names = sorted({name for c in choices for f in c.features for name in f if only is None or name in only})
    x, y, group = _stacked(choices, names)
    start = np.random.default_rng(0).normal(0.0, 0.5 * (count > 1), (count, len(names)))
    found = minimize(_loss, start.ravel(), args=(x, y, group, count), jac=True, method="L-BFGS-B")
    experts = found.x.reshape(count, -1)
    return [{name: round(float(w), 3) for name, w in zip(names, weights, strict=True)} for weights in experts]


def cross_fitted(
    choices: Sequence[CandidateChoice], fit_to: Callable[[Sequence[CandidateChoice]], Fitted]
) -> list[Fitted]:
    """What is fitted without the groups of each fold in turn."""
    return [fit_to([c for c in choices if fold_of(c.group) != fold]) for fold in range(FOLDS)]


def share_right(choices: Sequence[CandidateChoice], scorers: Sequence[Scorer]) -> float:
    """The share of choices for which the score of their fold ranks a right candidate first."""
    right = sum(c.right[int(np.argmax([scorers[fold_of(c.group)](f) for f in c.features]))] for c in choices)
    return round(right / len(choices), 4)


def fit_network(choices: Sequence[CandidateChoice], members: int = MEMBERS) -> Network:
    """Fit `members` networks that differ in their random start, and return their mean as one wide network.

    A single network is a matter of luck: with another start, one in a hundred plain edits gets another order (LOG.md).
    Needs torch, and is deterministic.
    """
    import torch  # slow to import, and not needed to calibrate a confidence

    names = sorted({name for choice in choices for found in choice.features for name in found})
    stacked = _stacked(choices, names)
    x, y, group = torch.tensor(fitted.squashed(stacked[0])).float(), torch.tensor(stacked[1]).float(), stacked[2]
    index, count = torch.tensor(group), len(choices)
    wide_index = index[:, None].expand(-1, members)
    draws = torch.Generator().manual_seed(0)
    linear = torch.zeros(len(names), members, requires_grad=True)
    inner = torch.randn(len(names), members * HIDDEN, generator=draws) / len(names) ** 0.5
    bias = torch.zeros(members * HIDDEN, requires_grad=True)
    outer = torch.zeros(members, HIDDEN, requires_grad=True)
    optimizer = torch.optim.AdamW([linear, inner.requires_grad_(), bias, outer], lr=STEP, weight_decay=DECAY)
    weight = torch.tensor([choice.weight for choice in choices])[:, None]
    for epoch in range(EPOCHS):
        optimizer.param_groups[0]["lr"] = STEP * (1 - epoch / EPOCHS)
        hidden = torch.tanh(x @ inner + bias).view(-1, members, HIDDEN)
        score = x @ linear + (hidden * outer).sum(-1)  # [candidates, members]
        most = torch.full((count, members), -torch.inf).scatter_reduce(0, wide_index, score.detach(), "amax")
        odds = torch.exp(score - most[index])
        every = torch.zeros(count, members).index_add(0, index, odds)
        right = torch.zeros(count, members).index_add(0, index, odds * y[:, None])
        loss = (weight * (torch.log(every) - torch.log(right + 1e-9))).sum() / weight.sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    wide = (linear.mean(1), inner.T, bias, outer.flatten() / members)
    return Network(tuple(names), *(part.detach().double().numpy() for part in wide))


def _stacked(choices: Sequence[CandidateChoice], names: Sequence[str]) -> tuple[Vector, Vector, NDArray[np.intp]]:
    """All candidates: features [candidates, names], rightness [candidates], index of the choice [candidates]."""
    column = {name: k for k, name in enumerate(names)}
    rows = [(number, f, ok) for number, c in enumerate(choices) for f, ok in zip(c.features, c.right, strict=True)]
    x = np.zeros((len(rows), len(names)))
    for k, (_, found, _) in enumerate(rows):
        for name, value in found.items():
            if name in column:
                x[k, column[name]] = value
    return x, np.array([float(ok) for *_, ok in rows]), np.array([number for number, *_ in rows], np.intp)


def _loss(flat: Vector, x: Vector, y: Vector, group: NDArray[np.intp], count: int) -> tuple[float, Vector]:
    """Negative log-likelihood that an expert chooses a right candidate, with a ridge, and its gradient.

    `flat` holds the weights [count, names].
    """
    chances, slopes = [], []
    experts = flat.reshape(count, -1)
    for weights in experts:
        score = x @ weights
        most = np.full(group.max() + 1, -np.inf)
        np.maximum.at(most, group, score)
        odds = np.exp(score - most[group])
        every, right = np.bincount(group, odds), np.bincount(group, odds * y) + 1e-12
        chances.append(np.log(right) - np.log(every))
        slopes.append(odds / every[group] - odds * y / right[group])
    likely = np.array(chances)
    whole = np.logaddexp.reduce(likely, axis=0)
    share = np.exp(likely - whole)  # [count, choices]: each expert's responsibility for each choice
    gradient = np.array([x.T @ (slope * own[group]) for slope, own in zip(slopes, share, strict=True)])
    loss = len(whole) * np.log(count) - whole.sum() + RIDGE * (flat @ flat) / 2
    return float(loss), (gradient + RIDGE * experts).ravel()
