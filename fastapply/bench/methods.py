"""Ways to decode the same prompt with the same model, each timed alone.

`plain`: our engine without drafts; each other drafter of `engine/drafts` by its name.
`prompt-lookup`: transformers' own n-gram speculation. `floor`: one forward pass over the prompt and the known output,
the least that any lossless method can cost. All are greedy, and all have the same guide or none, so that their outputs
can be compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from fastapply.backends.local import LocalBackend
from fastapply.backends.token_job import SLACK_TOKENS
from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.decode import Counters, Job, decode
from fastapply.engine.drafts import DRAFTERS, Sources
from fastapply.engine.guide import CandidateGuide, NoGuide, State
from fastapply.text.diff import line_hunks
from fastapply.types import ApplyRequest, Task

LOOKUP_TOKENS = 32  # drafts of prompt lookup; longer than transformers' default of 10, which is slower here


@dataclass(frozen=True)
class Case:
    """One task in tokens. `limit` is the most tokens that any method may write. `guide_strength` keeps the model to the
    alignment's merge, as in `fastapply apply`; with 0 it writes freely."""

    id: str
    lines: int
    changed: float  # share of the lines that the edit adds, takes away or replaces
    prompt: list[int]
    sources: Sources
    limit: int
    guide_strength: float

    def guide(self) -> CandidateGuide | NoGuide:
        """A new one: it follows one output."""
        if not self.guide_strength:
            return NoGuide()
        return CandidateGuide([self.sources.merge], [0.0], self.guide_strength, self.sources.original)


@dataclass(frozen=True)
class Run:
    """What one method did with one case; `tokens` without the stop token."""

    tokens: list[int]
    seconds: float
    forward_passes: int
    prefill_seconds: float = 0.0
    forward_seconds: float = 0.0  # of the passes after the prefill: the rest of the time is drafting and bookkeeping
    drafted: int = 0
    accepted: int = 0


def make_case(task: Task, merge: str, backend: LocalBackend, *, guided: bool) -> Case:
    codec = backend.codec
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language)
    merged = backend.jobs.output(merge)
    return Case(
        id=task.id,
        lines=task.original.count("\n"),
        changed=_changed(task.original, merge),
        prompt=codec.encode_parts(backend.template.parts(request)),
        sources=Sources(codec.encode(task.original), codec.encode(task.update), merged),
        limit=len(merged) + SLACK_TOKENS,
        guide_strength=backend.settings.guide_strength if guided else 0.0,
    )


def speculative(drafter: str) -> Callable[[LocalBackend, Case], Run]:
    def run(backend: LocalBackend, case: Case) -> Run:
        started = time.perf_counter()
        cache = TimedCache(backend.model, len(case.prompt) + case.limit)
        drafts = backend.drafting.make(drafter, case.sources, case.prompt, len(case.prompt) + case.limit)
        job = Job(case.prompt, drafts, backend.codec.special_ids, case.limit, case.guide())
        counters = Counters()
        blocks = list(decode(cache, job, counters, backend.model.device.type))
        tokens = [token for block in blocks for token in block.tokens]
        return Run(
            tokens,
            time.perf_counter() - started,
            counters.forward_passes,
            counters.prefill_seconds,
            cache.seconds - counters.prefill_seconds,
            counters.drafted_tokens,
            counters.accepted_tokens,
        )

    return run


class TimedCache(BlockCache):
    """Adds up the seconds of its forward passes."""

    seconds = 0.0

    def forward(self, tokens: Sequence[int], keep: int) -> torch.Tensor:
        started = time.perf_counter()
        logits = super().forward(tokens, keep)
        self.seconds += time.perf_counter() - started
        return logits


def _changed(original: str, merge: str) -> float:
    lines = max(original.count("\n"), 1)
    hunks = line_hunks(original, merge)
    return min(sum(max(h.end_line - h.start_line, h.new_text.count("\n")) for h in hunks) / lines, 1.0)


def prompt_lookup(backend: LocalBackend, case: Case) -> Run:
    module = backend.model.module
    passes = 0

    def count(*_: object) -> None:
        nonlocal passes
        passes += 1

    prompt = torch.tensor([case.prompt], device=backend.model.device)
    hook = module.register_forward_pre_hook(count)
    module.set_attn_implementation("sdpa")
    try:
        started = time.perf_counter()
        with torch.inference_mode():
            output = module.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                prompt_lookup_num_tokens=LOOKUP_TOKENS,
                max_new_tokens=case.limit,
                do_sample=False,
                eos_token_id=sorted(backend.codec.special_ids),
                pad_token_id=0,
                logits_processor=[GuidedLogits(case)] if case.guide_strength else None,
            )
        seconds = time.perf_counter() - started
    finally:
        hook.remove()
    tokens = output[0, len(case.prompt) :].tolist()
    end = next((i for i, token in enumerate(tokens) if token in backend.codec.special_ids), len(tokens))
    return Run(tokens[:end], seconds, passes)


class GuidedLogits:
    """A guide as transformers takes it: called with all tokens so far, also those of drafts that come to nothing."""

    def __init__(self, case: Case) -> None:
        guide = case.guide()
        assert isinstance(guide, CandidateGuide)
        self._guide = guide
        self._prompt = len(case.prompt)
        self._seen: list[int] = []
        self._states = [State()]  # after each prefix of what was seen

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        output = input_ids[0, self._prompt :].tolist()
        pairs = zip(self._seen, output, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(self._seen), len(output)))
        del self._states[same + 1 :]
        for token in output[same:]:
            self._states.append(self._guide.after(self._states[-1], token))
        self._seen = output
        for token, extra in self._guide.bonus(self._states[-1]).items():
            scores[:, token] += extra
        return scores


def floor_seconds(backend: LocalBackend, case: Case, output: list[int]) -> float:
    """Seconds of the cheaper way to read prompt and output in one go: transformers' single pass, or full blocks."""
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


METHODS: dict[str, Callable[[LocalBackend, Case], Run]] = {
    "plain": speculative("none"),
    "prompt-lookup": prompt_lookup,
    **{name: speculative(name) for name in DRAFTERS if name != "none"},
}
