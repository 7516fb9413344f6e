"""Random small models: the engine's laws hold for any weights."""

from __future__ import annotations

import functools

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from fastapply.engine.loader import LoadedModel

VOCABULARY = 48

torch.set_num_threads(1)  # such small matrices are slower on two


@functools.cache
def tiny_model(seed: int, dtype: torch.dtype = torch.float32) -> LoadedModel:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        initializer_range=0.3,  # large enough for varied outputs
    )
    module = LlamaForCausalLM(config).to(dtype).eval()
    return LoadedModel(module, torch.device("cpu"), dtype, 2048)
