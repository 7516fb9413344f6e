"""The embedded model as a GGUF file: the base's own tokenizer and facts, our weights in 4 or 8 bits or in float16; with
fewer layers, or with more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from safetensors.torch import load_file

KINDS = {"q4_0": GGMLQuantizationType.Q4_0, "q8_0": GGMLQuantizationType.Q8_0, "f16": GGMLQuantizationType.F16}
# What these give is added to what a layer was given: without them it changes nothing.
ADDED = ("attn_output", "ffn_down")
SUBMODULES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
OUTSIDE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}


def convert(base: Path, folder: Path, out: Path, kind: str, layers: int | None = None) -> None:
    """`base`: the GGUF file of the base model; `folder`: the weights with the adapter merged. `layers`: the first ones
    of fewer; of more, those beyond the model's own change nothing, and cost as much as any."""
    read = GGUFReader(base)
    weights = load_file(folder / "model.safetensors")
    heads = {part: int(read.fields[f"llama.attention.{part}"].contents()) for part in ("head_count", "head_count_kv")}
    own = int(read.fields["llama.block_count"].contents())
    layers = layers or own
    writer = GGUFWriter(out, "llama")
    for name, field in read.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        value = {"general.name": "fastapply-135m", "llama.block_count": layers}.get(name, field.contents())
        inner = field.types[1] if field.types[0] is GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, field.types[0], inner)
    for name, source in _tensors([tensor.name for tensor in read.tensors], own, layers):
        matrix = _weight(source, weights, heads)
        if name != source and name.split(".")[2] in ADDED:
            matrix = np.zeros_like(matrix)
        wanted = KINDS[kind] if matrix.ndim > 1 else GGMLQuantizationType.F32
        writer.add_tensor(name, gguf.quants.quantize(matrix, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(names: list[str], own: int, layers: int) -> Iterator[tuple[str, str]]:
    """The tensors of a model with so many layers, each with the one of the base that it is like."""
    yield from ((name, name) for name in names if name in OUTSIDE)
    for layer in range(layers):
        like = f"blk.{layer % own}."
        yield from ((f"blk.{layer}.{name.removeprefix(like)}", name) for name in names if name.startswith(like))


def _weight(name: str, weights: dict[str, torch.Tensor], heads: dict[str, int]) -> np.ndarray[Any, Any]:
    if name in OUTSIDE:
        return weights[OUTSIDE[name]].float().numpy()
    _, layer, part, _ = name.split(".")
    matrix = weights[f"model.layers.{layer}.{SUBMODULES[part]}.weight"].float().numpy()
    count = {"attn_q": heads["head_count"], "attn_k": heads["head_count_kv"]}.get(part)
    if count is None:
        return matrix
    # llama.cpp turns neighbouring dimensions of a head, transformers the two halves.
    halves = matrix.reshape(count, 2, matrix.shape[0] // count // 2, matrix.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(matrix.shape))


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], *map(int, sys.argv[5:]))
