"""A static key/value cache that is fed fixed-size padded blocks and rewound in place.

Every forward pass has one of a few shapes (`BLOCK_SIZES`): shapes that were not seen before cost extra, and a row of
a padded block comes out bitwise the same whichever size it travelled in (tested), which is what makes the fast path
provably equal to the slow one. Rows beyond the tokens are padding: they write keys that the mask hides and the next
block overwrites. Knows token ids only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from transformers import AttentionInterface, Cache
from transformers.cache_utils import CacheLayerMixin

from fastapply.engine.loader import LoadedModel
from fastapply.errors import ModelError, TooLongError

BLOCK_SIZES = (8, 16, 32, 64, 128, 256, 512)
VIEW_STEP = 512  # attention sees the cache up to a multiple of this; the kernel sums keys in steps of 512
ATTENTION = "fastapply_grouped"

KeysValues = list[tuple[torch.Tensor, torch.Tensor]]  # of each layer, [1, kv_heads, tokens, head_dim]


def block_size(tokens: int) -> int:
    """The smallest block that holds `tokens`, at most the largest block."""
    return next((size for size in BLOCK_SIZES if size >= tokens), BLOCK_SIZES[-1])


def prefill_size(tokens: int) -> int:
    """How many of `tokens` waiting tokens to feed next: a full block unless little padding completes the rest."""
    size = block_size(tokens)
    if size - tokens <= max(size // 4, BLOCK_SIZES[0]):
        return min(size, tokens)
    return max(size for size in BLOCK_SIZES if size <= tokens)


class BlockCache:
    """Keys and values of one sequence. `length` tokens are in it; not safe to share between threads."""

    def __init__(self, model: LoadedModel, capacity: int) -> None:
        """Room for `capacity` tokens. Raises TooLongError beyond the model's context, ModelError out of memory."""
        if capacity > model.context:
            raise TooLongError(
                f"the file and the edit need {capacity} tokens and the model's context is {model.context}; "
                "apply the edit to a smaller file, or use a model with a longer context"
            )
        self._model = model
        self._capacity = _round_up(capacity + BLOCK_SIZES[-1], VIEW_STEP)
        self._layers = [_StaticLayer(self._capacity) for _ in range(model.module.config.num_hidden_layers)]
        self._cache = Cache(layers=list(self._layers))
        self.length = 0
        self.forward_passes = 0
        self.keep_hidden = False  # whether `forward` leaves the last hidden states of its kept rows in `hidden`
        self.hidden: torch.Tensor | None = None  # [block_size(keep), hidden_size]
        _use_grouped_attention(model.module)

    @torch.inference_mode()
    def forward(self, tokens: Sequence[int], keep: int) -> torch.Tensor:
        """Feed `tokens` (at most one block); `length` grows by their number.

        Returns the logits of the last `keep` of them, then padding rows: # [block_size(keep), vocab_size]. What is
        computed from them in this fixed shape is bitwise the same in every block.
        """
        assert 0 < keep <= len(tokens) <= BLOCK_SIZES[-1]
        device = self._model.device
        size = block_size(len(tokens))
        start, view = self.length, _round_up(self.length + size, VIEW_STEP)
        for layer in self._layers:
            layer.start, layer.view = start, view
        padded = torch.tensor([[*tokens, *[0] * (size - len(tokens))]], device=device)  # [1, size]
        positions = torch.arange(start, start + size, device=device)
        # The head multiplies a fixed number of rows too: the wanted ones, then the last one again and again.
        rows = torch.arange(len(tokens) - keep, len(tokens) - keep + block_size(keep)).clamp_(max=len(tokens) - 1)
        try:
            output = self._model.module(
                input_ids=padded,
                position_ids=positions[None],
                attention_mask=_causal_mask(positions, view, self._model.dtype),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=rows.to(device),
                output_hidden_states=self.keep_hidden,
            )
        except (RuntimeError, MemoryError) as error:
            if "memory" in str(error).lower() or isinstance(error, MemoryError):
                raise ModelError(f"not enough memory for {self._capacity} tokens on {device}") from error
            raise
        self.length += len(tokens)
        self.forward_passes += 1
        if self.keep_hidden:
            self.hidden = output.hidden_states[-1][0, rows.to(device)]
        logits: torch.Tensor = output.logits[0]
        return logits

    def rewind(self, length: int) -> None:
        """Forget everything after the first `length` tokens, in place, at no cost."""
        assert 0 <= length <= self.length
        self.length = length

    def copy(self, length: int) -> KeysValues:
        """Keys and values of the first `length` tokens, which later blocks do not touch."""
        assert 0 < length <= self.length
        return [layer.copy(length) for layer in self._layers]

    def load(self, kept: KeysValues, length: int) -> None:
        """Start, while empty, with the first `length` tokens of what another cache of this model has copied."""
        assert self.length == 0
        for layer, (keys, values) in zip(self._layers, kept, strict=True):
            layer.load(keys[:, :, :length], values[:, :, :length])
        self.length = length


