"""The likeliest candidate, read and not written: for backends whose model can read, fork by fork, what may follow."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.token_job import PRIOR_WEIGHT, JobCodec, TokenJob
from fastapply.engine.guide import CandidateGuide
from fastapply.types import Stats


class Reader(Protocol):
    """Has a model read what may follow a prompt and what is `written` so far."""

    written: list[int]
    passes: int

    def ways(self, ways: Sequence[Sequence[int]]) -> list[float]:
        """The log-probability of each as a whole."""

    def each(self, way: Sequence[int]) -> list[float]:
        """The log-probability of each token."""


def choose(jobs: JobCodec, job: Rewrite, asked: TokenJob, read: Reader) -> Iterator[Piece | Outcome]:
    """One piece, then the outcome: the choice is read once more as a whole, for the log-probabilities of decisions."""
    started = time.perf_counter()
    priors = [PRIOR_WEIGHT * candidate.log_prior for candidate in job.candidates]
    guide = CandidateGuide(asked.outputs, priors, math.inf, asked.original)
    while (room := guide.room()) is not None:
        for token in guide.leader[len(read.written) :][:room]:
            guide.observe(token)
            read.written.append(token)
        guide.decide(read.ways)
    read.written.clear()
    log_probs = read.each(guide.leader)
    written = jobs.output_text()
    text = written.push([token for token in guide.leader if token not in jobs.codec.special_ids])
    seconds = time.perf_counter() - started
    count = len(guide.leader)
    stats = Stats(
        prompt_tokens=len(asked.prompt),
        output_tokens=count,
        forward_passes=read.passes,
        drafted_tokens=count,
        accepted_tokens=count,
        decode_seconds=seconds,
        seconds=seconds,
    )
    yield Piece(text + written.finish(), count, count, stats)
    decisions = tuple(log_probs[position] for position in sorted(guide.decisions))
    yield Outcome(True, decisions, guide.margin, stats)
