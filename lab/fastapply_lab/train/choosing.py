"""Learning to choose: make the right way at a fork likelier than the others.

The loss is the cross entropy of the choice at a fork, a softmax over the ways' log-probabilities and priors. This is
discriminative training of a generative model, like maximum mutual information training in speech recognition (Bahl et
al. 1986). One pass reads all ways, each masked from the others (tree attention, as in SpecInfer, Miao et al.
2305.09781).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from fastapply.errors import UsageError
from fastapply.prompt import Codec, Template
from fastapply_lab.data.choices import ForkReading
from fastapply_lab.train.finetune_recipe import Recipe
from fastapply_lab.train.objective import Drawn

_SURE = 0.05  # the least weight of a reading when readings are drawn, in nats of doubt
_DOUBTFUL = 1.0  # the largest such weight


class Choosing(Drawn):
    """The objective of learning to choose. Draws readings with replacement, doubtful ones more often."""

    def __init__(
        self,
        train: Sequence[ForkReading],
        valid: Sequence[ForkReading],
        codec: Codec,
        template: Template,
        recipe: Recipe,
    ) -> None:
        """Raises UsageError if no reading is short enough."""
        self._readings = [reading for reading in train if len(reading.tokens) <= recipe.max_tokens]
        if not self._readings:
            raise UsageError(f"no reading has at most {recipe.max_tokens} tokens: raise max_tokens")
        self._held_back = [reading for reading in valid if len(reading.tokens) <= recipe.max_tokens]
        self._chances = [min(reading.doubt, _DOUBTFUL) + _SURE for reading in self._readings]
        self._recipe = recipe
        super().__init__(recipe.seed)

    def draw(self, done: float) -> list[list[ForkReading]]:
        step: list[list[ForkReading]] = []
        tokens = 0
        while tokens < self._recipe.batch_tokens:
            [reading] = self._rng.choices(self._readings, self._chances)
            step.append([reading])
            tokens += len(reading.tokens)
        return step

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for reading in self._readings:
            digest.update(repr(reading).encode())
        return digest.hexdigest()

    def loss(self, network: Any, micro: Sequence[ForkReading], size: int) -> torch.Tensor:
        [reading] = micro
        return choice_loss(network, reading, self._recipe.prior_weight, self._recipe.writing) / size

    def look(self, network: Any) -> tuple[float, float]:
        return choice_metrics(network, self._held_back, self._recipe.prior_weight)


def way_log_probs(network: Any, reading: ForkReading) -> list[list[torch.Tensor]]:
    """For each fork and way, the right way first, the log-probabilities of its tokens, # [len(way)]."""
    device, tokens = network.device, reading.tokens
    places = [place for fork in _ways(reading) for place in fork]
    positions = list(range(len(reading.main)))
    for start, first, last in places:
        if first >= len(reading.main):
            positions += range(start, start + last - first)
    inputs = torch.tensor([tokens], device=device)
    hidden = network.model(
        input_ids=inputs,
        position_ids=torch.tensor([positions], device=device),
        attention_mask=_blind(reading, network.dtype, device),
        use_cache=False,
    ).last_hidden_state[0]  # [len(tokens), hidden_size]
    rows = [row for start, first, last in places for row in (start - 1, *range(first, last - 1))]
    targets = [tokens[k] for _, first, last in places for k in range(first, last)]
    logits = network.lm_head(hidden[rows]).float()
    losses = F.cross_entropy(logits, torch.tensor(targets, device=device), reduction="none")
    found = iter(torch.split(-losses, [last - first for _, first, last in places]))
    return [[next(found) for _ in fork] for fork in _ways(reading)]


def _ways(reading: ForkReading) -> list[list[tuple[int, int, int]]]:
    """For each fork and way: the index after the token that precedes it, and its own range [first, last)."""
    forks, end = [], len(reading.main)
    for fork in reading.forks:
        places = [(fork.start, fork.start, fork.end)]
        for way in fork.others:
            places.append((fork.start, end, end + len(way)))
            end += len(way)
        forks.append(places)
    return forks


def _blind(reading: ForkReading, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """The additive attention mask, # [1, 1, tokens, tokens]: a way attends to what precedes its fork and to itself."""
    size = len(reading.tokens)
    seen = torch.ones(size, size, dtype=torch.bool, device=device).tril()
    for start, first, last in (place for fork in _ways(reading) for place in fork[1:]):
        seen[first:last, start:first] = False
    return torch.zeros(size, size, dtype=dtype, device=device).masked_fill(~seen, torch.finfo(dtype).min)[None, None]


def scores(ways: Sequence[torch.Tensor], priors: Sequence[float], prior_weight: float) -> torch.Tensor:
    """The scores by which `engine/guide` compares the ways of a fork, # [ways]."""
    summed = torch.stack([way.sum() for way in ways])
    return summed + prior_weight * torch.tensor(priors, device=summed.device)


def choice_loss(network: Any, reading: ForkReading, prior_weight: float, writing: float) -> torch.Tensor:
    """The cross entropy of the choices, summed over forks, plus `writing` times the mean cross entropy of the right
    ways' tokens, so that the model does not forget how to write: a scalar."""
    forks = way_log_probs(network, reading)
    chosen = [
        -torch.log_softmax(scores(ways, fork.priors, prior_weight), dim=0)[0]
        for fork, ways in zip(reading.forks, forks, strict=True)
    ]
    written = torch.cat([ways[0] for ways in forks]).mean()
    return torch.stack(chosen).sum() - writing * written


@torch.no_grad()
def choice_metrics(network: Any, held_back: Sequence[ForkReading], prior_weight: float) -> tuple[float, float]:
    """The mean cross entropy of the choices, and the share of right ones."""
    total, right, count = 0.0, 0, 0
    for reading in held_back:
        for fork, ways in zip(reading.forks, way_log_probs(network, reading), strict=True):
            compared = torch.log_softmax(scores(ways, fork.priors, prior_weight), dim=0)
            total -= compared[0].item()
            right += int(compared.argmax() == 0)
            count += 1
    return total / max(count, 1), right / max(count, 1)
