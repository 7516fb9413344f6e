"""Choose the likeliest candidate by reading, fork by fork, for backends whose model can score given tokens."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.token_job import JobCodec, OutputText, TokenJob
from fastapply.engine.guide import CandidateGuide
from fastapply.types import Stats


class Reader(Protocol):
    """Has a model score tokens that may follow the prompt and `written`, the output so far."""

    written: list[int]
    passes: int

    def ways(self, ways: Sequence[Sequence[int]]) -> list[float]:
        """The total log-probability of each way."""

    def each(self, way: Sequence[int]) -> list[float]:
        """The log-probability of each token of `way`."""


def choose(jobs: JobCodec, job: Rewrite, tokens: TokenJob, reader: Reader) -> Iterator[Piece | Outcome]:
    """Yield one piece, then the outcome. The model reads the chosen text once more, to score its decision tokens."""
    started = time.perf_counter()
    priors = [candidate.log_prior for candidate in job.candidates]
    guide = CandidateGuide(tokens.outputs, priors, math.inf, tokens.original, job.fusion)
    while (room := guide.room()) is not None:
        for token in guide.leader[len(reader.written) :][:room]:
            guide.observe(token)
            reader.written.append(token)
        guide.decide(reader.ways)
    reader.written.clear()
    log_probs = reader.each(guide.leader)
    written = OutputText(jobs)
    text = written.push([token for token in guide.leader if token not in jobs.codec.special_ids])
    seconds = time.perf_counter() - started
    count = len(guide.leader)
    stats = Stats(
        prompt_tokens=len(tokens.prompt),
        output_tokens=count,
        forward_passes=reader.passes,
        drafted_tokens=count,
        accepted_tokens=count,
        decode_seconds=seconds,
        seconds=seconds,
    )
    yield Piece(text + written.finish(), count, count, stats)
    decisions = tuple(log_probs[position] for position in sorted(guide.decisions))
    yield Outcome(True, decisions, guide.margin, stats)
