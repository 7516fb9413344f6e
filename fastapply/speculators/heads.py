"""The `heads` drafter: small heads on the model's last hidden state predict the tokens after the next one.

This is multi-token prediction (Gloeckle et al. 2404.19737; Medusa 2401.10774) on a frozen trunk, whose embedding and
output matrix the heads share. Each head also sees the token that the previous head chose (as in Hydra 2402.05109); the
first sees the verified token. A guess of token i + 1 without token i is rarely right.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from fastapply.engine.accept import choose
from fastapply.engine.loader import LoadedModel
from fastapply.engine.sampling import Sampling
from fastapply.errors import ModelError
from fastapply.speculators.payoff import Payoff

HEADS_FILE = "heads.safetensors"
COST = 0.1  # in passes of the model: one row through the output matrix, measured on a CPU


class Heads(torch.nn.Module):
    """`count` residual blocks: state_i = gain_i * state_(i-1) + out_i silu(in_i [state_(i-1), embedding of token i]).

    State 0 is the hidden state from which the model chose token 1. The model's output matrix turns state i into the
    logits of token i + 1. Both halves of the input are normalised to root mean square 1. The gain, one for each
    dimension, starts at 0: state i - 1 encodes token i, and a full residual would have to unlearn that first.
    """

    def __init__(self, hidden_size: int, count: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.into = torch.nn.ModuleList(torch.nn.Linear(2 * hidden_size, hidden_size) for _ in range(count))
        self.out = torch.nn.ModuleList(torch.nn.Linear(hidden_size, hidden_size, bias=False) for _ in range(count))
        self.gain = torch.nn.Parameter(torch.zeros(count, hidden_size))
        for weight in self.out.parameters():
            torch.nn.init.zeros_(weight)

    @property
    def count(self) -> int:
        return len(self.into)

    def step(
        self,
        index: int,
        state: torch.Tensor,  # [rows, hidden_size]
        embedded: torch.Tensor,  # [rows, hidden_size], the embedding of the token chosen from `state`
    ) -> torch.Tensor:
        """The state after head `index`, counted from 0: # [rows, hidden_size]."""
        size = (self.hidden_size,)
        seen = torch.cat([F.rms_norm(state, size), F.rms_norm(embedded, size)], dim=-1)
        mixed: torch.Tensor = self.out[index](F.silu(self.into[index](seen)))
        return self.gain[index] * state + mixed


def save_heads(heads: Heads, path: Path) -> None:
    """Write the heads in bfloat16, with a checksum of their tensors."""
    tensors = {name: tensor.detach().cpu().to(torch.bfloat16).contiguous() for name, tensor in heads.named_parameters()}
    save_file(tensors, path, metadata={"sha256": _digest(tensors)})


def load_heads(path: Path, model: LoadedModel) -> Heads:
    """The heads of a file, in evaluation mode.

    Args:
        model: the model whose hidden states they read.
    Raises:
        ModelError: the file is missing, damaged, or for a model of another hidden size.
    """
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
            recorded = (file.metadata() or {}).get("sha256")
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot read the heads {path}: {error}; train them with `fastapply train --heads`") from None
    if recorded != _digest(tensors):
        raise ModelError(f"the heads {path} are damaged (their checksum differs); copy or train them again")
    try:
        heads = Heads(model.module.config.hidden_size, len(tensors["gain"]))
        heads.load_state_dict(tensors)
    except (KeyError, RuntimeError):
        raise ModelError(f"the heads {path} are for another model: train them with `fastapply train --heads`") from None
    return heads.to(model.device, model.module.dtype).eval()


class HeadsDrafter:
    """Drafts as many tokens as pay off, greedily or with the noise of `sampling`, each from the one before it."""

    def __init__(self, heads: Heads, model: LoadedModel, sampling: Sampling) -> None:
        self._heads = heads
        self._embed = model.module.get_input_embeddings()
        self._unembed = model.module.get_output_embeddings()
        self._sampling = sampling
        self._payoff = Payoff(COST, heads.count)
        self._hidden: torch.Tensor | None = None
        self._last = 0  # the output's last token
        self._observed = 0

    def observe(self, token: int) -> None:
        self._payoff.observe(token)
        self._last = token
        self._observed += 1

    def read(self, hidden: torch.Tensor) -> None:  # [hidden_size]
        self._hidden = hidden

    @torch.inference_mode()
    def draft(self, limit: int) -> list[int]:
        draft: list[int] = []
        if self._hidden is not None and self._observed:
            state = self._hidden[None]
            for index in range(min(limit, self._payoff.depth())):
                before = torch.tensor([draft[-1] if draft else self._last], device=state.device)
                state = self._heads.step(index, state, self._embed(before))
                draft += choose(self._unembed(state), [{}], self._sampling, self._observed + index)
        self._payoff.propose(draft)
        return draft


def _digest(tensors: dict[str, torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {list(tensors[name].shape)} ".encode())
        digest.update(tensors[name].contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
