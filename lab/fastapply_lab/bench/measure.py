"""Measure all methods on one case, one at a time: our drafters, transformers' methods, and the whole system."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from fastapply.applier import Applier
from fastapply.backends.drafting import COMPUTED
from fastapply.backends.local import LocalBackend
from fastapply.backends.token_job import OutputText
from fastapply.errors import FastApplyError
from fastapply.types import ApplyRequest, ApplyResult
from fastapply_lab.bench.methods import Case, Run, first_tokens, floor_seconds, plain_steps, speculative
from fastapply_lab.bench.peers import PEERS
from fastapply_lab.tasks import Task

SPECULATIVE = ("original", "two-cursor", "merge", "suffix", "cascade", *COMPUTED)
METHODS = ("plain", *PEERS, *SPECULATIVE, "apply")
SLOW = ("transformers", "assisted", *COMPUTED)  # methods with only some tokens per second
STEP_SHARE = 8  # plain decoding of a long output is timed on `plain_tokens` / 8 single steps
SLOW_SHARE = 8  # slow methods write `plain_tokens` / 8 tokens of a long output
ROUNDS = 3  # rounds for the worst case


class Whole(NamedTuple):
    """A run of `fastapply apply`, which decodes the regions that an edit touches and copies the rest of the file."""

    seconds: float
    result: ApplyResult
    exact: bool  # the text is the expected one


class Measured(NamedTuple):
    """The measurements of one case: `runs` by method, `plain` first, and the seconds of the floor."""

    case: Case
    runs: dict[str, Run]
    floor: float
    text: str  # plain decoding's
    whole: Whole | None = None
    worst: bool = False


def measure_case(
    backend: LocalBackend,
    case: Case,
    names: Sequence[str],
    plain_tokens: int,
    show: Callable[[str], None],
    skipped: dict[str, str],
    *,
    asked: bool,
) -> Measured:
    """Measure one case. Long outputs of `plain` are timed by single steps over what a drafter wrote. A method that
    cannot run here is added to `skipped` with the reason; if methods were `asked` for by name, it is an error."""
    runs: dict[str, Run] = {}
    if len(case.leader or case.sources.candidate) > plain_tokens:
        show("merge")
        runs["merge"] = speculative("merge")(backend, case)
    show("plain")
    if "merge" in runs and runs["merge"].tokens:
        plain = plain_steps(backend, case, runs["merge"].tokens, max(plain_tokens // STEP_SHARE, 1))
    else:
        plain = speculative("none")(backend, case)
    for name in names:
        if name in ("plain", "apply", *runs, *skipped):
            continue
        show(name)
        try:
            most = max(plain_tokens // SLOW_SHARE if name in SLOW else plain_tokens, 2)
            if name in PEERS:
                runs[name] = PEERS[name](backend, case, plain.tokens, most)
            elif name in COMPUTED:
                runs[name] = first_tokens(name, backend, case, plain.tokens, most)
            else:
                runs[name] = speculative(name)(backend, case)
        except FastApplyError as error:
            if asked:
                raise
            skipped[name] = str(error)
    show("floor")
    ordered = {"plain": plain, **{name: runs[name] for name in names if name in runs}}
    written = OutputText(backend.jobs)
    text = written.push(plain.tokens) + written.finish()
    return Measured(case, ordered, floor_seconds(backend, case, plain.tokens), text)


def in_rounds(measure: Callable[[], Measured]) -> Measured:
    """The median of several measurements for each method, where a tenth matters and one run is too noisy."""
    rounds = [measure() for _ in range(ROUNDS)]
    runs = {
        name: sorted((found.runs[name] for found in rounds), key=attrgetter("seconds"))[ROUNDS // 2]
        for name in rounds[0].runs
    }
    return rounds[0]._replace(runs=runs, floor=median(found.floor for found in rounds))


def apply_whole(backend: LocalBackend, task: Task) -> Whole:
    """Run the whole system cold, with an empty prefix cache."""
    settings = dataclasses.replace(backend.settings, prefix_megabytes=0)
    applier = Applier(LocalBackend(settings, backend.model, backend.codec, backend.template))
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language)
    started = time.perf_counter()
    result = applier.apply(request)
    return Whole(time.perf_counter() - started, result, result.text == task.expected)
