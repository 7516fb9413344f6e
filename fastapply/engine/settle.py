"""Choosing at a fork: read both ways with the model, and ask how likely the decisions along them are.

Choosing is far easier than writing. A way is read from where candidates part to where they have met again; its score is
the model's log-probability of its *decision tokens* (where it leaves the original and comes back; the copies in between
say nothing about which is right) plus its log-prior. Knows token ids only.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import torch

from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.guide import CandidateGuide

AFTERWARDS = 4  # tokens read behind the place where the ways meet: coming back is a decision too


def settle(cache: BlockCache, pending: Sequence[int], guide: CandidateGuide) -> None:
    """Decide the forks at the output's end; `guide` then leads the likeliest way.

    Args:
        cache: leaves as it came.
        pending: tokens settled, but not in the cache yet.
    """
    forks = guide.forks()
    start = forks[0].start
    end = max(fork.end for fork in forks) + AFTERWARDS  # in the leader
    here = way_score(cache, pending, guide.leader[:end], guide.decisions, start)
    scores = [0.0]  # of the leader, and of each fork against it
    for fork in forks:
        tokens, decisions = guide.rival(fork)
        until = end + len(fork.branch) - (fork.end - fork.start)
        scores.append(fork.log_prior + way_score(cache, pending, tokens[:until], decisions, start) - here)
    best, second = sorted(range(len(scores)), key=lambda index: -scores[index])[:2]
    guide.settle(forks[best - 1] if best else None, scores[best] - scores[second])


def way_score(
    cache: BlockCache, pending: Sequence[int], tokens: Sequence[int], decisions: Set[int], start: int
) -> float:
    """Sum of the log-probabilities of the decision tokens among `tokens[start:]`, where two ways part at `start`."""
    log_probs = _read(cache, pending, tokens[start:])
    return sum(p for index, p in enumerate(log_probs, start) if index in decisions)


def _read(cache: BlockCache, pending: Sequence[int], tokens: Sequence[int]) -> list[float]:
    """The log-probability of each token after those before it; the cache is rewound to where it was."""
    before = cache.length
    fed = [*pending, *tokens][:-1]
    log_probs: list[float] = []
    for start in range(0, len(fed), BLOCK_SIZES[-1]):
        block = fed[start : start + BLOCK_SIZES[-1]]
        keep = min(len(block), start + len(block) - len(pending) + 1)  # rows that say something about `tokens`
        following = torch.tensor(tokens[len(log_probs) : len(log_probs) + keep])
        logits = cache.forward(block, keep=keep)[:keep].float()  # [keep, vocab_size]
        chosen = logits.gather(1, following.to(logits.device)[:, None])[:, 0]
        # One row at a time, as everywhere: a sum's last bit depends on how many rows are summed together.
        log_probs += [float(c - row.logsumexp(dim=-1)) for c, row in zip(chosen, logits, strict=True)]
    cache.rewind(before)
    return log_probs
