"""Choose the likeliest candidate by reading: for models that choose better than they write.

The model reads the prompt and the *leader*, the likeliest candidate, once. Where another candidate, a *rival*, parts
from it there is a *fork*, and the model reads the rival's *way* from there to where the two meet again. Nothing else is
read: not what all candidates share at the end, and no way twice. A lone candidate is read like a leader, which shows
whether the model works. This is n-best rescoring (Ostendorf et al. 1991).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Protocol

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.token_job import JobCodec, OutputText, TokenJob
from fastapply.engine.guide import AFTERWARDS, SUM, fork_between
from fastapply.errors import COMPUTED_NAN, ModelError
from fastapply.types import Stats


class Way(NamedTuple):
    """Tokens that may follow the first `start` tokens of the output instead of the leader's."""

    start: int
    tokens: Sequence[int]


class LogProbs(NamedTuple):
    """Log-probabilities: of the leader's tokens from the first wanted one on, and of each way's tokens."""

    leader: list[float]
    ways: list[list[float]]


Each = Callable[[int, Sequence[int]], Iterator[list[float]]]  # (start, tokens) -> their log-probabilities, by passes


class Reader(Protocol):
    """Has a model score tokens that may follow the prompt."""

    cached_tokens: int  # of the prompt, which need not be read again

    @property
    def passes(self) -> int: ...

    def read(self, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[LogProbs]:
        """Read `leader`, and each way from its start on. The log-probabilities of leader[:first] are not wanted.

        Yields after each pass what has been read so far; closing stops it there.
        """


@dataclass(frozen=True)
class Rival:
    """A candidate beside the leader: `way` instead of leader[way.start:stop]. `log_prior`: against the leader's."""

    output: list[int]
    way: Way
    stop: int
    log_prior: float


@dataclass(frozen=True)
class Question:
    """What a model reads: leader[:end], and the rivals' ways. From `first` on the leader's log-probabilities count."""

    leader: list[int]
    rivals: list[Rival]

    @property
    def first(self) -> int:
        return min((rival.way.start for rival in self.rivals), default=len(self.leader) - 1)

    @property
    def end(self) -> int:
        return max((rival.stop for rival in self.rivals), default=len(self.leader))

    def put(self, reader: Reader) -> Iterator[LogProbs]:
        """Read, as `Reader.read`."""
        yield from reader.read(self.leader[: self.end], self.first, [rival.way for rival in self.rivals])

    def opinions(self, read: LogProbs) -> list[tuple[float, int]]:
        """How much likelier each rival is to the model than the leader, in nats, and how many tokens longer."""
        found = []
        for rival, own in zip(self.rivals, read.ways, strict=True):
            replaced = read.leader[rival.way.start - self.first : rival.stop - self.first]
            found.append((sum(own) - sum(replaced), len(own) - len(replaced)))
        return found


def read_in_turn(each: Each, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[LogProbs]:
    """`Reader.read` for a model that holds one sequence: `each` reads tokens behind the first ones of the leader."""
    read = LogProbs([], [[] for _ in ways])
    for found in each(first, leader[first:]):
        read.leader.extend(found)
        yield read
    # The last one first: what the model holds up to the start of the others stays.
    for number in sorted(range(len(ways)), key=lambda number: -ways[number].start):
        for found in each(*ways[number]):
            read.ways[number].extend(found)
            yield read


def question_of(job: Rewrite, tokens: TokenJob) -> Question:
    """The rivals differ from the leader; each is read until it has met it again."""
    leader, *others = tokens.outputs
    first, *priors = [candidate.log_prior for candidate in job.candidates]
    rivals = []
    for output, prior in zip(others, priors, strict=True):
        if fork := fork_between(leader, output, prior - first):
            stop = min(fork.end + AFTERWARDS, len(leader))
            way = Way(fork.start, output[fork.start : stop + len(output) - len(leader)])
            rivals.append(Rival(output, way, stop, fork.log_prior))
    return Question(leader, rivals)


def choose(jobs: JobCodec, job: Rewrite, tokens: TokenJob, reader: Reader) -> Iterator[Piece | Outcome]:
    """Yield pieces, empty ones while the model reads, then the outcome. Raises ModelError for NaN."""
    started = time.perf_counter()
    written, count = OutputText(jobs), 0  # what is settled: its text, and its tokens

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

    question, read = question_of(job, tokens), LogProbs([], [])
    rivals = question.rivals
    yield piece(question.leader[: question.first] if rivals else question.leader)  # all candidates begin with it
    for so_far in question.put(reader):
        read = so_far
        yield piece([])
    if any(map(math.isnan, chain(read.leader, *read.ways))):
        raise ModelError(COMPUTED_NAN)

    fusion = job.fusion or SUM
    opinions = zip(rivals, question.opinions(read), strict=True)
    leads = [0.0, *(fusion.score(rival.log_prior, *opinion) for rival, opinion in opinions)]
    best, *others = sorted(range(len(leads)), key=lambda number: -leads[number])
    output = rivals[best - 1].output if best else question.leader

    last = piece(output[count:])
    yield last._replace(text=last.text + written.finish())
    yield Outcome(True, leads[best] - leads[others[0]] if others else None, last.stats)
