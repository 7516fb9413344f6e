"""The score: how likely a candidate is to be meant, relative to the others of the same update.

A small network maps a candidate's features to its log-likelihood in nats, as in a conditional logit (McFadden 1974).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapply.align.propose import Candidate
from fastapply.judge import weights
from fastapply.judge.features import Features


@dataclass(frozen=True)
class Ranked:
    """A whole LF file that the update may mean. A difference of 3 in `cost` is twenty to one.

    `of_text` names the features that come from the finished text. The others come from how the candidate was made.
    """

    text: str
    cost: float
    features: Mapping[str, float] = field(default_factory=dict)
    of_text: frozenset[str] = frozenset()


def rank(candidates: Sequence[Candidate], features: Features, ending: str) -> list[Ranked]:
    """The candidates, likeliest first. `ending` is the file's last line break."""
    found = []
    for candidate in candidates:
        text = candidate.text + ending
        shown = features.of(text)
        every = {**candidate.counts, **shown}
        found.append(Ranked(text, -weights.SCORE(every), every, frozenset(shown)))
    return sorted(found, key=lambda ranked: ranked.cost)