class _StaticLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]  # transformers is untyped
    """One layer's buffers, [1, kv_heads, capacity, head_dim]; attention gets a view of the first `view` tokens."""

    def __init__(self, capacity: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.capacity = capacity
        self.start = 0
        self.view = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        batch, heads, _, key_dim = key_states.shape
        # Zeros: what the mask hides must still be a finite number.
        self.keys = key_states.new_zeros(batch, heads, self.capacity, key_dim)
        self.values = value_states.new_zeros(batch, heads, self.capacity, value_states.shape[-1])
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None
        assert self.values is not None
        end = self.start + key_states.shape[2]
        self.keys[:, :, self.start : end] = key_states
        self.values[:, :, self.start : end] = value_states
        return self.keys[:, :, : self.view], self.values[:, :, : self.view]

    def copy(self, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        assert self.keys is not None
        assert self.values is not None
        return self.keys[:, :, :length].clone(), self.values[:, :, :length].clone()

    def load(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        self.lazy_initialization(keys, values)
        self.start = 0
        self.view = keys.shape[2]
        self.update(keys, values)

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.view, 0

    def get_seq_length(self) -> int:
        return self.start

    def get_max_length(self) -> int:
        return self.capacity


def grouped_attention(
    module: torch.nn.Module,
    query: torch.Tensor,  # [1, heads, block, head_dim]
    key: torch.Tensor,  # [1, kv_heads, view, head_dim]
    value: torch.Tensor,  # [1, kv_heads, view, head_dim]
    attention_mask: torch.Tensor,  # [1, 1, block, view], added to the scores
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Grouped-query attention (Ainslie et al. 2305.13245) without copying keys for each query head.

    The query heads that share a key/value head are laid side by side as more rows of it.
    """
    batch, heads, block, head_dim = query.shape
    kv_heads = key.shape[1]
    group = heads // kv_heads
    rows = query.reshape(batch, kv_heads, group * block, head_dim)
    mask = attention_mask.expand(-1, group, -1, -1).reshape(batch, 1, group * block, -1)
    out = F.scaled_dot_product_attention(rows, key, value, attn_mask=mask, scale=scaling)
    return out.reshape(batch, heads, block, head_dim).transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, grouped_attention)


def _use_grouped_attention(module: Any) -> None:
    """Models whose layers all attend to everything get the grouped attention. Raises ModelError for the others."""
    kinds = set(getattr(module.config, "layer_types", None) or ["full_attention"])
    if kinds != {"full_attention"}:
        raise ModelError(
            f"this model's layers ({', '.join(sorted(kinds))}) cannot be rewound; use one with full attention"
        )
    if module.config._attn_implementation != ATTENTION:
        module.config._attn_implementation = ATTENTION


def _causal_mask(positions: torch.Tensor, view: int, dtype: torch.dtype) -> torch.Tensor:
    """# [1, 1, block, view]: 0 where a row may look, minus infinity after its own position."""
    later = torch.arange(view, device=positions.device)[None, :] > positions[:, None]
    return torch.zeros(later.shape, dtype=dtype, device=positions.device).masked_fill_(later, float("-inf"))[None, None]


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step
