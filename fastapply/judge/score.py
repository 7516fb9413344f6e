"""The one score: how likely a candidate is what was meant, beside the others of the same update.

A small network turns a candidate's features into its log-likelihood in nats, as in a conditional logit (McFadden 1974).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapply.align.propose import Candidate
from fastapply.judge import weights
from fastapply.judge.features import Features


@dataclass(frozen=True)
class Ranked:
    """A whole file that the update may mean, LF. A difference of 3 in `cost` is twenty to one.

    `of_text` names those of its features that the finished text shows; its making shows the others.
    """

    text: str
    cost: float
    features: Mapping[str, float] = field(default_factory=dict)
    of_text: frozenset[str] = frozenset()


def rank(candidates: Sequence[Candidate], features: Features, ending: str) -> list[Ranked]:
    """The candidates, likeliest first; `ending` is the file's last line break."""
    found = []
    for candidate in candidates:
        text = candidate.text + ending
        shown = features.of(text)
        every = {**candidate.counts, **shown}
        found.append(Ranked(text, -weights.SCORE(every), every, frozenset(shown)))
    return sorted(found, key=lambda ranked: ranked.cost)
