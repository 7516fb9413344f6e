"""Hashes of sequences of lines that grow line by line."""

from __future__ import annotations

from collections.abc import Sequence


class LineHashes:
    """Polynomial hashes of sequences of lines. They recognise two routes to the same text in constant time."""

    _BASE, _PRIME = 1_000_003, (1 << 61) - 1

    def __init__(self, texts: Sequence[str]) -> None:
        self._prefix, self._power = [0], [1]
        for text in texts:
            self._prefix.append((self._prefix[-1] * self._BASE + hash(text)) % self._PRIME)
            self._power.append(self._power[-1] * self._BASE % self._PRIME)

    def kept(self, before: int, start: int, end: int) -> int:
        """The hash extended by the columns [start, end)."""
        power = self._power[end - start]
        return (before * power + self._prefix[end] - self._prefix[start] * power) % self._PRIME

    def added(self, before: int, texts: Sequence[str]) -> int:
        for text in texts:
            before = (before * self._BASE + hash(text)) % self._PRIME
        return before
