"""Sampling at any temperature, with the same tokens for every drafter.

The token at a position maximises log p plus Gumbel noise, which makes it a sample of p (Gumbel-max trick). The noise
depends only on the seed and the position. A drafted token is accepted if it equals the sampled one. For drafts that are
tokens, not distributions, this is the rule of speculative sampling (Leviathan et al. 2211.17192): accept with
probability p, else sample from the rest. The output does not depend on the drafter (Daliri et al. 2408.07978), so tests
can check bitwise that drafting is lossless.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from fastapply.engine.guide import Bonus


@dataclass(frozen=True)
class Sampling:
    """`temperature` 0 is greedy. `top_k` 0 and `top_p` 1 allow all tokens. Else only the `top_k` likeliest are allowed,
    and of those the fewest whose probabilities add up to `top_p`."""

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
    """The token at `position` in the output. Takes one row at a time: when several rows are summed at once, their
    number may change the last bit."""
    scores = log_probs(logits, bonus, sampling)
    noise = _gumbel(scores.shape[0], sampling.seed, position).to(scores.device)
    return int((scores + noise).argmax())


def log_probs(logits: torch.Tensor, bonus: Bonus, sampling: Sampling) -> torch.Tensor:
    """The log-probabilities to sample from, minus infinity for excluded tokens: # [vocab_size]."""
    scores = logits.float().clone()
    for token, extra in bonus.items():
        scores[token] += extra
    scores /= sampling.temperature
    if 0 < sampling.top_k < scores.shape[0]:
        least = scores.topk(sampling.top_k).values[-1]
        scores[scores < least] = float("-inf")
    if sampling.top_p < 1:
        ordered, tokens = scores.softmax(dim=-1).sort(descending=True, stable=True)
        before = ordered.cumsum(dim=-1) - ordered  # the total probability of likelier tokens
        scores[tokens[before >= sampling.top_p]] = float("-inf")
    return scores.log_softmax(dim=-1)


def _gumbel(size: int, seed: int, position: int) -> torch.Tensor:
    """Gumbel noise, # [size]. Drawn on the CPU, so that every device gets the same."""
    generator = torch.Generator().manual_seed(hash((seed, position)))
    return -torch.empty(size).exponential_(generator=generator).log()
