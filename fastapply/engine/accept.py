"""Verification: which tokens the model chooses along a draft, and how many of the draft's own it accepts.

Nouns: a *draft* of k tokens is verified by k + 1 rows of logits; the longest right prefix is *accepted*; the token
that the model chooses after it is the *bonus token*. Knows token ids only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from fastapply.engine.guide import Bonus
from fastapply.errors import ModelError


class Choice(NamedTuple):
    """The chosen token of one row and the model's own log-probability for it (without any guide)."""

    token: int
    log_prob: float


def choose_greedy(
    logits: torch.Tensor,  # [rows + padding, vocab_size]
    bonuses: Sequence[Bonus],  # [rows]
) -> list[Choice]:
    """The best token of each row after its bonus; one transfer from the device for the whole block.

    Raises:
        ModelError: the model computed something that is not a number.
    """
    rows = len(bonuses)
    assert logits.shape[0] >= rows
    bonuses = [*bonuses, *[{}] * (logits.shape[0] - rows)]
    scores = logits.float()
    top, token = scores.max(dim=-1)  # [rows]
    width = max((len(bonus) for bonus in bonuses), default=0)
    if width:
        ids = torch.tensor([_padded(list(b), width, 0) for b in bonuses], device=logits.device)  # [rows, width]
        extra = torch.tensor([_padded(list(b.values()), width, float("-inf")) for b in bonuses], device=logits.device)
        best, place = (scores.gather(1, ids) + extra).max(dim=-1)
        token = torch.where(best >= top, ids.gather(1, place[:, None])[:, 0], token)
    log_prob = scores.gather(1, token[:, None])[:, 0] - scores.logsumexp(dim=-1)
    tokens, log_probs = torch.stack([token.double(), log_prob.double()]).tolist()
    if any(value != value for value in log_probs[:rows]):
        raise ModelError("the model computed NaN; try --dtype float32, or `fastapply doctor` to check the weights")
    return [Choice(int(t), p) for t, p in zip(tokens[:rows], log_probs[:rows], strict=True)]


def count_accepted(draft: Sequence[int], chosen: Sequence[Choice]) -> int:
    """Length of the longest prefix of `draft` that the model would have written by itself."""
    assert len(chosen) == len(draft) + 1
    for index, token in enumerate(draft):
        if chosen[index].token != token:
            return index
    return len(draft)


def _padded(values: list[float] | list[int], width: int, filler: float) -> list[float]:
    return [*values, *[filler] * (width - len(values))]
