"""The pieces of a rewrite: the regions that the model writes, and the text copied around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fastapply.align.window import Expander, Window, cut_windows, whole_file
from fastapply.backends.base import Backend, CandidateText, Outcome, Piece, Rewrite, sum_stats, together
from fastapply.errors import TooLongError
from fastapply.judge.score import Ranked
from fastapply.judge.weights import FUSION
from fastapply.plan import Plan
from fastapply.text.on_track import OnTrack
from fastapply.types import Stats

RIVAL_NATS = 7.0  # the model does not read candidates further behind the first than this
MOST_RIVALS = 5
_LOST = "the rest, from where the model lost its way"


def copied(text: str) -> Iterator[Piece | Outcome]:
    """A text written without a model."""
    yield Piece(text, 0, 0, Stats())


def rivals_of(plan: Plan) -> list[Ranked]:
    """The candidates that a model reads, likeliest first."""
    first, *others = plan.candidates
    return [first, *(other for other in others if other.cost - first.cost < RIVAL_NATS)][:MOST_RIVALS]


def rewritten(plan: Plan, backend: Backend, *, guided: bool, whole: bool) -> Iterator[Piece | Outcome]:
    """The whole file in pieces, then one outcome. `guided`: the model chooses among the candidates; otherwise it writes
    freely. `whole`: the whole file goes through the model.

    Raises as `backend` does.
    """
    from fastapply.engine.guide import Fusion  # only a model needs it

    rivals = rivals_of(plan)
    cut = whole_file if whole else cut_windows
    outcomes: list[Outcome] = []
    for window in cut(plan.source.text, [rival.text for rival in rivals], plan.request.language):
        priors = [rivals[0].cost - rivals[numbers[0]].cost for numbers in window.ways]
        candidates = tuple(map(CandidateText, window.candidates, priors))
        job = Rewrite(replace(plan.request, original=window.original), candidates, guided, Fusion(**FUSION))
        before = together(outcomes).stats
        if window.head:
            yield Piece(window.head, 0, 0, before)
        for piece in _rewritten_window(window, job, backend):
            if isinstance(piece, Outcome):
                outcomes.append(piece)
            else:
                yield piece._replace(stats=sum_stats([before, piece.stats]))
        if window.tail:
            yield Piece(window.tail, 0, 0, together(outcomes).stats)
    yield together(outcomes)


def _rewritten_window(window: Window, job: Rewrite, backend: Backend) -> Iterator[Piece | Outcome]:
    """The model's text, with what the window left out put back. The first candidate stands in for a window that does
    not fit the model, and for the rest of one in which the model lost its way."""
    expander = Expander(window)
    track = OnTrack(window.candidates, [line for line, _ in window.left_out])
    begun = False
    try:
        for piece in backend.rewrite(job):
            begun = True
            if isinstance(piece, Outcome):
                lost = job.guided and (track.is_lost or not piece.complete)
                rest = expander.push(track.rest() if lost else track.finish()) + expander.finish()
                if rest:
                    yield Piece(rest, 0, 0, piece.stats)
                yield piece._replace(complete=True, unread=_LOST) if lost else piece
            else:
                text = track.push(piece.text) if job.guided else piece.text
                drafted = piece.drafted_characters if text == piece.text else 0
                yield piece._replace(text=expander.push(text), drafted_characters=drafted)
    except TooLongError as error:
        if begun or not job.guided:
            raise
        yield Piece(expander.push(window.candidates[0]) + expander.finish(), 0, 0, Stats())
        yield Outcome(True, None, Stats(), unread=str(error))
