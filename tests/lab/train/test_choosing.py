"""Choices among candidates: what is packed, what one pass reads of it, and that a run learns to choose."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import starmap

import pytest
import torch
from small_model import small_model

from fastapply.backends.base import CandidateText, Rewrite
from fastapply.backends.token_job import JobCodec, TokenJob
from fastapply.cli import run as fastapply
from fastapply.errors import UsageError
from fastapply.prompt import template
from fastapply.types import ApplyRequest
from fastapply_lab.data.choices import ForkReading, read_readings, reading_of, readings, write_readings
from fastapply_lab.tasks import Task
from fastapply_lab.train.choosing import way_log_probs
from fastapply_lab.train.finetune import finetune
from fastapply_lab.train.finetune_recipe import Recipe

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


def job(jobs: JobCodec, candidates: dict[str, float]) -> TokenJob:
    """A rewrite among whole files, each with its prior."""
    request = ApplyRequest(ORIGINAL, UPDATE, path="a.py", language="python")
    return jobs.encode(Rewrite(request, tuple(starmap(CandidateText, candidates.items()))))


@pytest.fixture(scope="module")
def kept(jobs) -> ForkReading:
    """A line stays, though the alignment would sooner change a word of it."""
    other = ORIGINAL.replace("return self.kind", "return self.size")
    return reading_of(job(jobs, {other: 0.0, ORIGINAL: -2.0}), [0.0, -2.0], 1)


def test_the_right_way_is_the_expected_text_and_the_others_are_not(jobs, kept):
    [fork] = kept.forks
    assert fork.priors == (-2.0, 0.0)
    assert fork.doubt > 1
    wanted = job(jobs, {ORIGINAL: 0.0})
    assert kept.main == (*wanted.prompt, *wanted.outputs[0])[: fork.end]
    assert fork.start > len(wanted.prompt)
    right = kept.main[fork.start : fork.end]
    assert all(way[: len(right)] != right[: len(way)] for way in fork.others)


NAMED = ORIGINAL.replace("return self.name", "return str(self.name)")
PLACED = ORIGINAL.replace("return self.path", "return str(self.path)")
FORKS = {  # candidates, the wanted one last
    "the wanted one parts behind another": (ORIGINAL, NAMED, PLACED),
    "another parts behind the wanted one": (ORIGINAL, PLACED, NAMED),
    "the wanted one parts before another has met the leader": (ORIGINAL, "class Node:\n    pass\n", SHORTER),
}


@pytest.mark.parametrize("kind", FORKS)
def test_what_is_right_is_what_is_wanted_at_every_fork(jobs, kind):
    priors = [0.0, -1.0, -2.0]
    asked = job(jobs, dict(zip(FORKS[kind], priors, strict=True)))
    reading = reading_of(asked, priors, 2)
    assert len(reading.forks) == 2
    whole = (*asked.prompt, *asked.outputs[-1])
    assert reading.main == whole[: max(fork.end for fork in reading.forks)]
    for fork in reading.forks:
        assert len(asked.prompt) <= fork.start < fork.end <= len(reading.main)
        right = reading.main[fork.start : fork.end]
        assert all(way[: len(right)] != right[: len(way)] for way in fork.others)
    assert_read_alone(reading)


def assert_read_alone(reading: ForkReading) -> None:
    """One pass over a reading gives each way the log-probabilities that it has by itself."""
    model = small_model().float()
    for fork, ways in zip(reading.forks, way_log_probs(model, reading), strict=True):
        alone = [reading.main[fork.start : fork.end], *fork.others]
        for way, found in zip(alone, ways, strict=True):
            tokens = torch.tensor([[*reading.main[: fork.start], *way]])
            logits = model(tokens).logits[0].log_softmax(-1)
            wanted = [logits[fork.start - 1 + k, token] for k, token in enumerate(way)]
            torch.testing.assert_close(found, torch.stack(wanted), atol=1e-3, rtol=1e-4)


def test_tasks_without_a_choice_or_a_right_candidate_give_none(jobs):
    assert list(readings(Task("1", "python", "", "a = 1\n", "a = 1\n"), jobs)) == []
    assert list(readings(task("something else\n"), jobs)) == []


def test_one_pass_reads_every_way_as_if_it_stood_alone(kept):
    assert_read_alone(kept)


def test_a_short_run_learns_to_choose(jobs, kept, tmp_path):
    reports = []
    recipe = Recipe(
        choosing=True, steps=60, full=True, learning_rate=3e-3, warmup_steps=2, batch_tokens=1, max_tokens=4000
    )
    finetune(small_model(), jobs.codec, template("fastapply"), [kept], [kept], tmp_path, recipe, reports.append)
    assert reports[-1].valid_loss < 0.8 * reports[0].valid_loss
    assert reports[-1].valid_accuracy == 1.0 > reports[0].valid_accuracy


def test_files_of_readings_come_back_as_they_were(kept, tmp_path):
    file = tmp_path / "choices.jsonl"
    assert write_readings([kept, kept], file) == 2
    assert read_readings(file, 1) == [kept]
    for wrong in ("", '{"main": 1}\n', "no JSON\n"):
        file.write_text(wrong)
        with pytest.raises(UsageError, match="choices"):
            read_readings(file)


def test_the_command_writes_the_doubtful_ones(jobs, tmp_path, capsys):
    tasks, out = tmp_path / "tasks.jsonl", tmp_path / "choices.jsonl"
    tasks.write_text("".join(json.dumps(asdict(task(text))) + "\n" for text in (SHORTER, ORIGINAL, "no such text\n")))
    doubts = sorted(reading.doubt for text in (SHORTER, ORIGINAL) for reading in readings(task(text), jobs))
    assert doubts[0] < doubts[-1]
    limit = (doubts[0] + doubts[-1]) / 2
    assert fastapply(["data", "choices", str(tasks), "--out", str(out), "--doubt", str(limit)]) == 0
    assert [reading.doubt for reading in read_readings(out)] == [doubt for doubt in doubts if doubt > limit]
    assert fastapply(["train", str(tasks), "--set", "choosing=true", "--out", str(tmp_path / "adapter")]) == 2
    assert "data choices" in capsys.readouterr().err
