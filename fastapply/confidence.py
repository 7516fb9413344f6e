"""How far a result can be trusted, and what follows: applied, or shown for review.

The confidence is a logistic model of a few signs, fitted on development tasks (see LOG.md). Knows neither texts nor
models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fastapply.types import Check, Status

REVIEW_BELOW = 0.5

# Checks without which nothing is written unseen, whatever the confidence.
VETOES = frozenset({"syntax", "markers", "truncated", "no_op", "complete"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """`margin`: cost of the second candidate over the first, in nats (None: there is no second). `least_log_prob`:
    of the model at its decision tokens (None: no model was asked). `agrees`: the output is the first candidate."""

    margin: float | None
    agrees: bool
    least_log_prob: float | None
    exact: bool


BIAS = 0.5
PER_NAT_OF_MARGIN = 0.8
WITHOUT_RIVAL = 2.5
DISAGREES = -1.5
PER_NAT_OF_DOUBT = 0.25
PER_FAILED_CHECK = -1.5


def decide(checks: Sequence[Check], evidence: Evidence) -> tuple[Status, float]:
    """Status and confidence, 0..1, of a result."""
    failed = {check.name for check in checks if not check.ok}
    probability = 0.999 if evidence.exact and not failed else confidence(len(failed), evidence)
    doubtful = failed & VETOES or probability < REVIEW_BELOW
    return (Status.NEEDS_REVIEW if doubtful else Status.APPLIED), round(probability, 4)


def confidence(failed_checks: int, evidence: Evidence) -> float:
    margin = WITHOUT_RIVAL if evidence.margin is None else PER_NAT_OF_MARGIN * min(evidence.margin, 5.0)
    doubt = PER_NAT_OF_DOUBT * max(evidence.least_log_prob or 0.0, -12.0)
    score = BIAS + margin + doubt + DISAGREES * (not evidence.agrees) + PER_FAILED_CHECK * failed_checks
    return 1.0 / (1.0 + math.exp(-score))
