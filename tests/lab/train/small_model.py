"""A model small enough to train in seconds, with the vocabulary of the embedded one, and tasks for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from fastapply.config import load_settings
from fastapply.engine.weights import adapter_folder, embedded_folder
from fastapply.prompt import Codec
from fastapply_lab.tasks import Task

TASKS = [
    Task(str(n), "python", f"a = {n}\nb = 2\nc = 3\n" * (n + 1), f"b = {n + 5}\n", f"a = {n}\nb = {n + 5}\nc = 3\n")
    for n in range(6)
]


def load_codec() -> Codec:
    return Codec.load(embedded_folder(load_settings().cache_dir, adapter_folder()))


def small_model(size: int = 32) -> LlamaForCausalLM:
    """Always the same weights."""
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=49152, hidden_size=size, intermediate_size=2 * size, num_hidden_layers=2, num_attention_heads=4
    )
    return LlamaForCausalLM(config).to(torch.bfloat16)


def lay_out(folder: Path, tasks: Sequence[Task] = TASKS) -> tuple[str, ...]:
    """Writes `model` and `tasks.jsonl`; returns options that name the model."""
    small_model(16).save_pretrained(folder / "model")
    load_codec().tokenizer.save_pretrained(folder / "model")
    (folder / "tasks.jsonl").write_text("".join(json.dumps(asdict(task)) + "\n" for task in tasks))
    return ("--model", "model", "--device", "cpu")
