"""How fast a model runs here: the seconds of one forward pass over a block."""

from __future__ import annotations

import statistics
import time

import torch

from fastapply.engine.cache import BlockCache
from fastapply.engine.loader import LoadedModel


def block_seconds(model: LoadedModel, tokens: int, *, context: int = 0, repeats: int = 3) -> float:
    """Median seconds of a pass over `tokens` tokens with `context` tokens before them, after one warm-up pass.

    The context's keys are zeros, since the cost does not depend on their values.
    """
    cache = BlockCache(model, min(context + tokens, model.context))
    block = [0] * tokens
    cache.length = min(context, model.context - tokens)
    taken = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        logits = cache.forward(block, keep=1)
        if logits.device.type == "cuda":
            torch.cuda.synchronize(logits.device)
        taken.append(time.perf_counter() - started)
        cache.rewind(cache.length - tokens)
    return statistics.median(taken[1:])
