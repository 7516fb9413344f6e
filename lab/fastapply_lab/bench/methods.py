"""Time our engine on one task: plain decoding, every drafter, and the one-pass floor.

`plain` decodes one token per pass. If that takes too long, it is timed by single steps, spread evenly over an output
that a drafter wrote; each step also checks that plain decoding chooses the same token. `floor` is one forward pass over
the prompt and the known output, the least that any lossless method can cost. All methods are greedy and have the same
guide or none, so that their outputs can be compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch

from fastapply.backends.drafting import Output
from fastapply.backends.local import LocalBackend
from fastapply.backends.token_job import SLACK_TOKENS
from fastapply.engine.accept import choose_greedy
from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.decode import Job, decode, prefill
from fastapply.engine.drafts import Sources
from fastapply.engine.guide import CandidateGuide, NoGuide
from fastapply.text.diff import line_hunks
from fastapply.types import ApplyRequest
from fastapply_lab.tasks import Task

FORCED = 1000.0  # nats: with a guide of this strength all methods write the leader


@dataclass(frozen=True)
class Case:
    """One task in tokens. `limit` is the most tokens that a method may write. `guide_strength` keeps the model on the
    alignment's candidate, or on another `leader`; with 0 it writes freely."""

    id: str
    lines: int
    changed: float  # share of the lines that the edit adds, removes or replaces
    prompt: list[int]
    sources: Sources
    limit: int
    guide_strength: float
    leader: list[int] | None = None  # the guide's leader; None: the alignment's candidate
    tokenise_seconds: float = 0.0  # time to tokenise all this; not part of any method's seconds

    def guide(self) -> CandidateGuide | NoGuide:
        """A new guide, for one output."""
        if not self.guide_strength:
            return NoGuide()
        leader = self.leader or self.sources.candidate
        return CandidateGuide([leader], [0.0], self.guide_strength)


@dataclass(frozen=True)
class Run:
    """The run of one method on one case. `tokens` do not include the stop token.

    If `measured` is set, the time is an estimate from that many tokens. For plain decoding these are spread over the
    output; for other methods they are the first ones, and the rest of `tokens` is the known output. The parts of the
    time do not overlap. On an asynchronous device, `head_seconds` is only the time to launch the head.
    """

    tokens: list[int]
    seconds: float
    forward_passes: int
    prefill_seconds: float = 0.0
    verify_seconds: float = 0.0  # passes after the prefill, without the head
    head_seconds: float = 0.0  # from hidden states to logits
    draft_seconds: float = 0.0
    drafted: int = 0
    accepted: int = 0
    measured: int | None = None


def make_case(task: Task, candidate: str, backend: LocalBackend, *, guided: bool, leader: str | None = None) -> Case:
    """A task as a case. `candidate`, the alignment's likeliest, is a source of drafts. Without a `leader` it leads."""
    codec = backend.codec
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language)
    started = time.perf_counter()
    prompt = codec.encode_parts(backend.template.parts(request))
    sources = Sources(codec.encode(task.original), codec.encode(task.update), backend.jobs.output(candidate))
    tokenise = time.perf_counter() - started
    led = None if leader is None else backend.jobs.output(leader)
    return Case(
        id=task.id,
        lines=task.original.count("\n"),
        changed=_changed(task.original, candidate),
        prompt=prompt,
        sources=sources,
        limit=len(led or sources.candidate) + SLACK_TOKENS,
        guide_strength=FORCED if guided else 0.0,
        leader=led,
        tokenise_seconds=tokenise,
    )


def speculative(drafter: str) -> Callable[[LocalBackend, Case], Run]:
    """A method that writes the whole output with this drafter."""

    def run(backend: LocalBackend, case: Case) -> Run:
        started = time.perf_counter()
        cache = TimedCache(backend.model, len(case.prompt) + case.limit)
        drafts = backend.drafting.make(drafter, Output(case.sources, case.prompt, len(case.prompt) + case.limit))
        drafting, head = Stopwatch(), Stopwatch()
        drafting.seconds = time.perf_counter() - started
        for name in ("observe", "draft"):
            setattr(drafts, name, drafting.around(getattr(drafts, name)))
        job = Job(case.prompt, drafts, backend.codec.special_ids, case.limit, case.guide())
        with head.on(backend.model.module.get_output_embeddings()):
            blocks = list(decode(cache, job, backend.model.device.type))
        stats = blocks[-1].stats
        return Run(
            [token for block in blocks for token in block.tokens],
            time.perf_counter() - started,
            stats.forward_passes,
            stats.prefill_seconds,
            max(cache.seconds - stats.prefill_seconds - head.seconds, 0.0),
            head.seconds,
            drafting.seconds,
            stats.drafted_tokens,
            stats.accepted_tokens,
        )

    return run


