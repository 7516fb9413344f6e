"""Tasks as choices among the ways at which the alignment's candidates part.

At a fork the model reads each way, and the output follows the one that is likeliest to the model and the alignment
together (`engine/guide`). A `ForkReading` holds all forks of one rewrite, packed so that one pass of the model reads
all ways.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from fastapply.align.window import cut_windows
from fastapply.applier import make_plan
from fastapply.backends.base import CandidateText, Rewrite
from fastapply.backends.token_job import JobCodec, TokenJob
from fastapply.engine.guide import CandidateGuide
from fastapply.errors import FastApplyError, UsageError
from fastapply.pieces import MOST_RIVALS
from fastapply.plan import Plan
from fastapply.prompt import Codec, template
from fastapply.text.lines import match_final_newline
from fastapply.types import ApplyRequest
from fastapply_lab.tasks import Task

_LONGEST = 8192  # tokens in prompt and output
_jobs: JobCodec  # one for each worker process


@dataclass(frozen=True, slots=True)
class LabelledFork:
    """One choice. The right way is `main[start:end]` of the reading; `others` are the wrong ways, from `start` on.
    `priors` are the alignment's log-odds in nats, with the right way first."""

    start: int
    end: int
    others: tuple[tuple[int, ...], ...]
    priors: tuple[float, ...]

    @property
    def doubt(self) -> float:
        """The cross entropy of the choice by the priors alone: 0 if the alignment is sure and right."""
        top = max(self.priors)
        return top + math.log(sum(math.exp(prior - top) for prior in self.priors)) - self.priors[0]


@dataclass(frozen=True, slots=True)
class ForkReading:
    """The forks of one rewrite. `main` is the prompt and as much of the right output as the forks need."""

    main: tuple[int, ...]
    forks: tuple[LabelledFork, ...]

    @property
    def tokens(self) -> list[int]:
        """All tokens to read: the right way, then the wrong ones."""
        return [*self.main, *(token for fork in self.forks for way in fork.others for token in way)]

    @property
    def doubt(self) -> float:
        return sum(fork.doubt for fork in self.forks)


def readings(task: Task, jobs: JobCodec) -> Iterator[ForkReading]:
    """One reading for each rewrite of a task with forks; none if no candidate is right, or if there is only one."""
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
    try:
        plan = make_plan(request)
        right = _right(plan, task.expected)
        if plan.exact or right is None:
            return
        # The right one among as many as the model is asked about.
        numbers = sorted({*range(min(MOST_RIVALS, len(plan.candidates))), right})
        numbers = [k for k in numbers if k in (0, right) or k < MOST_RIVALS - (right >= MOST_RIVALS)]
        candidates = [plan.candidates[k] for k in numbers]
        for window in cut_windows(plan.source.text, [c.text for c in candidates], plan.request.language):
            if len(window.candidates) > 1:
                priors = [candidates[0].cost - candidates[ways[0]].cost for ways in window.ways]
                asked = dataclasses.replace(plan.request, original=window.original)
                job = Rewrite(asked, tuple(map(CandidateText, window.candidates, priors)))
                taken = next(k for k, ways in enumerate(window.ways) if numbers.index(right) in ways)
                yield reading_of(jobs.encode(job), priors, taken)
    except FastApplyError:
        return


def _right(plan: Plan, expected: str) -> int | None:
    original = plan.source.text
    wanted = match_final_newline(original, plan.source.of(expected).text)
    return next((k for k, c in enumerate(plan.candidates) if match_final_newline(original, c.text) == wanted), None)


def reading_of(job: TokenJob, priors: Sequence[float], taken: int) -> ForkReading:
    """The forks on the path to output number `taken`.

    If the next fork comes before the ways of a fork meet again, the right way ends there. So it includes only tokens
    that this fork decides, not those of a later one.
    """
    guide = CandidateGuide(job.outputs, list(priors), 1.0)
    wanted, before = job.outputs[taken], len(job.prompt)
    forks: list[LabelledFork] = []
    for position, token in enumerate(wanted):
        if here := guide.forks():
            choice = guide.choice()
            right = next((k for k, fork in enumerate(here, 1) if guide.rival(fork) == wanted), 0)
            order = [right, *(k for k in range(len(choice.ways)) if k != right)]
            first = wanted[position : position + len(choice.ways[right])]
            others = [tuple(choice.ways[k]) for k in order[1:]]
            start = before + position
            forks.append(LabelledFork(start, start + len(first), tuple(others), tuple(choice.priors[k] for k in order)))
            guide.settle(here[right - 1] if right else None, 0.0)
        guide.observe(token)
    end = max((fork.end for fork in forks), default=0)
    return ForkReading((*job.prompt, *wanted)[:end], tuple(forks))


def all_readings(tasks: Sequence[Task], model: Path, named: str, processes: int) -> Iterator[list[ForkReading]]:
    """The readings of each task, in order, made by several processes. `model`: folder of the tokenizer; `named`: the
    template."""
    with ProcessPoolExecutor(processes, initializer=_begin, initargs=(model, named)) as pool:
        yield from pool.map(_readings, tasks, chunksize=25)


def _begin(model: Path, named: str) -> None:
    global _jobs
    _jobs = JobCodec(Codec.load(model), template(named), _LONGEST)


def _readings(task: Task) -> list[ForkReading]:
    return list(readings(task, _jobs))


def write_readings(found: Iterable[ForkReading], path: Path) -> int:
    """Write a file of readings atomically, one JSON object per line. Returns their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    count = 0
    with part.open("w", encoding="utf-8") as file:
        for reading in found:
            file.write(json.dumps(dataclasses.asdict(reading), separators=(",", ":")) + "\n")
            count += 1
    part.replace(path)
    return count


def read_readings(path: Path, limit: int | None = None) -> list[ForkReading]:
    """The readings in a file. Raises UsageError if it has none."""
    try:
        with path.open(encoding="utf-8") as file:
            found = [_read(json.loads(line)) for line in islice(file, limit)]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path} holds no choices ({error}): make them with `fastapply data choices`") from None
    if not found:
        raise UsageError(f"{path} holds no choices")
    return found


def _read(row: dict[str, Any]) -> ForkReading:
    forks = (
        LabelledFork(fork["start"], fork["end"], tuple(map(tuple, fork["others"])), tuple(fork["priors"]))
        for fork in row["forks"]
    )
    return ForkReading(tuple(row["main"]), tuple(forks))
