"""How far a result can be trusted, and what follows: applied, or shown for review.

The confidence is a logistic model of a few signs, fitted on development tasks by `fastapply calibrate --write`
(docs/evaluation.md). Knows neither texts nor models.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapply.types import Status

MOST_MARGIN = 30.0  # nats; more says nothing more
MOST_ECHOES = 5  # lines; one more moved definition says nothing more
WEIGHTS_FILE = Path(__file__).with_name("confidence.json")  # written by `fastapply calibrate --write`

# Checks without which nothing is written unseen, whatever the confidence.
VETOES = frozenset(
    {
        *("syntax", "markers", "overwritten", "ambiguous", "truncated", "no_op"),
        *("arrived", "blast_radius", "indentation", "complete", "accounted"),
    }
)

HARD = frozenset({"syntax", "markers"})  # what is not written unseen even where a person has chosen the reading
CHOSEN = 0.999  # a person has decided


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a result shows of itself.

    `failed`: names of the checks that failed. `lines_at_risk`: how many lines of the original it takes away or changes
    that a candidate not much less likely keeps. `prior_margin`: by how many nats the alignment's second candidate lies
    behind its first (None: there is no second). `margin`: the least lead with which the model chose among candidates
    (None: nothing was close enough to ask). `least_log_prob`: the model's, at its decision tokens (None: no model was
    asked). `agrees`: the output is the alignment's first candidate. `exact`: a diff that fits as it stands. `echoes`:
    lines taken away though the update shows them, or put in though the file had them. `repeated_share`: of the
    lines that should place the update, those that stand more than once in the file. `missed`: how many words the
    instruction names that no changed line has.
    """

    failed: frozenset[str]
    lines_at_risk: int
    prior_margin: float | None
    margin: float | None
    least_log_prob: float | None
    agrees: bool
    exact: bool
    echoes: int = 0
    repeated_share: float = 0.0
    missed: int = 0


Weights = Mapping[str, float]  # feature -> nats

_FITTED = json.loads(WEIGHTS_FILE.read_text())
ALIGNMENT: Weights = _FITTED["merge"]["weights"]
WEIGHTS: Weights = {**ALIGNMENT, **_FITTED["system"]["weights"]}  # and those of the model's signs
REVIEW_BELOW: float = _FITTED["system"]["review_below"]
REVIEW_BELOW_ALONE: float = _FITTED["merge"]["review_below"]  # without a model


def decide(evidence: Evidence) -> tuple[Status, float]:
    """Status and confidence, 0..1, of a result."""
    probability = 0.999 if evidence.exact and not evidence.failed else confidence(evidence)
    limit = REVIEW_BELOW_ALONE if evidence.least_log_prob is None else REVIEW_BELOW
    doubtful = evidence.failed & VETOES or probability < limit
    return (Status.NEEDS_REVIEW if doubtful else Status.APPLIED), round(probability, 4)


def decide_chosen(evidence: Evidence) -> tuple[Status, float]:
    """`decide` for a reading that a person has chosen among others."""
    if evidence.failed & HARD:
        return Status.NEEDS_REVIEW, round(confidence(evidence), 4)
    return Status.APPLIED, CHOSEN


def confidence(evidence: Evidence) -> float:
    """Estimated probability that the result is what was meant."""
    score = sum(WEIGHTS[name] * value for name, value in features(evidence).items())
    return 1.0 / (1.0 + math.exp(-score))


def features(evidence: Evidence) -> dict[str, float]:
    """What the logistic model looks at; the last two only where a model had a choice."""
    sure = evidence.agrees  # else the alignment's lead is another reading's
    found = {
        "bias": 1.0,
        "no_rival": float(sure and evidence.prior_margin is None),
        "prior_margin": _squeezed(evidence.prior_margin) * sure,
        "failed_checks": float(len(evidence.failed)),
        "lines_at_risk": math.log1p(evidence.lines_at_risk),
        "echoes": math.log1p(min(evidence.echoes, MOST_ECHOES)),
        "repeated_share": evidence.repeated_share,
        "missed": math.log1p(evidence.missed),
    }
    if evidence.margin is not None:
        found |= {"choice": 1.0, "lead": _squeezed(evidence.margin)}
    return found


def _squeezed(margin: float | None) -> float:
    return math.log1p(min(margin or 0.0, MOST_MARGIN))
