"""Speculative decoding of one sequence: settle forks, draft, verify, accept, rewind. The whole algorithm is `decode`.

This is speculative sampling with a deterministic draft (Leviathan et al. 2211.17192), known as "speculative edits" at
temperature 0. With any drafter, the output is what the model would have written one token at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import torch

from fastapply.engine.accept import choose, count_accepted, log_prob
from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.drafts import Drafter, DraftLength, HiddenReader
from fastapply.engine.guide import CandidateGuide, NoGuide
from fastapply.engine.sampling import GREEDY, Sampling
from fastapply.engine.transfer import on_device
from fastapply.types import Stats


class Settled(NamedTuple):
    """Tokens settled by one forward pass; the first `accepted` were drafted. `log_probs` holds the watched tokens'
    log-probabilities by position in the output. `stats` is the total so far. `stopped`: a stop token follows."""

    tokens: list[int]
    accepted: int
    log_probs: dict[int, float]
    stats: Stats
    stopped: bool = False


@dataclass(frozen=True)
class Job:
    """One sequence to decode. `watch` says for which positions of the output log-probabilities are wanted.
    `draft_length` gives the length of each draft; with None it adapts."""

    prompt: Sequence[int]
    drafter: Drafter
    stop: frozenset[int]
    max_tokens: int
    guide: CandidateGuide | NoGuide = field(default_factory=NoGuide)
    watch: Callable[[int], bool] = lambda _: False
    draft_length: Callable[[], int] | None = None
    sampling: Sampling = GREEDY


def decode(cache: BlockCache, job: Job, device: str = "cpu") -> Iterator[Settled]:
    """Yield the output of `job` block by block, without the stop token that ends it. The blocks that read the prompt
    come first and carry no tokens, so that a caller can cancel there too.

    Args:
        cache: empty, or holding a prefix of the prompt, which is then not computed again.
    """
    length = DraftLength(device)
    reader = job.drafter if isinstance(job.drafter, HiddenReader) else None
    cache.keep_hidden = reader is not None
    stats = Stats(prompt_tokens=len(job.prompt), cached_tokens=cache.length)
    for seconds in prefill(cache, job.prompt):
        stats = replace(stats, prefill_seconds=stats.prefill_seconds + seconds)
        yield Settled([], 0, {}, stats)
    pending = list(job.prompt[cache.length :])  # fed together with the first draft

    while stats.output_tokens < job.max_tokens:
        started = time.perf_counter()
        # Settle: where candidates part, the model reads each of them, whatever was drafted.
        job.guide.decide(partial(way_log_probs, cache, pending))

        # Draft what may follow, up to the next fork. The draft and the pending tokens share one block.
        room = min(BLOCK_SIZES[-1] - len(pending), job.max_tokens - stats.output_tokens - 1)
        fork = job.guide.room()
        room = room if fork is None else min(room, fork - 1)
        wanted = job.draft_length() if job.draft_length else length.best()
        draft = list(job.drafter.draft(max(min(wanted, room), 0)))
        bonuses = job.guide.along(draft)

        # Verify: one forward pass gives the model's choice after each drafted token.
        logits = cache.forward([*pending, *draft], keep=len(draft) + 1)  # [len(draft) + 1 + padding, vocab_size]
        chosen = choose(logits, bonuses, job.sampling, stats.output_tokens)

        # Accept the longest correct prefix and the bonus token after it.
        accepted = count_accepted(draft, chosen)
        settled = chosen[: accepted + 1]

        # Rewind: the cache keeps what was accepted; the bonus token is fed with the next block.
        cache.rewind(cache.length - (len(draft) - accepted))
        pending = [settled[-1]]
        length.record(accepted, missed=accepted < len(draft))

        end = next((i for i, token in enumerate(settled) if token in job.stop), None)
        settled = settled[:end]
        for token in settled:
            job.drafter.observe(token)
            job.guide.observe(token)
        if reader is not None and cache.hidden is not None:
            reader.read(cache.hidden[accepted])
        first, kept = stats.output_tokens, min(accepted, len(settled))
        watched = [row for row in range(len(settled)) if job.watch(first + row)]
        log_probs = {first + row: log_prob(logits[row], settled[row]) for row in watched}
        stats = replace(
            stats,
            output_tokens=first + len(settled),
            drafted_tokens=stats.drafted_tokens + len(draft),
            accepted_tokens=stats.accepted_tokens + kept,
            forward_passes=cache.forward_passes,
            decode_seconds=stats.decode_seconds + time.perf_counter() - started,
        )
        yield Settled(settled, kept, log_probs, stats, end is not None)
        if end is not None:
            return


def prefill(cache: BlockCache, prompt: Sequence[int], block: int = BLOCK_SIZES[-1]) -> Iterator[float]:
    """Feed the prompt in full blocks and yield the seconds each took. At least one token stays unfed."""
    assert len(prompt) > cache.length
    while len(prompt) - cache.length > block:
        started = time.perf_counter()
        cache.forward(prompt[cache.length : cache.length + block], keep=1)
        yield time.perf_counter() - started


def way_log_probs(cache: BlockCache, pending: Sequence[int], ways: Sequence[Sequence[int]]) -> list[float]:
    """The log-probability of each way after the cache and `pending`. Leaves the cache as it was."""
    return [way_log_prob(cache, pending, way) for way in ways]


def way_log_prob(cache: BlockCache, pending: Sequence[int], tokens: Sequence[int]) -> float:
    """The log-probability of `tokens` after the cache and `pending`. Leaves the cache as it was."""
    before = cache.length
    total = sum(value for block in log_probs(cache, pending, tokens) for value in block)
    cache.rewind(before)
    return total


def log_probs(cache: BlockCache, pending: Sequence[int], tokens: Sequence[int]) -> Iterator[list[float]]:
    """Feed `pending` and `tokens` but for the last one; yield the log-probabilities of `tokens`, pass by pass."""
    fed, read = [*pending, *tokens][:-1], 0
    for start in range(0, len(fed), BLOCK_SIZES[-1]):
        block = fed[start : start + BLOCK_SIZES[-1]]
        predicting = min(len(block), start + len(block) - len(pending) + 1)  # rows that predict one of `tokens`
        logits = cache.forward(block, keep=max(predicting, 1))
        if predicting <= 0:
            yield []
            continue
        logits = logits[:predicting].float()  # [predicting, vocab_size]
        following = on_device(list(tokens[read : read + predicting]), logits.device)
        chosen = logits.gather(1, following[:, None])[:, 0]
        # One row at a time: when several rows are summed at once, their number may change the last bit.
        sums = torch.stack([row.logsumexp(dim=-1) for row in logits])  # [predicting]
        read += predicting
        yield (chosen - sums).tolist()
