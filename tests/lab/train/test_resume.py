"""Runs of so many steps give the same bytes: again, cut in two, and on the command line."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from program import SECONDS
from safetensors.torch import load_file
from small_model import TASKS, lay_out, small_model
from transformers import LlamaForCausalLM

from fastapply.cli import run as fastapply
from fastapply.errors import UsageError
from fastapply.prompt import Codec, template
from fastapply_lab.tasks import Task
from fastapply_lab.train.checkpoint import FILE, read_state
from fastapply_lab.train.finetune import StepReport, finetune
from fastapply_lab.train.finetune_recipe import Recipe, load_recipe
from fastapply_lab.train.picture import draw_losses

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]

RECIPE = Recipe(steps=6, rank=4, warmup_steps=2, batch_tokens=300, micro_tokens=200, report_every=3)


def train(
    codec: Codec, out: Path, recipe: Recipe = RECIPE, tasks: list[Task] = TASKS, **more: object
) -> list[StepReport]:
    reports: list[StepReport] = []
    finetune(small_model(), codec, template("fastapply"), tasks, tasks[:2], out, recipe, reports.append, **more)
    return reports


def adapter(folder: Path) -> bytes:
    return (folder / "adapter_model.safetensors").read_bytes()


class StopAfter:
    """Says stop at the `count`-th question."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


@pytest.fixture(scope="module")
def whole(codec, tmp_path_factory) -> tuple[Path, list[StepReport]]:
    out = tmp_path_factory.mktemp("whole")
    return out, train(codec, out)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(codec, whole, tmp_path):
    train(codec, tmp_path / "again")
    train(codec, tmp_path / "other", RECIPE.model_copy(update={"seed": 1}))
    assert adapter(tmp_path / "again") == adapter(whole[0])
    assert adapter(tmp_path / "other") != adapter(whole[0])


@pytest.mark.parametrize("cut", [1, 4])
def test_a_run_cut_in_two_gives_the_bytes_of_one_in_one_piece(codec, whole, tmp_path, cut):
    first = train(codec, tmp_path, stop=StopAfter(cut))
    assert read_state(tmp_path).step == cut == first[-1].step
    assert adapter(tmp_path) != adapter(whole[0])
    (tmp_path / "adapter_model.safetensors").write_bytes(b"half written")
    second = train(codec, tmp_path, resume=True)
    assert adapter(tmp_path) == adapter(whole[0])
    numbers = [{**asdict(row), "minutes": 0} for row in (*first, *second)]
    assert numbers == [{**asdict(row), "minutes": 0} for row in whole[1]]
    assert not (tmp_path / FILE).exists(), "a finished run leaves no checkpoint"


def test_all_weights_are_trained_and_gone_on_with(codec, tmp_path):
    recipe = RECIPE.model_copy(update={"full": True, "steps": 3})
    train(codec, tmp_path / "whole", recipe)
    train(codec, tmp_path / "cut", recipe, stop=StopAfter(2))
    train(codec, tmp_path / "cut", recipe, resume=True)
    tensors, same = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "cut"))
    assert all(torch.equal(tensor, same[name]) for name, tensor in tensors.items())
    loaded = LlamaForCausalLM.from_pretrained(tmp_path / "whole")
    assert loaded.num_parameters() > 1_000_000
    assert Codec.load(tmp_path / "whole").encode("a = 1") == codec.encode("a = 1")


def test_gradient_checkpointing_learns_the_same(codec, whole, tmp_path):
    reports = train(codec, tmp_path, RECIPE.model_copy(update={"gradient_checkpointing": True}))
    assert reports[-1].valid_loss == pytest.approx(whole[1][-1].valid_loss, rel=1e-2)


def test_what_cannot_be_gone_on_with_is_refused(codec, whole, tmp_path):
    with pytest.raises(UsageError, match="holds no checkpoint"):
        train(codec, whole[0], resume=True)
    train(codec, tmp_path, stop=StopAfter(1))
    with pytest.raises(UsageError, match="learns from other tasks"):
        train(codec, tmp_path, tasks=TASKS[:3], resume=True)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:100])
    with pytest.raises(UsageError, match="cannot be read"):
        train(codec, tmp_path, resume=True)


def test_a_limit_that_no_task_keeps_is_an_error_not_a_wait(codec, tmp_path):
    with pytest.raises(UsageError, match="raise max_tokens"):
        train(codec, tmp_path, RECIPE.model_copy(update={"max_tokens": 5}))


def test_options_stand_above_the_recipe(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text("rank = 8\nseed = 3\n[weights]\nnew = 4\n")
    recipe = load_recipe(file, ["weights.decision = 20"], rank=16, seed=None)
    file.write_text(file.read_text().replace("rank", "steps = 5\nrank"))
    assert (load_recipe(file).steps, load_recipe(file, minutes=2).steps) == (5, None)
    assert (recipe.rank, recipe.seed, recipe.weights.new, recipe.weights.decision) == (16, 3, 4, 20)
    for name in ("finetune_cpu.toml", "finetune_gpu.toml"):
        assert load_recipe(Path(name)).report_every != Recipe().report_every


@pytest.mark.parametrize(
    ("text", "said"),
    [("ranks = 3", "`ranks`"), ("rank = 0", "`rank`"), ("[weights]\nnew = -1", "`weights.new`"), ("rank", "r.toml")],
)
def test_a_wrong_recipe_is_named(tmp_path, text, said):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        load_recipe(tmp_path / "r.toml")
    with pytest.raises(UsageError, match=r"finetune_cpu\.toml, finetune_gpu\.toml"):
        load_recipe(tmp_path / "none.toml")


def test_the_picture_is_drawn_from_the_log(whole, tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(asdict(row)) + "\n" for row in whole[1]))
    draw_losses(log, tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_a_polite_kill_saves_and_the_command_goes_on(cli, monkeypatch, capsys):
    model = lay_out(cli.folder)
    cli.env["FASTAPPLY_THREADS"] = "1"  # as in this process: sums depend on how many threads share them
    ask = ("train", "tasks.jsonl", "--steps", "60", "--rank", "2", "--set", "batch_tokens=200", *model)
    ask += ("--template", "fastapply")
    log = cli.folder / "cut" / "log.jsonl"
    process = cli.start(*ask, "--out", "cut")
    while not log.exists() or log.read_text().count("\n") < 5:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert b"stopped; go on with: --resume cut" in said
    log.write_text(log.read_text() + json.dumps({"step": 1000}) + "\n")  # what a later crash may leave
    monkeypatch.chdir(cli.folder)
    assert fastapply(["train", "tasks.jsonl", "--resume", "cut", "--rank", "3"]) == 2
    assert "leave out --rank" in capsys.readouterr().err
    assert fastapply([*ask, "--out", "cut"]) == 2
    assert "cut holds a stopped run" in capsys.readouterr().err
    assert fastapply(["train", "tasks.jsonl", "--resume", "cut", *model]) == 0
    assert [json.loads(line)["step"] for line in log.read_text().splitlines()] == list(range(61))
    assert fastapply([*ask, "--out", "whole"]) == 0
    assert adapter(cli.folder / "cut") == adapter(cli.folder / "whole")
