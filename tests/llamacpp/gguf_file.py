"""The embedded model as a GGUF file: the base's own tokenizer and facts, our weights in 8 bits or in float16."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from safetensors.torch import load_file

KINDS = {"q8_0": GGMLQuantizationType.Q8_0, "f16": GGMLQuantizationType.F16}
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


def convert(base: Path, folder: Path, out: Path, kind: str) -> None:
    """`base`: the GGUF file of the base model; `folder`: the weights with the adapter merged."""
    read = GGUFReader(base)
    weights = load_file(folder / "model.safetensors")
    heads = {part: int(read.fields[f"llama.attention.{part}"].contents()) for part in ("head_count", "head_count_kv")}
    writer = GGUFWriter(out, "llama")
    for name, field in read.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        value = "fastapply-135m" if name == "general.name" else field.contents()
        inner = field.types[1] if field.types[0] is GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, field.types[0], inner)
    for tensor in read.tensors:
        matrix = _weight(tensor.name, weights, heads)
        wanted = KINDS[kind] if matrix.ndim > 1 else GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, gguf.quants.quantize(matrix, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


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
    convert(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
