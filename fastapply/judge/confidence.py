"""How far a result can be trusted, and its status: applied, or shown for review.

The confidence is a logistic model of the candidate features, the lead of the first candidate and the failed checks.
`fastapply calibrate` fits it (docs/evaluation.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fastapply.align.beam import Breadth
from fastapply.judge.weights import FITTED, Weights
from fastapply.types import Status

MOST_LEAD = 30.0  # nats; a larger lead makes no difference
MOST_ODDS = 14.0
NEAR = 3.0  # nats; a candidate within this distance of the first is near it

# A result that fails one of these checks is never applied unseen, whatever the confidence.
VETOES = frozenset(
    {
        *("syntax", "markers", "overwritten", "ambiguous", "renamed", "moved", "truncated", "no_op"),
        *("arrived", "blast_radius", "indentation", "depth", "complete", "accounted", "deleted"),
    }
)
_CHOSEN_VETOES = frozenset({"syntax", "markers"})  # those that also apply to a reading that a person chose
_SURE = 0.999


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the decision about a result depends on.

    `failed`: the names of the failed checks. `behind`: by how many nats the first candidate is likelier than each of
    the others. `features`: those of the result. `margin`: the smallest lead with which a model chose among candidates
    (None: no model was asked, or it had no choice). `agrees`: the output is the first candidate. `exact`: the update is
    a diff that fits as it is.
    """

    failed: frozenset[str]
    behind: tuple[float, ...]
    margin: float | None
    agrees: bool
    exact: bool
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def decided(self) -> bool:
        """Was nothing left to choose: a diff that fits, or the whole new file?"""
        return (self.exact or (not self.behind and not self.features)) and not self.failed

    @property
    def lead(self) -> float | None:
        """The first candidate's lead over the second. None if there is no second."""
        return min(self.behind, default=None)


ALIGNMENT: Weights = FITTED["confidence"]["weights"]
WEIGHTS: Weights = {**ALIGNMENT, **FITTED["confidence_with_model"]["weights"]}  # with those of the model's features
REVIEW_BELOW: float = FITTED["confidence"]["review_below"]  # a confidence means the same with a model


def decide(evidence: Evidence) -> tuple[Status, float]:
    """Status and confidence, 0..1, of a result. If a model prefers another candidate to the first, the result always
    needs review."""
    probability = _SURE if evidence.decided else confidence(evidence)
    doubtful = evidence.failed & VETOES or not evidence.agrees or probability < REVIEW_BELOW
    return (Status.NEEDS_REVIEW if doubtful else Status.APPLIED), round(probability, 4)


def decide_chosen(evidence: Evidence) -> tuple[Status, float]:
    """The same for a reading that a person requested by number. It is applied unless it breaks the file."""
    if evidence.failed & _CHOSEN_VETOES:
        return Status.NEEDS_REVIEW, round(confidence(evidence), 4)
    return Status.APPLIED, _SURE


def confidence(evidence: Evidence) -> float:
    """The estimated probability that the result is what was meant.

    The weights of the model's features were fitted with our model, and where the alignment is in doubt. So they never
    make a result doubtful of which the alignment is sure."""
    alone = _probability(replace(evidence, margin=None))
    asked = _probability(evidence)
    return max(alone, asked) if alone >= REVIEW_BELOW else asked


def _probability(evidence: Evidence) -> float:
    score = sum(WEIGHTS.get(name, 0.0) * value for name, value in features(evidence).items())
    return 1.0 / (1.0 + math.exp(-max(min(score, 50.0), -50.0)))


def features(evidence: Evidence) -> dict[str, float]:
    """The inputs of the logistic model. `choice`, `choice_failed` and `model_lead` are there only if a model chose."""
    sure = evidence.agrees  # otherwise the lead belongs to another candidate
    whole = not evidence.behind and not evidence.features
    behind = evidence.behind or (() if whole else (Breadth.nats,))  # the search drops what is further behind
    found = {
        "bias": 1.0,
        "lead": _squeezed(min(behind, default=None)) * sure,
        "overruled": float(not sure),
        "failed_checks": float(len(evidence.failed)),
        **{f"shows_{name}": _squeezed(value) for name, value in evidence.features.items()},
    }
    if sure and behind:
        found["odds"] = max(min(-_log_sum(behind), MOST_ODDS), 0.0)
        found["near"] = math.log1p(sum(nats < NEAR for nats in behind))
    if evidence.margin is not None:
        failed = float(len(evidence.failed))
        found |= {"choice": 1.0, "choice_failed": failed, "model_lead": _squeezed(evidence.margin)}
    return found


def _squeezed(value: float | None) -> float:
    return math.log1p(min(max(value or 0.0, 0.0), MOST_LEAD))


def _log_sum(behind: tuple[float, ...]) -> float:
    """The log of the others' total likelihood, relative to the first candidate."""
    return math.log(sum(math.exp(-min(nats, MOST_LEAD)) for nats in behind))
