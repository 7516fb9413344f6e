"""The drafts of one request, made from its whole output so far. Independent of vLLM."""

from __future__ import annotations

from collections.abc import Sequence

from fastapply.engine.drafts import Drafter, DraftLength
from fastapply.engine.sequences import common_prefix


class Speculation:
    """A drafter, how much of the output it has seen, and how long its drafts should be."""

    def __init__(self, drafter: Drafter, device: str, vocabulary: int) -> None:
        """`vocabulary`: the number of tokens that the model knows; a draft ends before any other token."""
        self._drafter = drafter
        self._length = DraftLength(device)
        self._vocabulary = vocabulary
        self._seen = 0
        self._draft: list[int] = []  # not verified yet

    def draft(self, output: Sequence[int], limit: int) -> list[int]:
        """At most `limit` tokens that may follow `output`, which begins with the output of the last call."""
        new = output[self._seen :]
        self._seen = len(output)
        for token in new:
            self._drafter.observe(token)
        if self._draft and new:
            accepted = common_prefix(self._draft, new)
            self._length.record(accepted, missed=accepted < min(len(self._draft), len(new)))
        proposed = list(self._drafter.draft(max(min(self._length.best(), limit), 0)))
        end = next((i for i, token in enumerate(proposed) if token >= self._vocabulary), len(proposed))
        self._draft = proposed[:end]
        return self._draft
