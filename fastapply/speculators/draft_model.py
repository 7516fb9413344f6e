"""The `model` drafter: a smaller model writes a few tokens ahead, and the target model verifies them.

This is speculative decoding with a draft model (Leviathan et al. 2211.17192). If the target samples, the draft model
samples with the same noise, so that the two agree wherever their distributions are close (Daliri et al. 2408.07978). A
draft model can be made from the target itself: from some of its layers (self-speculative decoding, Zhang et al.
2309.08168) or from its weights in 8 bits.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from fastapply.engine.accept import choose
from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.loader import LoadedModel
from fastapply.engine.sampling import Sampling
from fastapply.engine.sequences import common_prefix
from fastapply.errors import ModelError, UsageError
from fastapply.speculators.payoff import Payoff

LONGEST = BLOCK_SIZES[0] - 1  # tokens in a draft; with the pending token it fills the smallest block
INT8_COST = 0.5  # in passes in bfloat16, measured on a CPU that has both in hardware


@dataclass(frozen=True)
class DraftModel:
    """`cost`: the cost of one drafted token, in passes of the target. `vocabulary`: both models know all smaller token
    ids."""

    model: LoadedModel
    cost: float
    vocabulary: int


def some_layers(target: LoadedModel, kept: Sequence[int] | None = None) -> DraftModel:
    """`target` with only the layers in `kept` (None: without every fourth one, from layer 2 on). Shares the weights.

    Raises:
        UsageError: `target` lacks one of the layers.
    """
    body = target.module.base_model
    if kept is None:
        kept = [layer for layer in range(len(body.layers)) if layer % 4 != 2]
    if not kept or max(kept) >= len(body.layers):
        raise UsageError(f"--draft-model: the model has layers 0-{len(body.layers) - 1}")
    module = _shallow(target.module)
    lean = _shallow(body)
    lean.layers = torch.nn.ModuleList(body.layers[index] for index in kept)
    setattr(module, module.base_model_prefix, lean)
    return smaller_model(target, replace(target, module=module))


def in_8_bits(target: LoadedModel) -> DraftModel:
    """A copy of `target` with 8-bit matrices, quantised dynamically. Raises ModelError unless `target` runs on a CPU,
    and not in 8 bits itself."""
    if target.device.type != "cpu":
        raise ModelError("the draft model `int8` runs on the CPU only; use --draft-model layers or a smaller model")
    if target.dtype is torch.int8:
        raise ModelError("the draft model `int8` is as slow as a model in int8; use --draft-model layers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated in favour of a separate package
        module = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            copy.deepcopy(target.module).float(), {torch.nn.Linear}, dtype=torch.qint8
        )
    return DraftModel(replace(target, module=module, dtype=torch.float32), INT8_COST, module.config.vocab_size)


def smaller_model(target: LoadedModel, draft: LoadedModel) -> DraftModel:
    """`draft`, another model with the same vocabulary, as a draft model for `target`."""
    vocabulary = min(model.module.config.vocab_size for model in (target, draft))
    return DraftModel(draft, _parameters(draft.module) / _parameters(target.module), vocabulary)


def parse_layers(text: str) -> list[int]:
    """The layer numbers in a list such as `0-4,25-29`. Raises UsageError."""
    try:
        ranges = [[int(end) for end in part.split("-")] for part in text.split(",")]
        return sorted({layer for ends in ranges for layer in range(ends[0], ends[-1] + 1)})
    except ValueError:
        raise UsageError(f"--draft-model: `{text}` names no layers; write for example layers:0-4,25-29") from None


class ModelDrafter:
    """Drafts as many tokens as pay off, greedily or with the noise of `sampling`.

    Its cache follows the output: it rewinds rejected drafts and reads tokens that it did not draft. It reads the prompt
    with the first draft. Beyond the draft model's context it drafts nothing.
    """

    def __init__(self, draft: DraftModel, prompt: Sequence[int], capacity: int, sampling: Sampling) -> None:
        """`capacity`: the most tokens in prompt and output together."""
        self._cache = BlockCache(draft.model, min(capacity, draft.model.context))
        self._known = list(prompt)  # prompt and output so far
        self._prompt = len(prompt)
        self._fed: list[int] = []  # the tokens in the cache, drafts included
        self._right = 0  # how many of them are known to equal the prompt and output
        self._room = draft.model.context
        self._vocabulary = draft.vocabulary
        self._sampling = sampling
        self._payoff = Payoff(draft.cost, LONGEST)

    def observe(self, token: int) -> None:
        self._known.append(token)
        self._payoff.observe(token)

    def draft(self, limit: int) -> list[int]:
        draft: list[int] = []
        wanted = min(limit, self._payoff.depth(), self._room - len(self._known))
        for position in range(len(self._known) - self._prompt, len(self._known) - self._prompt + wanted):
            draft += choose(self._next_logits(draft), [{}], self._sampling, position)
        self._payoff.propose(draft)
        return draft

    def _next_logits(self, draft: list[int]) -> torch.Tensor:
        """The logits after prompt, output and the draft so far: # [1 + padding, vocabulary]."""
        wanted = [*self._known, *draft]
        self._right += common_prefix(self._fed[self._right :], wanted[self._right :])
        self._right = min(self._right, len(wanted) - 1)  # the last one is fed again for its logits
        self._cache.rewind(self._right)
        for start in range(self._right, len(wanted), BLOCK_SIZES[-1]):
            # A token that the draft model lacks has no embedding, so token 0 stands in for it.
            block = [token if token < self._vocabulary else 0 for token in wanted[start : start + BLOCK_SIZES[-1]]]
            logits = self._cache.forward(block, keep=1)
        self._fed, self._right = wanted, len(self._known)
        return logits[:, : self._vocabulary]


def _shallow(module: Any) -> Any:
    """A copy whose submodules are shared but can be replaced one by one."""
    same = copy.copy(module)
    same._modules = dict(module._modules)
    return same


def _parameters(module: Any) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
