"""What every backend offers: `rewrite`, a stream of text with what it cost so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
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
    `margin`: the least lead of a choice among candidates, in nats (None: there was nothing to choose). `unread`: why
    the model did not read a part, or "".
    """

    complete: bool
    decision_log_probs: tuple[float, ...]
    margin: float | None
    stats: Stats
    unread: str = ""


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Several rewrites, one after the other, as one: the least margin, the sum of the costs."""
    return Outcome(
        complete=all(outcome.complete for outcome in outcomes),
        decision_log_probs=tuple(value for outcome in outcomes for value in outcome.decision_log_probs),
        margin=min((outcome.margin for outcome in outcomes if outcome.margin is not None), default=None),
        stats=sum_stats(outcome.stats for outcome in outcomes),
        unread=next((outcome.unread for outcome in outcomes if outcome.unread), ""),
    )


def sum_stats(costs: Iterable[Stats]) -> Stats:
    totals = map(sum, zip(*map(astuple, costs), strict=True))
    return Stats(*totals)


class Backend(Protocol):
    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        """Yield pieces, then one outcome. Closing the iterator stops the work within one block.

        Raises ModelError when the model cannot run, RejectedError when the job does not fit it.
        """
