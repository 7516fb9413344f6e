"""The training loop for real, on a model small enough for seconds."""

from __future__ import annotations

import json
import random

import pytest
import torch
from small_model import lay_out, small_model

from fastapply.config import load_settings
from fastapply.engine.weights import merge_lora
from fastapply.prompt import template
from fastapply_lab.tasks import Task
from fastapply_lab.train.command import load_trainable
from fastapply_lab.train.examples import make_example
from fastapply_lab.train.finetune import finetune
from fastapply_lab.train.finetune_recipe import Recipe, Weights

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]

TASK = Task("1", "python", "a = 1\nb = 2\nc = 3\n", "b = 5\n", "a = 1\nb = 5\nc = 3\n")


def test_only_the_output_is_predicted_and_the_decision_weighs_most(codec):
    example = make_example(TASK, codec, template("fastapply"), random.Random(0))
    output = len(codec.encode(TASK.expected)) + 1
    assert not any(example.weights[:-output])
    assert example.weights[-1] == Weights().closing
    decided = [codec.decode([example.tokens[i]]) for i in sorted(example.decisions)]
    assert decided[0] == "5"
    assert all(example.weights[i] == Weights().decision for i in example.decisions)


def test_a_short_run_learns_and_writes_an_adapter_that_merges(codec, tmp_path):
    reports = []
    recipe = Recipe(steps=15, rank=4, learning_rate=2e-2, warmup_steps=2, batch_tokens=200, report_every=5)
    finetune(small_model(), codec, template("fastapply"), [TASK], [TASK], tmp_path, recipe, reports.append)
    assert reports[0].step == 0
    assert reports[-1].valid_loss < reports[0].valid_loss
    assert reports[-1].tokens > 0
    assert json.loads((tmp_path / "recipe.json").read_text())["rank"] == 4
    assert json.loads((tmp_path / "adapter_config.json").read_text())["base_model_name_or_path"] is None
    merged, base = small_model(), small_model()
    merge_lora(merged, tmp_path)
    name = "model.layers.0.self_attn.q_proj.weight"
    assert not torch.equal(merged.state_dict()[name], base.state_dict()[name])


def test_a_model_in_integers_is_trained_in_float32(tmp_path):
    lay_out(tmp_path)
    loaded = load_trainable(tmp_path / "model", load_settings(device="cpu", dtype="int8"))
    assert loaded.dtype is torch.float32
    assert type(loaded.module.lm_head) is torch.nn.Linear