def first_tokens(drafter: str, backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    """Write at most `most` tokens with this drafter. The cost of the rest of `known` is estimated from their second
    half, because a draft model reads the prompt in the first."""
    run = speculative(drafter)(backend, replace(case, limit=min(most, case.limit)))
    count, left = len(run.tokens), len(known) - len(run.tokens)
    if count < most or left <= 0:
        return run
    half = speculative(drafter)(backend, replace(case, limit=most // 2))
    times = left / (count - len(half.tokens))
    growing = ("seconds", "forward_passes", "verify_seconds", "head_seconds", "draft_seconds")
    # Despite noise, the second half must not have a negative cost, nor the whole cost less than its parts.
    whole = {name: getattr(run, name) + times * max(getattr(run, name) - getattr(half, name), 0) for name in growing}
    whole["forward_passes"] = round(whole["forward_passes"])
    whole["seconds"] -= times * max(run.prefill_seconds - half.prefill_seconds, 0)  # noise
    parts = whole["verify_seconds"] + whole["head_seconds"] + whole["draft_seconds"]
    whole["seconds"] = max(whole["seconds"], run.prefill_seconds + parts)
    return replace(run, **whole, tokens=run.tokens + known[count:], measured=count)


def plain_steps(backend: LocalBackend, case: Case, known: list[int], steps: int) -> Run:
    """Plain decoding of the `known` output, timed by `steps` single steps. `tokens` are `known` up to the first step
    that chose another token, and then that token."""
    cache = BlockCache(backend.model, len(case.prompt) + case.limit)
    guide, stop = case.guide(), backend.codec.special_ids
    started = time.perf_counter()
    list(prefill(cache, case.prompt))
    first = choose_greedy(cache.forward(case.prompt[cache.length :], keep=1), guide.along([]))[0]
    read = time.perf_counter() - started
    if first != known[0]:
        return Run([] if first in stop else [first], read, cache.forward_passes, read, measured=1)
    last = len(known) - (len(known) >= case.limit)  # the step after the last token chooses to stop
    places = sorted({max(round(number * last / steps), 1) for number in range(1, steps + 1)})
    done, taken = 0, 0.0
    for measured, place in enumerate(places, start=1):
        for token in known[done:place]:
            guide.observe(token)
        while done < place - 1:
            block = known[done : min(place - 1, done + BLOCK_SIZES[-1])]
            cache.forward(block, keep=1)
            done += len(block)
        step = time.perf_counter()
        chosen = choose_greedy(cache.forward([known[place - 1]], keep=1), guide.along([]))[0]
        taken += time.perf_counter() - step
        done = place
        if chosen != known[place] if place < len(known) else chosen not in stop:
            wrong = [] if chosen in stop else [chosen]
            return Run(known[:place] + wrong, read + taken / measured * place, place + 1, read, measured=measured)
    passes = -(-len(case.prompt) // BLOCK_SIZES[-1]) + last
    return Run(known, read + taken / len(places) * last, passes, read, taken / len(places) * last, measured=len(places))


class Stopwatch:
    """Adds up the seconds of the calls that it wraps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*arguments)
            finally:
                self.seconds += time.perf_counter() - started

        return timed

    @contextmanager
    def on(self, module: torch.nn.Module) -> Iterator[None]:
        hooks = [module.register_forward_pre_hook(self._start), module.register_forward_hook(self._stop)]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _start(self, *_: object) -> None:
        self._started = time.perf_counter()

    def _stop(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._started


class TimedCache(BlockCache):
    """Adds up the seconds of its forward passes."""

    seconds = 0.0

    def forward(self, tokens: Sequence[int], keep: int) -> torch.Tensor:
        started = time.perf_counter()
        logits = super().forward(tokens, keep)
        self.seconds += time.perf_counter() - started
        return logits


def _changed(original: str, candidate: str) -> float:
    lines = max(original.count("\n"), 1)
    hunks = line_hunks(original, candidate)
    return min(sum(max(h.end_line - h.start_line, h.new_text.count("\n")) for h in hunks) / lines, 1.0)


def floor_seconds(backend: LocalBackend, case: Case, output: list[int]) -> float:
    """Seconds to read prompt and output at once, in the cheaper way: transformers' single pass or full blocks."""
    module = backend.model.module
    tokens = [*case.prompt, *output]
    module.set_attn_implementation("sdpa")
    ids = torch.tensor([tokens], device=backend.model.device)
    with torch.inference_mode():
        started = time.perf_counter()
        module(input_ids=ids, use_cache=False, logits_to_keep=len(output) + 1).logits.argmax(-1)
        single = time.perf_counter() - started
    started = time.perf_counter()
    cache = BlockCache(backend.model, len(tokens))
    for start in range(0, len(tokens), BLOCK_SIZES[-1]):
        block = tokens[start : start + BLOCK_SIZES[-1]]
        wanted = min(len(block), max(start + len(block) - len(case.prompt) + 1, 1))
        cache.forward(block, keep=wanted).argmax(-1)
    return min(single, time.perf_counter() - started)


def warm_up(backend: LocalBackend) -> None:
    """Use every block shape once, because its first use costs extra."""
    cache = BlockCache(backend.model, min(2 * BLOCK_SIZES[-1], backend.model.context))
    for size in BLOCK_SIZES:
        for keep in {1, size}:
            cache.forward([0] * size, keep).argmax(-1).tolist()
            cache.rewind(0)
