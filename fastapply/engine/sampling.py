"""Sampling at any temperature, the same tokens whoever drafts. Knows token ids only.

The token at a position is the best of log p plus Gumbel noise, which is a sample of p (Gumbel-max trick); the noise
depends on the seed and the position alone. A drafted token is accepted if it is that token. For drafts that are tokens,
not distributions, this is speculative sampling's rule (Leviathan et al. 2211.17192): accepted with probability p, else
replaced by a sample of the rest. And the output depends on nothing but model and seed, whoever drafts (Daliri et al.
2408.07978), so that losslessness can be tested bitwise here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from fastapply.engine.guide import Bonus


@dataclass(frozen=True)
class Sampling:
    """`temperature` 0: greedy. `top_k` 0 and `top_p` 1: all tokens; else the `top_k` likeliest, and of those the fewest
    that have `top_p` of the probability together."""

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0


GREEDY = Sampling()


def sample(
    logits: torch.Tensor,  # [vocab_size]
    bonus: Bonus,
    sampling: Sampling,
    position: int,
) -> int:
    """The token at a position of the output. One row at a time: a sum over several rows at once may differ in the last
    bit with their number."""
    scores = log_probs(logits, bonus, sampling)
    noise = _gumbel(scores.shape[0], sampling.seed, position).to(scores.device)
    return int((scores + noise).argmax())


def log_probs(logits: torch.Tensor, bonus: Bonus, sampling: Sampling) -> torch.Tensor:
    """The distribution that is sampled from, minus infinity where nothing is: # [vocab_size]"""
    scores = logits.float().clone()
    for token, extra in bonus.items():
        scores[token] += extra
    scores /= sampling.temperature
    if 0 < sampling.top_k < scores.shape[0]:
        least = scores.topk(sampling.top_k).values[-1]
        scores[scores < least] = float("-inf")
    if sampling.top_p < 1:
        ordered, tokens = scores.softmax(dim=-1).sort(descending=True, stable=True)
        before = ordered.cumsum(dim=-1) - ordered  # probability of the likelier ones
        scores[tokens[before >= sampling.top_p]] = float("-inf")
    return scores.log_softmax(dim=-1)


def _gumbel(size: int, seed: int, position: int) -> torch.Tensor:
    """On the CPU, so that every device draws the same."""
    generator = torch.Generator().manual_seed(hash((seed, position)))
    return -torch.empty(size).exponential_(generator=generator).log()
