"""The training of heads for real, on a model small enough for seconds."""

from __future__ import annotations

import random

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from fastapply.engine.loader import LoadedModel
from fastapply.prompt import template
from fastapply.speculators.heads import HEADS_FILE, load_heads
from fastapply_lab.tasks import Task
from fastapply_lab.train.examples import make_example
from fastapply_lab.train.finetune_recipe import Recipe
from fastapply_lab.train.heads import COUNT, accuracy, read, train_heads

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]

TASK = Task("1", "python", "a = 1\nb = 2\nc = 3\n", "b = 5\n", "a = 1\nb = 5\nc = 3\n")
TOO_SHORT = Task("2", "python", "a\n", "b\n", "b\n")


def small_model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49152, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4
    )
    return LlamaForCausalLM(config)


def test_rows_begin_with_the_state_that_chooses_the_first_token(codec):
    model = small_model()
    example = make_example(TASK, codec, template("fastapply"), random.Random(0))
    output = [*codec.encode(TASK.expected), codec.special("<|im_end|>")]
    rows = read(model, [example])
    assert rows.following.tolist() == [output[i : i + 1 + COUNT] for i in range(len(output) - COUNT)]
    prompt = len(example.tokens) - len(output)
    state = model.model(torch.tensor([example.tokens[:prompt]])).last_hidden_state[0, -1]
    torch.testing.assert_close(rows.hidden[0], state, atol=0.05, rtol=0.05)


def test_a_short_run_learns_and_leaves_the_model_alone(codec, tmp_path):
    model, reports = small_model(), []
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    recipe = Recipe(steps=12, learning_rate=2e-2, warmup_steps=2, batch_tokens=60)
    train_heads(model, codec, template("fastapply"), [TASK, TOO_SHORT], [TASK], tmp_path, recipe, reports.append, 3)
    assert len(reports[-1].valid_accuracy) == COUNT
    assert min(reports[-1].valid_accuracy) > 0.4  # none at the start, when all logits are equal
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    loaded = load_heads(tmp_path / HEADS_FILE, LoadedModel(model, torch.device("cpu"), torch.float32, 2048))
    example = make_example(TASK, codec, template("fastapply"), random.Random(0))
    assert accuracy(model, loaded.float(), [read(model, [example])]) == pytest.approx(
        reports[-1].valid_accuracy, abs=0.1
    )


def test_without_held_back_tasks_nothing_is_measured(codec, tmp_path):
    reports = []
    recipe = Recipe(steps=2, batch_tokens=30)
    train_heads(small_model(), codec, template("fastapply"), [TOO_SHORT], [], tmp_path, recipe, reports.append)
    assert reports[-1].valid_accuracy == ()
    assert (tmp_path / HEADS_FILE).exists()
