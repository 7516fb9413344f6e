"""What ends `make data train eval`: the table, and an adapter that is named."""

from __future__ import annotations

import json

import pytest

from fastapply.cli import run as fastapply
from fastapply.engine.weights import adapter_folder, chosen_adapter
from fastapply_lab.train.chain import compare


def test_the_table_sets_the_first_look_beside_the_last(tmp_path):
    rows = [(0, 2.5, 0.5), (1, None, None), (2, 0.25, 0.875)]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps({"step": s, "valid_loss": a, "valid_accuracy": b}) + "\n" for s, a, b in rows))
    for name, exact in (("before", 0.0), ("after", 0.3)):
        result = {"tasks": 10, "exact": exact, "same_tree": exact, "silent_wrong": 0.1}
        (tmp_path / f"{name}.json").write_text(json.dumps(result))
    table = compare(log, tmp_path / "before.json", tmp_path / "after.json")
    cells = [list(column.cells) for column in table.columns]
    assert cells[0] == ["base", "after 2 steps"]
    assert cells[1:4] == [["2.500", "0.250"], ["50.0%", "87.5%"], ["0%", "30%"]]


def test_an_adapter_is_named_by_its_folder(tmp_path):
    assert chosen_adapter(None) == adapter_folder()
    assert chosen_adapter("none") is None
    assert chosen_adapter(str(tmp_path)) == tmp_path


@pytest.mark.model
@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["--adapter", "nowhere"], 1, "the adapter is missing in nowhere: name a folder that `train` wrote"),
        (["--adapter", "a", "--model", "other"], 2, "--adapter is for the embedded model"),
    ],
)
def test_a_wrong_adapter_is_one_line(tmp_path, monkeypatch, capsys, options, status, said):
    monkeypatch.chdir(tmp_path)
    task = {"id": "1", "language": "python", "original": "a = 1\n", "update": "a = 2\n", "expected": "a = 2\n"}
    (tmp_path / "t.jsonl").write_text(json.dumps(task))
    assert fastapply(["eval", "t.jsonl", *options]) == status
    assert said in capsys.readouterr().err
