"""Drafters: they guess the next tokens of the output from texts that are known already.

A drafter sees every output token once, in order, and its guesses depend on nothing else. A guess changes only the
speed, never the output. This module holds the drafters that pay off in nearly every edit; `backends/drafting` finds the
others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, runtime_checkable

from fastapply.engine.sequences import common_prefix

if TYPE_CHECKING:
    import torch

Tokens = Sequence[int]


class Sources(NamedTuple):
    """Texts to draft from, as token ids: the file, the update, and the likeliest candidate."""

    original: Tokens
    update: Tokens
    candidate: Tokens


class Drafter(Protocol):
    """Guesses the next tokens of one output."""

    def observe(self, token: int) -> None:
        """The output went on with `token`."""

    def draft(self, limit: int) -> Tokens:
        """At most `limit` tokens that may follow; empty when there is no guess."""


@runtime_checkable
class HiddenReader(Protocol):
    """A drafter that also reads the model's hidden states."""

    def read(self, hidden: torch.Tensor) -> None:
        """`hidden`, [hidden_size], is the last hidden state from which the model chose the newest token."""


class NoDrafter:
    """Plain decoding: one token for each pass."""

    def observe(self, token: int) -> None:
        pass

    def draft(self, limit: int) -> Tokens:
        return []


class Cursor:
    """A position in one source, kept as long as the output follows it and found again after a miss.

    `matched` counts the tokens that the output and the source have in common just before the cursor; 0 means lost.
    A lost cursor moves to where the output's last tokens occur in the source. The longest match wins; among equals, the
    first one after the place where the cursor was lost.
    """

    NGRAM = 3  # tokens that must match to find the place again
    LONGEST = 64  # a longer match counts as this long

    def __init__(self, source: Tokens) -> None:
        self.source = list(source)
        self.position = 0
        self.matched = 1 if self.source else 0  # an output begins where its source begins
        self._lost_at = 0
        self._output: list[int] = []
        self._places: dict[tuple[int, ...], list[int]] = defaultdict(list)  # n-gram -> positions just after it
        for end in range(self.NGRAM, len(self.source) + 1):
            self._places[tuple(self.source[end - self.NGRAM : end])].append(end)

    def observe(self, token: int) -> None:
        self._output.append(token)
        if self.matched and self.position < len(self.source) and self.source[self.position] == token:
            self.position += 1
            self.matched = min(self.matched + 1, self.LONGEST)
            return
        if self.matched:
            self._lost_at, self.matched = self.position, 0
        self._find()

    def _find(self) -> None:
        places = self._places.get(tuple(self._output[-self.NGRAM :]), [])
        if places:
            self.position = max(places, key=lambda p: (self._agreement(p), p >= self._lost_at, -abs(p - self._lost_at)))
            self.matched = self._agreement(self.position)

    def _agreement(self, position: int) -> int:
        """How many tokens before `position` equal the end of the output."""
        count, longest = 0, min(position, len(self._output), self.LONGEST)
        while count < longest and self.source[position - 1 - count] == self._output[-1 - count]:
            count += 1
        return count

    def draft(self, limit: int) -> Tokens:
        return self.source[self.position : self.position + limit] if self.matched else []


class CursorDrafter:
    """Drafts from the source whose cursor has the longest match with the output; among equals, from the first."""

    def __init__(self, sources: Sequence[Tokens]) -> None:
        self.cursors = [Cursor(source) for source in sources]

    def observe(self, token: int) -> None:
        for cursor in self.cursors:
            cursor.observe(token)

    def draft(self, limit: int) -> Tokens:
        best = max(self.cursors, key=lambda cursor: cursor.matched)
        return best.draft(limit)


SOURCED = ("none", "merge", "suffix")  # drafters that need token ids only


def make_drafter(name: str, sources: Sources) -> Drafter:
    """A new drafter for one output. `name` is one of `SOURCED`."""
    match name:
        case "none":
            return NoDrafter()
        case "merge":
            return CursorDrafter([sources.candidate, sources.original, sources.update])
        case "suffix":
            from fastapply.engine.suffix import SuffixDrafter

            return SuffixDrafter([sources.candidate, sources.original, sources.update])
    raise ValueError(name)


class DraftLength:
    """Chooses the length of the next draft: the one with the most expected tokens per cost.

    If each token is accepted with probability p, a draft of k tokens yields (1 - p^(k+1)) / (1 - p) tokens on average
    (Leviathan et al. 2211.17192, eq. 1). It costs `overhead + k`, in units of one token's share of a big block. p is
    estimated from this output's accepted and missed tokens; every miss halves the weight of older ones.
    """

    OVERHEAD: ClassVar = {"cpu": 30.0, "cuda": 1000.0, "mps": 200.0}
    LENGTHS = (7, 15, 31, 63, 127, 255, 511)  # one pending token and the draft fill a block

    def __init__(self, device: str) -> None:
        self._overhead = self.OVERHEAD.get(device, 200.0)
        self._accepted, self._missed = 400.0, 0.5  # drafts are assumed good until they prove otherwise

    def record(self, accepted: int, missed: bool) -> None:
        if missed:
            self._accepted, self._missed = self._accepted / 2, self._missed / 2
        self._accepted += accepted
        self._missed += missed

    def best(self) -> int:
        p = self._accepted / (self._accepted + self._missed)

        def rate(k: int) -> float:
            return float((1 - p ** (k + 1)) / (1 - p) / (self._overhead + k))

        return max(self.LENGTHS, key=rate)


class Speculation:
    """The drafts of one output that another engine decodes: its drafter, what it has seen of the output, and how long
    its drafts should be."""

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
