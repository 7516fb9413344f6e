"""The one score: how likely a candidate is what was meant, beside the others of the same update.

A candidate's features, weighted and summed, are its log-likelihood in nats (conditional logit, McFadden 1974). The
weights stand in `weights.json`, written by `fastapply calibrate --readings --write` and by nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapply.align.propose import Candidate
from fastapply.judge.features import Features

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
_FITTED = json.loads(WEIGHTS_FILE.read_text())
WEIGHTS: Mapping[str, float] = _FITTED["score"]
PROPOSING: Mapping[str, float] = _FITTED["propose"]  # fitted without what only a whole text shows


@dataclass(frozen=True)
class Ranked:
    """A whole file that the update may mean, LF. A difference of 3 in `cost` is twenty to one."""

    text: str
    cost: float
    features: Mapping[str, float] = field(default_factory=dict)


def score(features: Mapping[str, float]) -> float:
    """Log-likelihood, up to a constant that all candidates of an update share."""
    return sum(WEIGHTS.get(name, 0.0) * value for name, value in features.items())


def rank(candidates: Sequence[Candidate], features: Features, ending: str) -> list[Ranked]:
    """The candidates, likeliest first; `ending` is the file's last line break."""
    found = []
    for candidate in candidates:
        text = candidate.text + ending
        every = {**candidate.counts, **features.of(text)}
        found.append(Ranked(text, -score(every), every))
    return sorted(found, key=lambda ranked: ranked.cost)
