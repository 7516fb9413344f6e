"""A prototype that the engine does not use (docs/gpu.md): several sequences in one forward pass, each at its own
position. Kept for the law that it would rest on: a row has the same bits whoever shares the pass."""

from __future__ import annotations

import random

import pytest
import torch
from tiny import DTYPES, VOCABULARY, tiny_model
from transformers import Cache

from fastapply.engine.cache import BlockCache
from fastapply.engine.layers import StaticLayer, causal_mask

BLOCK, VIEW = 32, 512


class BatchLayer(StaticLayer):
    """Buffers of several sequences, [sequences, kv_heads, capacity, head_dim]; `positions` # [sequences, block]."""

    positions: torch.Tensor

    def write(self, buffer, states):
        sequences = torch.arange(len(self.positions))[:, None]
        buffer[sequences, :, self.positions] = states.transpose(1, 2)


@torch.inference_mode()
def forward(model, layers, blocks, starts):
    """Logits of one block of each sequence: # [sequences, block, vocab_size]."""
    positions = torch.tensor(starts)[:, None] + torch.arange(BLOCK)
    for layer in layers:
        layer.positions, layer.view = positions, VIEW
    return model.module(
        input_ids=torch.tensor(blocks),
        position_ids=positions,
        attention_mask=torch.cat([causal_mask(row, VIEW, model.module.dtype) for row in positions]),
        past_key_values=Cache(layers=list(layers)),
        use_cache=True,
    ).logits


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sequences", [2, 4, 8])
def test_a_row_has_the_same_bits_whoever_shares_the_pass(dtype, sequences):
    model, rng = tiny_model(1, dtype), random.Random(sequences)
    layers = [BatchLayer(2 * VIEW) for _ in range(model.module.config.num_hidden_layers)]
    alone = [BlockCache(model, VIEW) for _ in range(sequences)]
    starts = [0] * sequences
    for _ in range(6):
        blocks = [[rng.randrange(3, VOCABULARY) for _ in range(BLOCK)] for _ in range(sequences)]
        together = forward(model, layers, blocks, starts)
        for index, cache in enumerate(alone):
            assert torch.equal(together[index], cache.forward(blocks[index], BLOCK)[:BLOCK]), index
            starts[index] += rng.randrange(1, BLOCK + 1)  # the rest of the block is rejected
            cache.rewind(starts[index])
    assert len(set(starts)) > 1
