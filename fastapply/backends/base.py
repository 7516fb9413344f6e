"""The `Backend` protocol: `rewrite` streams the new text together with its cost so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from fastapply.types import ApplyRequest, Stats

if TYPE_CHECKING:
    from fastapply.engine.guide import Fusion


@dataclass(frozen=True, slots=True)
class CandidateText:
    """A whole text that the output may equal, and its log-prior in nats."""

    text: str
    log_prior: float = 0.0


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One job for a backend, with LF texts. The candidates, likeliest first, supply the drafts. If `guided`, the model
    chooses among them by `fusion` of its opinion with the log-priors (None: their sum); else it writes freely."""

    request: ApplyRequest
    candidates: tuple[CandidateText, ...]
    guided: bool = True
    fusion: Fusion | None = None


class Piece(NamedTuple):
    """The next part of the output. The first `drafted` of its `tokens` tokens came from a draft; they make up the first
    `drafted_characters` of its text. `stats` is the total so far."""

    text: str
    tokens: int
    drafted: int
    stats: Stats
    drafted_characters: int = 0


class Outcome(NamedTuple):
    """The end of a stream.

    `complete`: the model ended the output itself. `margin`: the smallest lead of any choice among candidates, in nats
    (None: there was no choice). `unread`: why the model did not read some part, or "".
    """

    complete: bool
    margin: float | None
    stats: Stats
    unread: str = ""


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of several rewrites in sequence: the smallest margin and the summed costs."""
    return Outcome(
        complete=all(outcome.complete for outcome in outcomes),
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

        Raises ModelError if the model cannot run, RejectedError if the job does not fit its context.
        """
