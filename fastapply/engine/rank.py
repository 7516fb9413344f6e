"""Choosing among candidate outputs: read each one with the model, and ask how likely its decisions are.

Choosing is far easier than writing. A candidate's score is the model's log-probability of its *decision tokens* (where
it leaves the original and comes back; the copies in between say nothing about which candidate is right) plus its
log-prior. Candidates share the cache as far as they share their beginning. Knows token ids only.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.decisions import decision_tokens

Tokens = Sequence[int]


def rank(
    cache: BlockCache, prompt: Tokens, candidates: Sequence[Tokens], log_priors: Sequence[float], original: Tokens
) -> list[float]:
    """The score of each candidate, in nats; higher is likelier.

    Leaves all of the prompt but its last token in `cache`, so that decoding goes on from there.
    """
    _read_prompt(cache, prompt)
    scores: list[float] = []
    log_probs: list[float] = []
    previous: Tokens = []
    for candidate, log_prior in zip(candidates, log_priors, strict=True):
        shared = _common_prefix(previous, candidate)
        cache.rewind(len(prompt) - 1 + shared)
        log_probs = log_probs[:shared] + _read(cache, [prompt[-1], *candidate][shared:])
        decisions, _ = decision_tokens(original, candidate)
        scores.append(log_prior + sum(log_probs[index] for index in decisions))
        previous = candidate
    cache.rewind(len(prompt) - 1)
    return scores


def _read_prompt(cache: BlockCache, prompt: Tokens) -> None:
    while cache.length < len(prompt) - 1:
        cache.forward(prompt[cache.length : min(cache.length + BLOCK_SIZES[-1], len(prompt) - 1)], keep=1)


def _read(cache: BlockCache, tokens: Tokens) -> list[float]:
    """Feed all tokens but the last; the log-probability of each token after the one before it."""
    log_probs: list[float] = []
    for start in range(0, len(tokens) - 1, BLOCK_SIZES[-1]):
        block = tokens[start : min(start + BLOCK_SIZES[-1], len(tokens) - 1)]
        following = torch.tensor(tokens[start + 1 : start + 1 + len(block)])
        logits = cache.forward(block, keep=len(block))[: len(block)].float()  # [block, vocab_size]
        chosen = logits.gather(1, following.to(logits.device)[:, None])[:, 0] - logits.logsumexp(dim=-1)
        log_probs += chosen.tolist()
    return log_probs


def _common_prefix(first: Tokens, second: Tokens) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(first), len(second)))
