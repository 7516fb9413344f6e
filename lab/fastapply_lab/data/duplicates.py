"""Near-duplicate texts, by min-hash over word shingles (Broder 1997), looked up in bands (datasketch)."""

from __future__ import annotations

import re

from datasketch import MinHash, MinHashLSH

_SHINGLE = 4  # words
_HASHES = 64


class Seen:
    """An index of texts. Two are near-duplicates where about `alike`, 0..1, of their shingles are the same ones."""

    def __init__(self, alike: float = 0.7) -> None:
        self._index = MinHashLSH(threshold=alike, num_perm=_HASHES)
        self._count = 0

    def add(self, text: str) -> bool:
        """True for a text unlike all before it; it is then kept. Mutates the index."""
        words = re.findall(r"\w+|[^\w\s]", text)
        shingles = {" ".join(words[at : at + _SHINGLE]).encode() for at in range(max(len(words) - _SHINGLE + 1, 1))}
        signature = MinHash(num_perm=_HASHES)
        signature.update_batch(sorted(shingles))
        if self._index.query(signature):
            return False
        self._index.insert(self._count, signature, check_duplication=False)
        self._count += 1
        return True
