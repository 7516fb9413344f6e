"""Choosing at a fork: read both ways with the model, and ask how likely they are.

Choosing is far easier than writing. A way is read from where candidates part to where they have met again; its score is
the model's log-probability of all of it, a bonus for each token (else the shorter way, the one that deletes, would have
an advantage; the insertion bonus of speech recognition) and its log-prior. Knows token ids only, and not the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapply.engine.guide import CandidateGuide

TOKEN_BONUS = 0.2  # nats; fitted on development tasks (LOG.md)
AFTERWARDS = 4  # tokens read behind the place where the ways meet: coming back is a decision too

Tokens = Sequence[int]


def settle(guide: CandidateGuide, read: Callable[[list[Tokens]], Sequence[float]]) -> None:
    """Decide the forks at the output's end; `guide` then leads the likeliest way.

    Args:
        read: log-probabilities of ways on which the output may go on, each as a whole.
    """
    forks = guide.forks()
    start = forks[0].start
    end = max(fork.end for fork in forks) + AFTERWARDS  # in the leader
    ways: list[Tokens] = [guide.leader[start:end]]
    ways += [guide.rival(fork)[start : end + len(fork.branch) - (fork.end - fork.start)] for fork in forks]
    priors = [0.0, *(fork.log_prior for fork in forks)]  # of each fork against the leader
    scored = zip(ways, priors, read(ways), strict=True)
    scores = [prior + log_prob + TOKEN_BONUS * len(way) for way, prior, log_prob in scored]
    best, second = sorted(range(len(scores)), key=lambda index: -scores[index])[:2]
    guide.settle(forks[best - 1] if best else None, scores[best] - scores[second])
