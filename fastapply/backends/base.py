"""What every backend offers: `rewrite`, a stream of text with what it cost so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fastapply.types import ApplyRequest, Stats


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole text that the output may be, and its log-prior."""

    text: str
    log_prior: float = 0.0


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One job for a backend: LF texts. The candidates, likeliest first, are what drafts come from; if `guided`, the
    model chooses among them, else it writes freely."""

    request: ApplyRequest
    candidates: tuple[Candidate, ...]
    guided: bool = True


class Piece(NamedTuple):
    """The next part of the output. `drafted` of its `tokens` tokens came from a draft, and with them the first
    `drafted_characters` of its text; `stats` is the total so far."""

    text: str
    tokens: int
    drafted: int
    stats: Stats
    drafted_characters: int = 0


class Outcome(NamedTuple):
    """The end of a stream.

    `complete`: the model ended by itself. `decision_log_probs`: the model's, where the expected output decides.
    `margin`: the least lead of a choice among candidates, in nats (None: there was nothing to choose).
    """

    complete: bool
    decision_log_probs: tuple[float, ...]
    margin: float | None
    stats: Stats


class Backend(Protocol):
    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        """Yield pieces, then one outcome. Closing the iterator stops the work within one block.

        Raises ModelError when the model cannot run, RejectedError when the job does not fit it.
        """
