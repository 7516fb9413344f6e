"""The drafts of one request, whose output is seen again as a whole each time it has grown. Knows nothing of vLLM."""

from __future__ import annotations

from collections.abc import Sequence

from fastapply.engine.drafts import Drafter, DraftLength


class Speculation:
    """A drafter that has seen part of an output, and how long its drafts should be."""

    def __init__(self, drafter: Drafter, device: str, vocabulary: int) -> None:
        """`vocabulary`: how many tokens the model knows; a source that holds others is drafted up to them."""
        self._drafter = drafter
        self._length = DraftLength(device)
        self._vocabulary = vocabulary
        self._seen = 0
        self._draft: list[int] = []  # not judged yet

    def draft(self, output: Sequence[int], limit: int) -> list[int]:
        """At most `limit` tokens that may follow `output`, which goes on from where it stood at the last call."""
        new = output[self._seen :]
        self._seen = len(output)
        for token in new:
            self._drafter.observe(token)
        if self._draft and new:
            pairs = enumerate(zip(self._draft, new, strict=False))
            accepted = next((i for i, (a, b) in pairs if a != b), min(len(self._draft), len(new)))
            self._length.record(accepted, missed=accepted < min(len(self._draft), len(new)))
        proposed = list(self._drafter.draft(max(min(self._length.best(), limit), 0)))
        end = next((i for i, token in enumerate(proposed) if token >= self._vocabulary), len(proposed))
        self._draft = proposed[:end]
        return self._draft
