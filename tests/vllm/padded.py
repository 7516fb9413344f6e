"""The embedded model with heads that do nothing added, so that tensor parallelism can divide them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer


def pad_heads(folder: Path, out: Path, kv_heads: int) -> None:
    """The same function in more heads: new queries, keys and values are zero, and so is what they add to the output."""
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    config = model.config
    group = config.num_attention_heads // config.num_key_value_heads
    for layer in model.model.layers:
        attention = layer.self_attn
        for name, heads in {"q_proj": group * kv_heads, "k_proj": kv_heads, "v_proj": kv_heads}.items():
            weight = torch.zeros(heads * config.head_dim, config.hidden_size)
            weight[: getattr(attention, name).weight.shape[0]] = getattr(attention, name).weight.data
            getattr(attention, name).weight = nn.Parameter(weight)
        weight = torch.zeros(config.hidden_size, group * kv_heads * config.head_dim)
        weight[:, : attention.o_proj.weight.shape[1]] = attention.o_proj.weight.data
        attention.o_proj.weight = nn.Parameter(weight)
    config.num_attention_heads, config.num_key_value_heads = group * kv_heads, kv_heads
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(folder).save_pretrained(out)
