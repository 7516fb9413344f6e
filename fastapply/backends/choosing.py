"""Choose the likeliest candidate by reading: for models that choose better than they write.

The model reads the prompt and the *leader*, the likeliest candidate, once. Where another candidate, a *rival*, parts
from it there is a *fork*, and the model reads the rival's *way* from there to where the two meet again. Nothing else is
read: neither what all candidates share at the end, nor one way twice. This is n-best rescoring (Ostendorf et al. 1991).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.token_job import JobCodec, OutputText, TokenJob
from fastapply.engine.guide import AFTERWARDS, SUM, Fusion, decision_tokens, fork_between
from fastapply.types import Stats


class Way(NamedTuple):
    """Tokens that may follow the first `start` tokens of the output instead of the leader's."""

    start: int
    tokens: Sequence[int]


class Reading(NamedTuple):
    """Log-probabilities: of the leader's tokens from the first wanted one on, and of each way's tokens."""

    leader: list[float]
    ways: list[list[float]]


class Reader(Protocol):
    """Has a model score tokens that may follow the prompt."""

    cached_tokens: int  # of the prompt, which need not be read again

    @property
    def passes(self) -> int: ...

    def read(self, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[Reading]:
        """Read `leader`, and each way from its start on. The log-probabilities of leader[:first] are not wanted.

        Yields after each pass what has been read so far; closing stops it there.
        """


@dataclass(frozen=True)
class _Rival:
    """A candidate beside the leader: `way` instead of leader[way.start:stop]."""

    output: list[int]
    way: Way
    stop: int
    log_prior: float  # against the leader's, in nats


def choose(jobs: JobCodec, job: Rewrite, tokens: TokenJob, reader: Reader) -> Iterator[Piece | Outcome]:
    """Yield pieces, empty ones while the model reads, then the outcome."""
    started = time.perf_counter()
    leader, written = tokens.outputs[0], OutputText(jobs)
    rivals = list(_rivals(job, tokens.outputs))
    wanted = _decisions(jobs, tokens, leader)
    first = min([*wanted, *(rival.way.start for rival in rivals)], default=0)
    end = max([*(position + 1 for position in wanted), *(rival.stop for rival in rivals)], default=0)
    count = 0  # tokens of the output that are settled

    def piece(output: Sequence[int]) -> Piece:
        nonlocal count
        count += len(output)
        text = written.push([token for token in output if token not in jobs.codec.special_ids])
        seconds = time.perf_counter() - started
        stats = Stats(
            prompt_tokens=len(tokens.prompt),
            cached_tokens=reader.cached_tokens,
            output_tokens=count,
            forward_passes=reader.passes,
            drafted_tokens=count,
            accepted_tokens=count,
            decode_seconds=seconds,
            seconds=seconds,
        )
        return Piece(text, len(output), len(output), stats, len(text))

    yield piece(leader[: min((rival.way.start for rival in rivals), default=0)])  # what all candidates begin with

    reading = Reading([], [])
    if end:
        for so_far in reader.read(leader[:end], first, [rival.way for rival in rivals]):
            reading = so_far
            yield piece([])
    taken, margin = _likeliest(rivals, reading, first, job.fusion or SUM)
    output = leader if taken is None else rivals[taken].output
    known = dict(enumerate(reading.leader if taken is None else _spliced(rivals[taken], reading, first, taken), first))

    last = piece(output[count:])
    yield last._replace(text=last.text + written.finish())
    decisions = tuple(known[position] for position in _decisions(jobs, tokens, output) if position in known)
    yield Outcome(True, decisions, margin, last.stats)


def _likeliest(
    rivals: Sequence[_Rival], reading: Reading, first: int, fusion: Fusion
) -> tuple[int | None, float | None]:
    """The likeliest rival, None if the leader is likelier; and by how many nats, None without rivals."""
    leads = [0.0]
    for rival, way in zip(rivals, reading.ways, strict=True):
        replaced = reading.leader[rival.way.start - first : rival.stop - first]
        leads.append(fusion.score(rival.log_prior, sum(way) - sum(replaced), len(way) - len(replaced)))
    best, *others = sorted(range(len(leads)), key=lambda number: -leads[number])
    return (best - 1 if best else None), (leads[best] - leads[others[0]] if others else None)


def _spliced(rival: _Rival, reading: Reading, first: int, number: int) -> list[float]:
    """The log-probabilities of a rival's tokens, as far as they were read."""
    before, after = reading.leader[: rival.way.start - first], reading.leader[rival.stop - first :]
    return [*before, *reading.ways[number], *after]


def _rivals(job: Rewrite, outputs: Sequence[list[int]]) -> Iterator[_Rival]:
    leader, *others = outputs
    first, *priors = [candidate.log_prior for candidate in job.candidates]
    for output, prior in zip(others, priors, strict=True):
        if fork := fork_between(leader, output, prior - first):
            stop = min(fork.end + AFTERWARDS, len(leader))
            way = Way(fork.start, output[fork.start : stop + len(output) - len(leader)])
            yield _Rival(output, way, stop, fork.log_prior)


def _decisions(jobs: JobCodec, tokens: TokenJob, output: list[int]) -> list[int]:
    """The positions of an output's decision tokens. Those of its closing are not read."""
    text = len(output) - len(jobs.output(""))
    return sorted(position for position in decision_tokens(tokens.original, output)[0] if position < text)
