"""Choosing among candidates by reading: any model that scores given tokens gives the likeliest of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fastapply.backends.base import CandidateText, Outcome, Piece, Rewrite
from fastapply.backends.choosing import choose
from fastapply.backends.token_job import JobCodec
from fastapply.prompt import Codec, template
from fastapply.types import ApplyRequest

pytestmark = pytest.mark.model  # its tokenizer

FIRST = "a = 1\nread()\nb = 2\nread()\nc = 3\n"
SECOND = FIRST.replace("read()\nb", "write()\nb")
THIRD = FIRST.replace("read()\nc", "write()\nc")
SURPRISE = -4.0  # nats for each token that the reader's text does not have there


class Wanting:
    """A `Reader` that finds one output likely: its tokens cost nothing, and each other token costs `SURPRISE`."""

    def __init__(self, output: Sequence[int]) -> None:
        self.output = list(output)
        self.written: list[int] = []
        self.passes = 0

    def ways(self, ways: Sequence[Sequence[int]]) -> list[float]:
        return [sum(self.each(way)) for way in ways]

    def each(self, way: Sequence[int]) -> list[float]:
        self.passes += 1
        start = len(self.written)
        expected = [*self.output[start:], *[-1] * len(way)]
        return [0.0 if token == wanted else SURPRISE for token, wanted in zip(way, expected, strict=False)]


def chosen(codec: Codec, wanted: str, priors: Sequence[float] = (0.0, 0.0, 0.0)) -> tuple[Piece, Outcome]:
    jobs = JobCodec(codec, template("fastapply"), 8192)
    job = Rewrite(ApplyRequest(FIRST, "write()\n"), tuple(map(CandidateText, (FIRST, SECOND, THIRD), priors)))
    piece, outcome = choose(jobs, job, jobs.encode(job), Wanting(jobs.output(wanted)))
    assert isinstance(piece, Piece)
    assert isinstance(outcome, Outcome)
    return piece, outcome


@pytest.mark.parametrize("wanted", [FIRST, SECOND, THIRD])
def test_the_candidate_that_the_model_finds_likely_is_written(codec: Codec, wanted: str) -> None:
    piece, outcome = chosen(codec, wanted)
    assert piece.text == wanted
    assert piece.tokens == piece.drafted == piece.stats.accepted_tokens
    assert outcome.complete
    assert set(outcome.decision_log_probs) == {0.0}  # the model would write each; to end the output is one of them


def test_a_prior_outweighs_an_opinion_that_is_weaker(codec: Codec) -> None:
    piece, outcome = chosen(codec, SECOND, (0.0, -1000.0, -1000.0))
    assert piece.text == FIRST
    assert outcome.margin is not None
    assert 900 < outcome.margin < 1000


def test_each_way_is_read_once_at_its_fork(codec: Codec) -> None:
    """Three candidates have two forks of two ways each. The whole output is read once more at the end."""
    jobs = JobCodec(codec, template("fastapply"), 8192)
    job = Rewrite(ApplyRequest(FIRST, "write()\n"), tuple(map(CandidateText, (FIRST, SECOND, THIRD))))
    reader = Wanting(jobs.output(FIRST))
    list(choose(jobs, job, jobs.encode(job), reader))
    assert reader.passes == 2 + 2 + 1
