"""Choosing at a fork: read both ways with the model, and ask how likely they are.

Choosing is far easier than writing. A way is read from where candidates part to where they have met again; its score is
the model's log-probability of all of it, a bonus for each token (else the shorter way, the one that deletes, would have
an advantage; the insertion bonus of speech recognition) and its log-prior. Knows token ids only.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.guide import CandidateGuide

TOKEN_BONUS = 0.2  # nats; fitted on development tasks (LOG.md)
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
    here = way_score(cache, pending, guide.leader[start:end])
    scores = [0.0]  # of the leader, and of each fork against it
    for fork in forks:
        way = guide.rival(fork)[start : end + len(fork.branch) - (fork.end - fork.start)]
        scores.append(fork.log_prior + way_score(cache, pending, way) - here)
    best, second = sorted(range(len(scores)), key=lambda index: -scores[index])[:2]
    guide.settle(forks[best - 1] if best else None, scores[best] - scores[second])


def way_score(cache: BlockCache, pending: Sequence[int], tokens: Sequence[int]) -> float:
    """Log-probability and bonus of `tokens` after what is in the cache and pending; the cache is left as it was."""
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
    return sum(log_probs) + TOKEN_BONUS * len(log_probs)
