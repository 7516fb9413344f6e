"""How likely the model finds the ways on which an output may go on: passes in the cache of the output."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.transfer import on_device


def way_log_probs(cache: BlockCache, pending: Sequence[int], ways: Sequence[Sequence[int]]) -> list[float]:
    """Of each way as a whole, after what is in the cache and pending; the cache is left as it was."""
    return [way_log_prob(cache, pending, way) for way in ways]


def way_log_prob(cache: BlockCache, pending: Sequence[int], tokens: Sequence[int]) -> float:
    """Log-probability of `tokens` after what is in the cache and pending; the cache is left as it was."""
    before = cache.length
    fed = [*pending, *tokens][:-1]
    log_probs: list[float] = []
    for start in range(0, len(fed), BLOCK_SIZES[-1]):
        block = fed[start : start + BLOCK_SIZES[-1]]
        keep = min(len(block), start + len(block) - len(pending) + 1)  # rows that say something about `tokens`
        logits = cache.forward(block, keep=keep)[:keep].float()  # [keep, vocab_size]
        following = on_device(list(tokens[len(log_probs) : len(log_probs) + keep]), logits.device)
        chosen = logits.gather(1, following[:, None])[:, 0]
        # One row at a time, as everywhere: a sum's last bit depends on how many rows are summed together.
        sums = torch.stack([row.logsumexp(dim=-1) for row in logits])  # [keep]
        log_probs += (chosen - sums).tolist()
    cache.rewind(before)
    return sum(log_probs)
