"""Random small models: the engine's laws hold for any weights."""

from __future__ import annotations

import functools

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from fastapply.backends.drafting import COMPUTED, DRAFTERS, Drafting, Output
from fastapply.engine.drafts import SOURCED, make_drafter
from fastapply.engine.integers import to_integers
from fastapply.engine.loader import LoadedModel
from fastapply.engine.sampling import GREEDY
from fastapply.speculators.draft_model import DraftModel, ModelDrafter, some_layers
from fastapply.speculators.heads import Heads, HeadsDrafter
from fastapply_lab.bench import drafters

VOCABULARY = 48
DTYPES = (torch.float32, torch.bfloat16, torch.int8)


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
    module = LlamaForCausalLM(config).eval()
    if dtype is torch.int8:
        to_integers(module)
    else:
        module.to(dtype)
    return LoadedModel(module, torch.device("cpu"), dtype, 2048)


def tiny_heads(model: LoadedModel) -> Heads:
    """Heads that say something: random, not zero as at the start of a training."""
    torch.manual_seed(7)
    heads = Heads(model.module.config.hidden_size, 3)
    for parameter in heads.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return heads.to(model.module.dtype).eval()


def drafter_for(name, model, sources, prompt, limit, sampling=GREEDY, draft: DraftModel | None = None):
    """Any drafter there is, for one output of at most `limit` tokens of a small model."""
    make = {
        **{name: lambda name=name: make_drafter(name, sources) for name in SOURCED},
        "heads": lambda: HeadsDrafter(tiny_heads(model), model, sampling),
        "model": lambda: ModelDrafter(draft or some_layers(model, [0]), prompt, len(prompt) + limit, sampling),
        "original": lambda: drafters.original(Drafting())(Output(sources)),
        "two-cursor": lambda: drafters.two_cursor(Drafting())(Output(sources)),
        "cascade": lambda: drafters.in_turn([make[name]() for name in ("merge", "suffix", *COMPUTED)]),
    }
    assert set(make) == set(DRAFTERS)
    return make[name]()
