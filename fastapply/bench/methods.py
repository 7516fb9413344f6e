"""Ways to decode the same prompt with the same model, each timed alone.

`plain`, `original`, `two-cursor`, `merge`: our engine with that drafter. `prompt-lookup`: transformers' own n-gram
speculation. `floor`: one forward pass over the prompt and the known output, the least that any lossless method can
cost. All are greedy and without a guide, so that their outputs can be compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from fastapply.backends.local import SLACK_TOKENS, LocalBackend
from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.decode import Counters, Job, decode
from fastapply.engine.drafts import Sources, make_drafter
from fastapply.types import ApplyRequest, Task

LOOKUP_TOKENS = 32  # drafts of prompt lookup; longer than transformers' default of 10, which is slower here


@dataclass(frozen=True)
class Case:
    """One task in tokens. `limit` is the most tokens that any method may write."""

    id: str
    lines: int
    prompt: list[int]
    sources: Sources
    limit: int


@dataclass(frozen=True)
class Run:
    """What one method did with one case; `tokens` without the stop token."""

    tokens: list[int]
    seconds: float
    forward_passes: int


def make_case(task: Task, merge: str, backend: LocalBackend) -> Case:
    codec = backend.codec
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language)
    merged = backend.output_tokens(merge)
    return Case(
        id=task.id,
        lines=task.original.count("\n"),
        prompt=codec.encode_parts(backend.template.parts(request)),
        sources=Sources(codec.encode(task.original), codec.encode(task.update), merged),
        limit=len(merged) + SLACK_TOKENS,
    )


def speculative(drafter: str) -> Callable[[LocalBackend, Case], Run]:
    def run(backend: LocalBackend, case: Case) -> Run:
        started = time.perf_counter()
        cache = BlockCache(backend.model, len(case.prompt) + case.limit)
        job = Job(case.prompt, make_drafter(drafter, case.sources), backend.codec.special_ids, case.limit)
        counters = Counters()
        blocks = list(decode(cache, job, counters, backend.model.device.type))
        tokens = [token for block in blocks for token in block.tokens]
        return Run(tokens, time.perf_counter() - started, counters.forward_passes)

    return run


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
            )
        seconds = time.perf_counter() - started
    finally:
        hook.remove()
    tokens = output[0, len(case.prompt) :].tolist()
    end = next((i for i, token in enumerate(tokens) if token in backend.codec.special_ids), len(tokens))
    return Run(tokens[:end], seconds, passes)


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
    "original": speculative("original"),
    "two-cursor": speculative("two-cursor"),
    "merge": speculative("merge"),
}
