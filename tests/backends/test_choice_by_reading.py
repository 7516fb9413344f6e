"""Choosing among candidates by reading: any model that scores given tokens gives the likeliest of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from fastapply.backends.base import CandidateText, Outcome, Piece, Rewrite
from fastapply.backends.choosing import LogProbs, Way, choose
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

    cached_tokens = 0

    def __init__(self, output: Sequence[int]) -> None:
        self.output = list(output)
        self.passes = 0
        self.asked: list[Way] = []

    def read(self, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[LogProbs]:
        self.asked = [Way(first, leader[first:]), *ways]
        own, *others = map(self._read, self.asked)
        yield LogProbs(own, others)

    def _read(self, way: Way) -> list[float]:
        self.passes += 1
        expected = [*self.output[way.start :], *[-1] * len(way.tokens)]
        return [0.0 if token == wanted else SURPRISE for token, wanted in zip(way.tokens, expected, strict=False)]


def chosen(codec: Codec, wanted: str, priors: Sequence[float] = (0.0, 0.0, 0.0)) -> tuple[list[Piece], Outcome]:
    jobs = JobCodec(codec, template("fastapply"), 8192)
    job = Rewrite(ApplyRequest(FIRST, "write()\n"), tuple(map(CandidateText, (FIRST, SECOND, THIRD), priors)))
    *pieces, outcome = choose(jobs, job, jobs.encode(job), Wanting(jobs.output(wanted)))
    assert isinstance(outcome, Outcome)
    return [piece for piece in pieces if isinstance(piece, Piece)], outcome


@pytest.mark.parametrize("wanted", [FIRST, SECOND, THIRD])
def test_the_candidate_that_the_model_finds_likely_is_written(codec: Codec, wanted: str) -> None:
    pieces, outcome = chosen(codec, wanted)
    assert "".join(piece.text for piece in pieces) == wanted
    assert sum(piece.tokens for piece in pieces) == pieces[-1].stats.output_tokens == pieces[-1].stats.accepted_tokens
    assert outcome.complete


def test_what_all_candidates_begin_with_comes_before_the_model_reads(codec: Codec) -> None:
    jobs = JobCodec(codec, template("fastapply"), 8192)
    job = Rewrite(ApplyRequest(FIRST, "write()\n"), tuple(map(CandidateText, (FIRST, SECOND))))
    reader = Wanting(jobs.output(SECOND))
    first = next(choose(jobs, job, jobs.encode(job), reader))
    assert isinstance(first, Piece)
    assert (first.text, reader.passes) == ("a = 1\n", 0)


def test_a_prior_outweighs_an_opinion_that_is_weaker(codec: Codec) -> None:
    pieces, outcome = chosen(codec, SECOND, (0.0, -1000.0, -1000.0))
    assert "".join(piece.text for piece in pieces) == FIRST
    assert outcome.margin is not None
    assert 900 < outcome.margin < 1000


def test_the_leader_is_read_as_far_as_it_matters_and_each_way_once(codec: Codec) -> None:
    jobs = JobCodec(codec, template("fastapply"), 8192)
    tail = "".join(f"rest_{number}()\n" for number in range(50))
    job = Rewrite(
        ApplyRequest(FIRST + tail, "write()\n"),
        tuple(CandidateText(text + tail) for text in (FIRST, SECOND, THIRD)),
    )
    reader = Wanting(jobs.output(FIRST + tail))
    list(choose(jobs, job, jobs.encode(job), reader))
    leader, *ways = reader.asked
    read = [codec.decode(list(way.tokens)) for way in reader.asked]
    assert [way.start for way in ways] == [leader.start, leader.start + ways[1].start - ways[0].start]
    assert read[0].startswith("read")
    assert len(read[0]) < len(FIRST) + 20, "the rest is the same in all candidates"
    assert [text.startswith("write") for text in read[1:]] == [True, True]
    assert all(len(text) < 30 for text in read[1:]), "each ends soon after it has met the leader again"


def test_a_lone_candidate_is_there_at_once_and_read_though_it_leaves_no_choice(codec: Codec) -> None:
    jobs = JobCodec(codec, template("fastapply"), 8192)
    job = Rewrite(ApplyRequest(FIRST, ""), (CandidateText(FIRST),))
    reader = Wanting(jobs.output(FIRST))
    first, *_, outcome = choose(jobs, job, jobs.encode(job), reader)
    assert isinstance(first, Piece)
    assert (first.text, first.stats.forward_passes) == (FIRST, 0)
    assert isinstance(outcome, Outcome)
    assert (reader.passes, outcome.margin) == (1, None)
