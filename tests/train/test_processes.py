"""Two processes of the CPU train one adapter for real."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file
from small_model import lay_out

pytestmark = pytest.mark.model


def test_two_processes_learn_what_one_learns(cli):
    """Each takes half of a step's micro-batches: the sums of the gradients differ by rounding only."""
    asked = ["-m", "fastapply", "train", "tasks.jsonl", "--steps", "4", "--rank", "2", "--set", "batch_tokens=300"]
    asked += ["--set", "micro_tokens=100", "--set", "warmup_steps=1", "--template", "fastapply", *lay_out(cli.folder)]

    def run(*before: str, out: str) -> str:
        command = [sys.executable, *before, *asked, "--out", out]
        done = subprocess.run(command, cwd=cli.folder, env=cli.env, capture_output=True, timeout=200, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stderr.decode()

    assert "processes" not in run(out="one")
    assert "2 processes share each step" in run("-m", "torch.distributed.run", "--nproc-per-node", "2", out="two")
    one, two = (load_file(cli.folder / name / "adapter_model.safetensors") for name in ("one", "two"))
    moved = [name for name in one if "lora_B" in name and one[name].any()]
    assert moved
    close = [torch.cosine_similarity(one[n].float().flatten(), two[n].float().flatten(), dim=0) for n in moved]
    assert min(close) > 0.9
    assert len((cli.folder / "two" / "log.jsonl").read_text().splitlines()) == 5
