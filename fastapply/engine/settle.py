"""Choosing at a fork: read both ways with the model, and ask how likely they are.

Choosing is far easier than writing. A way is read from where candidates part to where they have met again; its score is
the model's log-probability of all of it and its log-prior. Knows token ids only, and not the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fastapply.engine.guide import CandidateGuide

AFTERWARDS = 4  # tokens read behind the place where the ways meet: coming back is a decision too

Tokens = Sequence[int]


class Choice(NamedTuple):
    """What is chosen among: ways on which the output may go on, the leader's first, and their log-priors against it."""

    ways: list[Tokens]
    priors: list[float]


def choice_at(guide: CandidateGuide) -> Choice:
    """The choice at the output's end, where `guide.forks()` are."""
    forks = guide.forks()
    start = forks[0].start
    end = max(fork.end for fork in forks) + AFTERWARDS  # in the leader
    ways: list[Tokens] = [guide.leader[start:end]]
    ways += [guide.rival(fork)[start : end + len(fork.branch) - (fork.end - fork.start)] for fork in forks]
    return Choice(ways, [0.0, *(fork.log_prior for fork in forks)])


def settle(guide: CandidateGuide, read: Callable[[list[Tokens]], Sequence[float]]) -> None:
    """Decide the forks at the output's end; `guide` then leads the likeliest way.

    Args:
        read: log-probabilities of ways on which the output may go on, each as a whole.
    """
    ways, priors = choice_at(guide)
    scores = [prior + log_prob for prior, log_prob in zip(priors, read(ways), strict=True)]
    best, second = sorted(range(len(scores)), key=lambda index: -scores[index])[:2]
    guide.settle(guide.forks()[best - 1] if best else None, scores[best] - scores[second])
