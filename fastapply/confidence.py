"""How far a result can be trusted, and what follows: applied, or shown for review.

The confidence is a logistic model of a few signs, fitted on development tasks (see LOG.md). Knows neither texts nor
models.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fastapply.types import Status

REVIEW_BELOW = 0.9
REVIEW_BELOW_ALONE = 0.8  # without a model; at 0.9 it would show one right result in fifteen for review
MOST_MARGIN = 30.0  # nats; more says nothing more
MOST_DOUBT = 12.0

# Checks without which nothing is written unseen, whatever the confidence.
VETOES = frozenset(
    {
        *("syntax", "markers", "overwritten", "ambiguous", "truncated", "no_op"),
        *("arrived", "blast_radius", "indentation", "complete"),
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a result shows of itself.

    `failed`: names of the checks that failed. `lines_at_risk`: how many lines of the original it takes away or changes
    that a candidate not much less likely keeps. `prior_margin`: by how many nats the alignment's second candidate lies
    behind its first (None: there is no second). `margin`: the least lead with which the model chose among candidates
    (None: nothing was close enough to ask). `least_log_prob`: the model's, at its decision tokens (None: no model was
    asked). `agrees`: the output is the alignment's first candidate. `exact`: a diff that fits as it stands.
    """

    failed: frozenset[str]
    lines_at_risk: int
    prior_margin: float | None
    margin: float | None
    least_log_prob: float | None
    agrees: bool
    exact: bool


Weights = Mapping[str, float]  # feature -> nats

ALIGNMENT_ALONE: Weights = {
    "bias": -0.24,
    "no_rival": 3.33,
    "prior_margin": 2.54,
    "failed_checks": -0.72,
    "lines_at_risk": -0.87,
}
WITH_MODEL: Weights = {
    "bias": 2.72,
    "no_rival": 0.27,
    "prior_margin": 1.02,
    "failed_checks": -0.38,
    "lines_at_risk": -1.16,
    "no_choice": 0.60,
    "margin": 0.23,
    "doubt": 0.37,
    "disagrees": -0.50,  # too rare to be fitted: set with care
}


def decide(evidence: Evidence) -> tuple[Status, float]:
    """Status and confidence, 0..1, of a result."""
    probability = 0.999 if evidence.exact and not evidence.failed else confidence(evidence)
    limit = REVIEW_BELOW_ALONE if evidence.least_log_prob is None else REVIEW_BELOW
    doubtful = evidence.failed & VETOES or probability < limit
    return (Status.NEEDS_REVIEW if doubtful else Status.APPLIED), round(probability, 4)


def confidence(evidence: Evidence) -> float:
    """Estimated probability that the result is what was meant."""
    weights = ALIGNMENT_ALONE if evidence.least_log_prob is None else WITH_MODEL
    score = sum(weights[name] * value for name, value in features(evidence).items())
    return 1.0 / (1.0 + math.exp(-score))


def features(evidence: Evidence) -> dict[str, float]:
    """What the logistic model looks at; the last four only where a model was asked."""
    found = {
        "bias": 1.0,
        "no_rival": float(evidence.prior_margin is None),
        "prior_margin": _squeezed(evidence.prior_margin),
        "failed_checks": float(len(evidence.failed)),
        "lines_at_risk": math.log1p(evidence.lines_at_risk),
    }
    if evidence.least_log_prob is not None:
        found |= {
            "no_choice": float(evidence.margin is None),
            "margin": _squeezed(evidence.margin),
            "doubt": max(evidence.least_log_prob, -MOST_DOUBT),
            "disagrees": float(not evidence.agrees),
        }
    return found


def _squeezed(margin: float | None) -> float:
    return math.log1p(min(margin or 0.0, MOST_MARGIN))
