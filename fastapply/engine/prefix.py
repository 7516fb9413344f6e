"""Prefix cache: a prompt that begins like an earlier one reuses its keys and values.

An unchanged file costs its prefill once, however many edits of it follow. A row comes out bitwise the same in every
block (`cache.py`), so a restored prefix gives the same output.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from fastapply.engine.cache import BlockCache
from fastapply.engine.layers import KeysValues
from fastapply.engine.sequences import common_prefix

LEAST_TOKENS = 16  # shorter prefixes, such as a template's opening, are not worth a copy


class PrefixStore:
    """Stored prefixes of at most `max_bytes` in all; the least recently used go first. Not thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[tuple[int, ...], KeysValues] = OrderedDict()

    @property
    def bytes(self) -> int:
        return sum(part.nbytes for kept in self._kept.values() for layer in kept for part in layer)

    def restore(self, cache: BlockCache, prompt: Sequence[int]) -> None:
        """Fill an empty `cache` with the longest stored prefix of `prompt`. At least one token is left to feed."""
        best = max(self._kept, key=lambda tokens: common_prefix(tokens, prompt), default=())
        length = min(common_prefix(best, prompt), len(prompt) - 1)
        if length >= LEAST_TOKENS:
            self._kept.move_to_end(best)
            cache.load(self._kept[best], length)

    def keep(self, cache: BlockCache, prompt: Sequence[int]) -> None:
        """Store what `cache` holds of `prompt`. It replaces shorter stored prefixes of the same prompt."""
        tokens = tuple(prompt[: cache.length])
        if len(tokens) < LEAST_TOKENS or any(common_prefix(known, tokens) == len(tokens) for known in self._kept):
            return
        for known in [known for known in self._kept if common_prefix(known, tokens) == len(known)]:
            del self._kept[known]
        self._kept[tokens] = cache.copy(len(tokens))
        while self.bytes > self._max_bytes:
            self._kept.popitem(last=False)
