"""Log-probabilities of several ways to continue an output, computed in the output's own cache."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.transfer import on_device


def way_log_probs(cache: BlockCache, pending: Sequence[int], ways: Sequence[Sequence[int]]) -> list[float]:
    """The log-probability of each way after the cache and `pending`. Leaves the cache as it was."""
    return [way_log_prob(cache, pending, way) for way in ways]


def way_log_prob(cache: BlockCache, pending: Sequence[int], tokens: Sequence[int]) -> float:
    """The log-probability of `tokens` after the cache and `pending`. Leaves the cache as it was."""
    before = cache.length
    fed = [*pending, *tokens][:-1]
    log_probs: list[float] = []
    for start in range(0, len(fed), BLOCK_SIZES[-1]):
        block = fed[start : start + BLOCK_SIZES[-1]]
        keep = min(len(block), start + len(block) - len(pending) + 1)  # rows that predict one of `tokens`
        logits = cache.forward(block, keep=keep)[:keep].float()  # [keep, vocab_size]
        following = on_device(list(tokens[len(log_probs) : len(log_probs) + keep]), logits.device)
        chosen = logits.gather(1, following[:, None])[:, 0]
        # One row at a time: when several rows are summed at once, their number may change the last bit.
        sums = torch.stack([row.logsumexp(dim=-1) for row in logits])  # [keep]
        log_probs += (chosen - sums).tolist()
    cache.rewind(before)
    return sum(log_probs)
