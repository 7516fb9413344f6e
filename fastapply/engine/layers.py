"""One layer's key/value buffers, and grouped-query attention over a view of them."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from transformers import AttentionInterface
from transformers.cache_utils import CacheLayerMixin

from fastapply.errors import ModelError

VIEW_STEP = 512  # attention sees the cache up to a multiple of this: the CPU kernel sums keys in steps of 512
ATTENTION = "fastapply_grouped"
FULL, SLIDING = "full_attention", "sliding_attention"  # kinds of layers, as transformers names them

KeysValues = list[tuple[torch.Tensor, torch.Tensor]]  # for each layer, [1, kv_heads, tokens, head_dim]


class StaticLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]  # transformers is untyped
    """One layer's buffers, [1, kv_heads, capacity, head_dim]; attention gets a view of the first `view` tokens."""

    def __init__(self, capacity: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.capacity = capacity
        self.start = 0
        self.view = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        batch, heads, _, key_dim = key_states.shape
        # Zeros, because masked values must be finite too.
        self.keys = key_states.new_zeros(batch, heads, self.capacity, key_dim)
        self.values = value_states.new_zeros(batch, heads, self.capacity, value_states.shape[-1])
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        keys, values = self._buffers()
        self.write(keys, key_states)
        self.write(values, value_states)
        return keys[:, :, : self.view], values[:, :, : self.view]

    def _buffers(self) -> tuple[torch.Tensor, torch.Tensor]:
        assert self.keys is not None
        assert self.values is not None
        return self.keys, self.values

    def write(self, buffer: torch.Tensor, states: torch.Tensor) -> None:
        """Write a block's `states`, # [1, kv_heads, block, head_dim], into `buffer` in place."""
        buffer[:, :, self.start : self.start + states.shape[2]] = states

    def clear(self) -> None:
        for buffer in self._buffers():
            buffer.zero_()

    def copy(self, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = self._buffers()
        return keys[:, :, :length].clone(), values[:, :, :length].clone()

    def load(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Write `keys` and `values`, # [1, kv_heads, tokens, head_dim], at the beginning of the buffers."""
        if not self.is_initialized:
            self.lazy_initialization(keys, values)
        for buffer, kept in zip(self._buffers(), (keys, values), strict=True):
            buffer[:, :, : kept.shape[2]] = kept

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

    Query heads that share a key/value head become additional rows of one product.
    """
    batch, heads, block, head_dim = query.shape
    kv_heads = key.shape[1]
    group = heads // kv_heads
    rows = query.reshape(batch, kv_heads, group * block, head_dim)
    mask = attention_mask.expand(-1, group, -1, -1).reshape(batch, 1, group * block, -1)
    out = F.scaled_dot_product_attention(rows, key, value, attn_mask=mask, scale=scaling)
    return out.reshape(batch, heads, block, head_dim).transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, grouped_attention)


def use_grouped_attention(module: Any) -> None:
    """Switch a model to grouped attention. Raises ModelError unless its layers keep keys and values of all tokens, so
    that a sequence can be rewound."""
    if others := _kinds(module.config) - {FULL, SLIDING}:
        raise ModelError(f"this model's layers ({', '.join(sorted(others))}) cannot be rewound; use one with attention")
    if module.config._attn_implementation != ATTENTION:
        module.config._attn_implementation = ATTENTION


def attention_mask(
    config: Any, positions: torch.Tensor, view: int, dtype: torch.dtype
) -> torch.Tensor | dict[str, torch.Tensor]:
    """The mask for a model's layers, as its `forward` takes it: one for each kind if its configuration names kinds,
    # each [1, 1, block, view]."""
    windows = {kind: config.sliding_window if kind == SLIDING else None for kind in _kinds(config)}
    masks = {kind: causal_mask(positions, view, dtype, window) for kind, window in windows.items()}
    return masks if getattr(config, "layer_types", None) else next(iter(masks.values()))


def _kinds(config: Any) -> set[str]:
    return set(getattr(config, "layer_types", None) or [SLIDING if getattr(config, "sliding_window", None) else FULL])


def causal_mask(positions: torch.Tensor, view: int, dtype: torch.dtype, window: int | None = None) -> torch.Tensor:
    """# [1, 1, block, view]: minus infinity after a row's own position, and before the last `window` tokens up to it;
    0 elsewhere."""
    keys = torch.arange(view, device=positions.device)[None, :]
    hidden = keys > positions[:, None]
    if window is not None:
        hidden |= keys <= positions[:, None] - window
    mask = torch.zeros(hidden.shape, dtype=dtype, device=positions.device)
    return mask.masked_fill_(hidden, float("-inf"))[None, None]


def round_up(number: int, step: int) -> int:
    return -(-number // step) * step
