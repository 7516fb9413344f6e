"""Two processes of the CPU train one adapter for real."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file
from small_model import lay_out

from fastapply.cli import run as fastapply

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]


def test_two_processes_learn_what_one_learns(cli, monkeypatch, capsys):
    """Each takes half of a step's micro-batches: the sums of the gradients differ by rounding only."""
    asked = ["-m", "fastapply", "train", "tasks.jsonl", "--steps", "4", "--rank", "2", "--set", "batch_tokens=300"]
    asked += ["--set", "micro_tokens=100", "--set", "warmup_steps=1", "--template", "fastapply", *lay_out(cli.folder)]

    monkeypatch.chdir(cli.folder)
    assert fastapply([*asked[2:], "--out", "one"]) == 0
    assert "processes" not in capsys.readouterr().err
    launched = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", *asked, "--out", "two"]
    done = subprocess.run(launched, env=cli.env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 processes share each step" in done.stderr
    one, two = (load_file(cli.folder / name / "adapter_model.safetensors") for name in ("one", "two"))
    moved = [name for name in one if "lora_B" in name and one[name].any()]
    assert moved
    close = [torch.cosine_similarity(one[n].float().flatten(), two[n].float().flatten(), dim=0) for n in moved]
    assert min(close) > 0.9
    assert len((cli.folder / "two" / "log.jsonl").read_text().splitlines()) == 5
