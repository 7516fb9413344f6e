"""Find near-duplicate texts by min-hash over word shingles (Broder 1997), with banded look-up (datasketch)."""

from __future__ import annotations

import re

from datasketch import MinHash, MinHashLSH

_SHINGLE = 4  # words
_HASHES = 64


class Seen:
    """An index of texts. Two are near-duplicates if they share about `alike`, 0..1, of their shingles."""

    def __init__(self, alike: float = 0.7) -> None:
        self._index = MinHashLSH(threshold=alike, num_perm=_HASHES)
        self._count = 0

    def add(self, text: str) -> bool:
        """Add a text, unless it is a near-duplicate of an earlier one. Returns whether it was added."""
        words = re.findall(r"\w+|[^\w\s]", text)
        shingles = {" ".join(words[at : at + _SHINGLE]).encode() for at in range(max(len(words) - _SHINGLE + 1, 1))}
        signature = MinHash(num_perm=_HASHES)
        signature.update_batch(sorted(shingles))
        if self._index.query(signature):
            return False
        self._index.insert(self._count, signature, check_duplication=False)
        self._count += 1
        return True
