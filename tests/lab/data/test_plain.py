"""The plainest edits: each is a change, and its update shows what is new and nothing that the right file lacks."""

from __future__ import annotations

from pathlib import Path

from fastapply.cli import run
from fastapply.text.markers import classify
from fastapply_lab.data.plain import plain_tasks
from fastapply_lab.eval.order import group_of
from fastapply_lab.tasks import read_tasks


def test_what_the_update_shows_stands_in_the_right_file() -> None:
    for task in plain_tasks():
        lines = task.expected.splitlines()
        shown = [line for line in task.update.splitlines() if not classify(line.strip(), task.language)]
        assert all(line in lines for line in shown), task.id
        assert set(lines) <= {*task.original.splitlines(), *shown}, task.id
        assert task.expected != task.original, task.id


def test_a_kind_of_file_is_one_group() -> None:
    assert {group_of(task) for task in plain_tasks() if task.language == "go"} == {
        "plain-go-functions",
        "plain-go-cases",
        "plain-body-go",
    }


def test_the_command_writes_all_of_them(tmp_path: Path) -> None:
    assert run(["data", "plain", "--out", str(tmp_path / "plain.jsonl")]) == 0
    assert len(list(read_tasks(tmp_path / "plain.jsonl"))) == len(list(plain_tasks()))
