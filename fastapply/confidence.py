"""How far a result can be trusted, and what follows: applied, or shown for review.

The confidence is a logistic model of a few signs, fitted on development tasks (see LOG.md). Knows neither texts nor
models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fastapply.types import Check, Status

REVIEW_BELOW = 0.8
MOST_MARGIN = 30.0  # nats; more says nothing more
MOST_DOUBT = 12.0

# Checks without which nothing is written unseen, whatever the confidence.
VETOES = frozenset({"syntax", "markers", "truncated", "no_op", "complete"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a result shows of itself.

    `margin`: how far the second candidate lies behind the chosen one, in nats (None: there is no second), by the
    alignment alone or by the model and the alignment. `least_log_prob`: the model's, at its decision tokens (None: no
    model was asked). `agrees`: the output is the alignment's first candidate. `exact`: a diff that fits as it stands.
    """

    margin: float | None
    agrees: bool
    least_log_prob: float | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the logistic model, in nats."""

    bias: float
    without_rival: float
    margin: float  # times log(1 + margin)
    failed_check: float  # each
    doubt: float = 0.0  # times the least log-probability
    disagrees: float = 0.0


ALIGNMENT_ALONE = Weights(bias=0.80, without_rival=2.09, margin=2.06, failed_check=-2.67)
WITH_MODEL = Weights(bias=0.04, without_rival=3.63, margin=2.96, failed_check=-1.05, doubt=0.37, disagrees=-4.39)


def decide(checks: Sequence[Check], evidence: Evidence) -> tuple[Status, float]:
    """Status and confidence, 0..1, of a result."""
    failed = {check.name for check in checks if not check.ok}
    probability = 0.999 if evidence.exact and not failed else confidence(len(failed), evidence)
    doubtful = failed & VETOES or probability < REVIEW_BELOW
    return (Status.NEEDS_REVIEW if doubtful else Status.APPLIED), round(probability, 4)


def confidence(failed_checks: int, evidence: Evidence) -> float:
    """Estimated probability that the result is what was meant."""
    alone = evidence.least_log_prob is None
    weights = ALIGNMENT_ALONE if alone else WITH_MODEL
    score = weights.bias + weights.failed_check * failed_checks
    if evidence.margin is None:
        score += weights.without_rival
    else:
        score += weights.margin * math.log1p(min(evidence.margin, MOST_MARGIN))
    score += weights.doubt * max(evidence.least_log_prob or 0.0, -MOST_DOUBT)
    score += weights.disagrees * (not evidence.agrees)
    return 1.0 / (1.0 + math.exp(-score))
