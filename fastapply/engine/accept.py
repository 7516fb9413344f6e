"""Verification: which tokens the model chooses along a draft, and how many drafted tokens are accepted.

A *draft* of k tokens is verified by k + 1 rows of logits. Its longest correct prefix is *accepted*. The token that the
model chooses after that prefix is the *bonus token*.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from fastapply.engine.guide import Bonus
from fastapply.engine.sampling import Sampling, sample
from fastapply.engine.sequences import common_prefix
from fastapply.engine.transfer import on_device
from fastapply.errors import COMPUTED_NAN, ModelError


def choose(
    logits: torch.Tensor,  # [rows + padding, vocab_size]
    bonuses: Sequence[Bonus],  # [rows]
    sampling: Sampling,
    position: int,
) -> list[int]:
    """The token chosen in each row; the first row is for `position` in the output. Raises ModelError for NaN."""
    if sampling.temperature == 0:
        return choose_greedy(logits, bonuses)
    if logits[: len(bonuses)].isnan().any():
        raise ModelError(COMPUTED_NAN)
    rows = enumerate(zip(logits, bonuses, strict=False))
    return [sample(row, bonus, sampling, position + index) for index, (row, bonus) in rows]


def choose_greedy(
    logits: torch.Tensor,  # [rows + padding, vocab_size]
    bonuses: Sequence[Bonus],  # [rows]
) -> list[int]:
    """The best token of each row with its bonuses added. The whole block takes one transfer from the device.

    Raises:
        ModelError: the model computed NaN.
    """
    rows = len(bonuses)
    assert logits.shape[0] >= rows
    top, token = logits[:rows].max(dim=-1)  # [rows]
    width = max((len(bonus) for bonus in bonuses), default=0)
    if width:
        ids = on_device([_padded(list(b), width, 0) for b in bonuses], logits.device)  # [rows, width]
        extra = on_device([_padded(list(b.values()), width, float("-inf")) for b in bonuses], logits.device)
        best, place = (logits[:rows].gather(1, ids).float() + extra).max(dim=-1)
        token = torch.where(best >= top.float(), ids.gather(1, place[:, None])[:, 0], token)
    broken, *tokens = torch.cat([top.isnan().any()[None].to(token.dtype), token]).tolist()
    if broken:
        raise ModelError(COMPUTED_NAN)
    return [int(t) for t in tokens]


def log_prob(
    logits: torch.Tensor,  # [vocab_size]
    token: int,
) -> float:
    """The model's own log-probability of `token`, without a guide. Takes one row at a time: when several rows are
    summed at once, their number may change the last bit."""
    scores = logits.float()
    return float(scores[token] - scores.logsumexp(dim=-1))


def count_accepted(draft: Sequence[int], chosen: Sequence[int]) -> int:
    """Length of the longest prefix of `draft` that the model would have written without it."""
    assert len(chosen) == len(draft) + 1
    return common_prefix(draft, chosen)


def _padded(values: list[float] | list[int], width: int, filler: float) -> list[float]:
    return [*values, *[filler] * (width - len(values))]
