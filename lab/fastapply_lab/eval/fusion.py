"""Fit how a model's opinion is added to the score of a candidate (`engine.guide.Fusion`).

A conditional logit (McFadden 1974) over the candidates that the model reads: of the score in nats, of the model's
log-probability, and of the length in tokens. The score itself keeps the weight 1. The tasks must be new to the weights
of the score, or its opinion counts for too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

from fastapply.align.window import cut_windows
from fastapply.applier import make_plan
from fastapply.backends.base import CandidateText, Rewrite
from fastapply.backends.choosing import LogProbs, question_of
from fastapply.backends.local import CacheReader, LocalBackend
from fastapply.engine.cache import BlockCache
from fastapply.engine.guide import Fusion
from fastapply.errors import FastApplyError
from fastapply.pieces import rivals_of
from fastapply.plan import Plan
from fastapply.result import is_sure
from fastapply.types import ApplyRequest
from fastapply_lab.eval.score import same_lines
from fastapply_lab.tasks import Task

RIDGE = 0.05

Vector = NDArray[np.float64]


class Opinions(NamedTuple):
    """The candidates of one task: costs in nats, the model's log-probabilities, tokens, and which are right."""

    costs: list[float]
    log_probs: list[float]
    tokens: list[int]
    right: list[bool]

    def features(self) -> Vector:
        """[candidates, 3], all against the first candidate."""
        columns = np.array([[-cost for cost in self.costs], self.log_probs, self.tokens], np.float64).T
        result: Vector = columns - columns[0]
        return result


def opinions_of(task: Task, backend: LocalBackend) -> Opinions | None:
    """What the model says of each candidate; None where it would not be asked, or could not help."""
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
    try:
        plan = make_plan(request)
        if plan.exact or is_sure(plan):
            return None
        rivals = rivals_of(plan)
        right = [same_lines(plan.source.restore(rival.text), task.expected) for rival in rivals]
        if len(rivals) < 2 or not any(right):
            return None
        log_probs, tokens = _read(plan, [rival.text for rival in rivals], backend)
    except FastApplyError:
        return None
    return Opinions([rival.cost - rivals[0].cost for rival in rivals], log_probs, tokens, right)


def _read(plan: Plan, texts: Sequence[str], backend: LocalBackend) -> tuple[list[float], list[int]]:
    """The log-probability and the number of tokens of each text against the first one's, summed over the regions in
    which they differ."""
    log_probs, tokens = [0.0] * len(texts), [0] * len(texts)
    for window in cut_windows(plan.source.text, texts, plan.request.language):
        candidates = tuple(map(CandidateText, window.candidates))
        job = Rewrite(replace(plan.request, original=window.original), candidates)
        asked = backend.jobs.encode(job)
        question = question_of(job, asked)
        cache = BlockCache(backend.model, len(asked.prompt) + asked.limit)
        *_, read = LogProbs([], []), *question.put(CacheReader(cache, asked.prompt))
        found = {tuple(r.output): o for r, o in zip(question.rivals, question.opinions(read), strict=True)}
        for numbers, output in zip(window.ways, asked.outputs, strict=True):
            log_prob, longer = found.get(tuple(output), (0.0, 0))
            for number in numbers:
                log_probs[number] += log_prob
                tokens[number] += longer
    return log_probs, tokens


def fit_fusion(read: Sequence[Opinions]) -> Fusion:
    """The weights under which the right candidates are likeliest. Deterministic."""
    rows = [(found.features(), np.array(found.right)) for found in read]
    score, model, token = minimize(_loss, np.array([1.0, 0.0, 0.0]), args=(rows,)).x
    return Fusion(round(float(model / score), 3), round(float(token / score), 3))


def share_right(read: Sequence[Opinions], fusion: Fusion) -> float:
    """How often the likeliest candidate is right."""
    weights = np.array([1.0, *fusion])
    return float(np.mean([found.right[int(np.argmax(found.features() @ weights))] for found in read]))


def _loss(weights: Vector, rows: Sequence[tuple[Vector, NDArray[np.bool_]]]) -> float:
    loss = RIDGE * float(weights @ weights)
    for features, right in rows:
        scores = features @ weights
        loss += float(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[right]))
    return loss
