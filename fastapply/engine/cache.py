"""A static key/value cache that is fed fixed-size padded blocks and rewound in place.

Every forward pass has one of a few shapes (`BLOCK_SIZES`), because a new shape costs extra. A row comes out bitwise the
same in a block of any size (tested); so speculative decoding gives the same output as plain decoding. Rows beyond the
tokens are padding. They write keys that the mask hides and the next block overwrites.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import Cache

from fastapply.engine.layers import VIEW_STEP, KeysValues, StaticLayer, attention_mask, round_up, use_grouped_attention
from fastapply.engine.loader import LoadedModel
from fastapply.engine.products import Rows, settle_products
from fastapply.errors import ModelError, TooLongError

BLOCK_SIZES = (8, 16, 32, 64, 128, 256, 512)


def block_size(tokens: int) -> int:
    """The size of the smallest block that holds `tokens` tokens, or of the largest block if none does."""
    return next((size for size in BLOCK_SIZES if size >= tokens), BLOCK_SIZES[-1])


class BlockCache:
    """Keys and values of one sequence of `length` tokens. Not thread-safe."""

    def __init__(self, model: LoadedModel, capacity: int) -> None:
        """Room for `capacity` tokens. Raises TooLongError beyond the model's context, ModelError out of memory."""
        if capacity > model.context:
            raise TooLongError(
                f"the file and the edit need {capacity} tokens and the model's context is {model.context}; "
                "apply the edit to a smaller file, or use a model with a longer context"
            )
        self._model = model
        self._capacity = round_up(capacity + BLOCK_SIZES[-1], VIEW_STEP)
        self._arena = model.arenas.lend(self, self._capacity) if model.arenas else None
        self._layers: Sequence[StaticLayer] = (
            self._arena.layers
            if self._arena
            else [StaticLayer(self._capacity) for _ in range(model.module.config.num_hidden_layers)]
        )
        self._cache = Cache(layers=list(self._layers))
        self.length = 0
        self.forward_passes = 0
        # Whether `forward` stores the last hidden states of its kept rows in `hidden`. Passes in an arena never do.
        self.keep_hidden = False
        self.hidden: torch.Tensor | None = None  # [at least keep, hidden_size]
        use_grouped_attention(model.module)
        self._rows = Rows(BLOCK_SIZES[0], BLOCK_SIZES[-1]) if self._arena else settle_products(model.module)

    @torch.inference_mode()
    def forward(self, tokens: Sequence[int], keep: int) -> torch.Tensor:
        """Feed `tokens` (at most one block); `length` grows by their number.

        Returns the logits of the last `keep` tokens, then padding rows: # [at least keep, vocab_size]. The fixed shape
        makes whatever is computed from a row bitwise the same in every block.
        """
        assert 0 < keep <= len(tokens) <= BLOCK_SIZES[-1]
        try:
            if self._arena:
                logits = self._arena.forward(tokens, self.length, keep)
                self.forward_passes += self._arena.passes_for(len(tokens))
            else:
                logits = self._forward_fitting(tokens, keep)
                self.forward_passes += 1
        except (RuntimeError, MemoryError) as error:
            if "memory" in str(error).lower() or isinstance(error, MemoryError):
                raise ModelError(f"not enough memory for {self._capacity} tokens on {self._model.device}") from error
            raise
        self.length += len(tokens)
        return logits

    def _forward_fitting(self, tokens: Sequence[int], keep: int) -> torch.Tensor:
        """One pass over the smallest block that holds `tokens`."""
        device = self._model.device
        size = max(block_size(len(tokens)), self._rows.least)
        start, view = self.length, round_up(self.length + size, VIEW_STEP)
        for layer in self._layers:
            layer.start, layer.view = start, view
        padded = torch.tensor([[*tokens, *[0] * (size - len(tokens))]], device=device)  # [1, size]
        positions = torch.arange(start, start + size, device=device)
        # The head multiplies a fixed number of rows too: the wanted ones, then copies of the last one.
        kept = max(block_size(keep), self._rows.least)
        rows = torch.arange(len(tokens) - keep, len(tokens) - keep + kept).clamp_(max=len(tokens) - 1)
        output = self._model.module(
            input_ids=padded,
            position_ids=positions[None],
            attention_mask=attention_mask(self._model.module.config, positions, view, self._model.module.dtype),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=rows.to(device),
            output_hidden_states=self.keep_hidden,
        )
        if self.keep_hidden:
            self.hidden = output.hidden_states[-1][0, rows.to(device)]
        logits: torch.Tensor = output.logits[0]
        return logits

    def rewind(self, length: int) -> None:
        """Drop everything after the first `length` tokens, in place and without copying."""
        assert 0 <= length <= self.length
        self.length = length

    def copy(self, length: int) -> KeysValues:
        """A copy of the keys and values of the first `length` tokens."""
        assert 0 < length <= self.length
        return [layer.copy(length) for layer in self._layers]

    @torch.inference_mode()
    def load(self, kept: KeysValues, length: int) -> None:
        """Fill an empty cache with the first `length` tokens of `kept`, a copy from another cache of this model."""
        assert self.length == 0
        for layer, (keys, values) in zip(self._layers, kept, strict=True):
            layer.load(keys[:, :, :length], values[:, :, :length])
        self.length = length
