"""Choices among candidates: what is packed, what one pass reads of it, and that a run learns to choose."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from small_model import small_model

from fastapply.backends.token_job import JobCodec
from fastapply.cli import run as fastapply
from fastapply.errors import UsageError
from fastapply.prompt import template
from fastapply.train.choices import Reading, read_readings, readings, write_readings
from fastapply.train.choosing import way_log_probs
from fastapply.train.finetune import finetune
from fastapply.train.finetune_recipe import Recipe
from fastapply.types import Task

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]

METHODS = "".join(
    f"    def get_{name}(self):\n        return self.{name}\n\n" for name in ("name", "size", "kind", "path")
)
ORIGINAL = f"class Node:\n{METHODS}"
# Two methods side by side, between which the file has two more: do these stay?
UPDATE = "    def get_name(self):\n        return self.name\n\n    def get_path(self):\n        return self.path\n"
SHORTER = ORIGINAL.replace(METHODS[METHODS.index("    def get_size") : METHODS.index("    def get_path")], "")


@pytest.fixture(scope="module")
def jobs(codec) -> JobCodec:
    return JobCodec(codec, template("fastapply"), 8192)


def task(expected: str) -> Task:
    return Task("1", "python", ORIGINAL, UPDATE, expected)


@pytest.fixture(scope="module")
def deletion(jobs) -> Reading:
    [found] = readings(task(SHORTER), jobs)
    return found


def test_the_right_way_is_the_expected_text_and_the_others_are_not(jobs, deletion):
    [fork] = [fork for fork in deletion.forks if fork.doubt > 0.1]
    assert fork.priors[0] < max(fork.priors), "the alignment keeps the two methods"
    written = jobs.codec.encode(SHORTER)
    right = deletion.main[fork.start : fork.end]
    prompt = len(deletion.main) - fork.end + fork.start  # what is written begins somewhere before the fork
    before = deletion.main[: fork.start]
    output = next(before[k:] + right for k in range(prompt) if list(before[k:] + right) == written[: fork.end - k])
    assert len(output) > len(right)
    assert all(way[: len(right)] != right[: len(way)] for way in fork.others)


def test_tasks_without_a_choice_or_a_right_candidate_give_none(jobs):
    assert list(readings(Task("1", "python", "", "a = 1\n", "a = 1\n"), jobs)) == []
    assert list(readings(task("something else\n"), jobs)) == []


def test_one_pass_reads_every_way_as_if_it_stood_alone(deletion):
    model = small_model().float()
    for fork, ways in zip(deletion.forks, way_log_probs(model, deletion), strict=True):
        alone = [deletion.main[fork.start : fork.end], *fork.others]
        for way, found in zip(alone, ways, strict=True):
            tokens = torch.tensor([[*deletion.main[: fork.start], *way]])
            logits = model(tokens).logits[0].log_softmax(-1)
            wanted = [logits[fork.start - 1 + k, token] for k, token in enumerate(way)]
            torch.testing.assert_close(found, torch.stack(wanted), atol=1e-3, rtol=1e-4)


def test_a_short_run_learns_to_choose(jobs, deletion, tmp_path):
    reports = []
    recipe = Recipe(
        choosing=True, steps=60, full=True, learning_rate=3e-3, warmup_steps=2, batch_tokens=1, max_tokens=4000
    )
    finetune(small_model(), jobs.codec, template("fastapply"), [deletion], [deletion], tmp_path, recipe, reports.append)
    assert reports[-1].valid_loss < 0.8 * reports[0].valid_loss
    assert reports[-1].valid_accuracy == 1.0 > reports[0].valid_accuracy


def test_files_of_readings_come_back_as_they_were(deletion, tmp_path):
    file = tmp_path / "choices.jsonl"
    assert write_readings([deletion, deletion], file) == 2
    assert read_readings(file, 1) == [deletion]
    for wrong in ("", '{"main": 1}\n', "no JSON\n"):
        file.write_text(wrong)
        with pytest.raises(UsageError, match="choices"):
            read_readings(file)


def test_the_command_writes_the_doubtful_ones(tmp_path, capsys):
    tasks, out = tmp_path / "tasks.jsonl", tmp_path / "choices.jsonl"
    tasks.write_text("".join(json.dumps(asdict(task(text))) + "\n" for text in (SHORTER, ORIGINAL, "no such text\n")))
    assert fastapply(["data", "choices", str(tasks), "--out", str(out), "--doubt", "1"]) == 0
    assert len(read_readings(out)) == 1
    assert fastapply(["train", str(tasks), "--set", "choosing=true", "--out", str(tmp_path / "adapter")]) == 2
    assert "data choices" in capsys.readouterr().err
