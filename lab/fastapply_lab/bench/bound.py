"""An upper bound on the speed-up from drafting with the sources on one task.

Of N output tokens, the sources predict all but `misses`: tokens that no source has, and the first one after each jump
from one place to another. A miss costs its own pass, t(1); a copied token costs its share of a block, t(K) / K:

    bound = N t(1) / (misses t(1) + (N - misses) / K t(K)),    with the prefill added above and below.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.drafts import CursorDrafter, Sources
from fastapply.engine.loader import LoadedModel


class PassSeconds(NamedTuple):
    """Seconds of a forward pass over one token and over `block` tokens, in the middle of a sequence."""

    one: float
    full: float
    block: int = BLOCK_SIZES[-1]


def misses(output: Sequence[int], sources: Sources) -> int:
    """How many tokens of `output` are not predicted by two cursors, one in the original and one in the update."""
    drafter = CursorDrafter([sources.original, sources.update])
    missed = 0
    for token in output:
        missed += list(drafter.draft(1)) != [token]
        drafter.observe(token)
    return missed


def bound(prompt: int, output: int, missed: int, cost: PassSeconds) -> float:
    """The highest possible speed-up over plain decoding, including prefill. `prompt`, `output`, `missed`: in tokens."""
    prefill = prompt / cost.block * cost.full
    plain = prefill + output * cost.one
    return plain / (prefill + missed * cost.one + (output - missed) / cost.block * cost.full)


def pass_seconds(model: LoadedModel, position: int) -> PassSeconds:
    """Measure after `position` tokens: the best of three, as the first use of a shape costs extra."""
    cache = BlockCache(model, position + 2 * BLOCK_SIZES[-1])
    while cache.length < position:
        cache.forward([0] * min(BLOCK_SIZES[-1], position - cache.length), keep=1)

    def seconds(tokens: int) -> float:
        started = time.perf_counter()
        logits = cache.forward([0] * tokens, keep=tokens)
        logits[0, 0].item()  # waits for the device
        cache.rewind(position)
        return time.perf_counter() - started

    return PassSeconds(min(seconds(1) for _ in range(3)), min(seconds(BLOCK_SIZES[-1]) for _ in range(3)))
