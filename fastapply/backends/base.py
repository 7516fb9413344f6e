"""What every backend offers: `rewrite`, a stream of text with what it cost so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fastapply.types import ApplyRequest, Stats


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole text that the output may be, and its log-prior."""

    text: str
    log_prior: float


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One job for a backend: LF texts. `expected` is the likeliest output: the draft and, if `guided`, the guide."""

    request: ApplyRequest
    expected: str
    guided: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate that the model finds likeliest, and by how many nats."""

    index: int
    margin: float
    stats: Stats


class Piece(NamedTuple):
    """The next part of the output. `drafted` of its `tokens` tokens came from a draft; `stats` is the total so far."""

    text: str
    tokens: int
    drafted: int
    stats: Stats


class Outcome(NamedTuple):
    """The end of a stream.

    `complete`: the model ended by itself. `decision_log_probs`: the model's, where the expected output decides.
    """

    complete: bool
    decision_log_probs: tuple[float, ...]
    stats: Stats


class Backend(Protocol):
    def choose(self, request: ApplyRequest, candidates: Sequence[Candidate]) -> Choice:
        """The likeliest of at least two outputs. Raises as `rewrite` does."""

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        """Yield pieces, then one outcome. Closing the iterator stops the work within one block.

        Raises ModelError when the model cannot run, RejectedError when the job does not fit it.
        """
