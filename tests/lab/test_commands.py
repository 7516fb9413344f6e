"""The laboratory's commands stand in `fastapply-lab` and in `fastapply`, and are the same there."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import pytest

from fastapply.cli import run
from fastapply.cli.commands import GROUP, LABORATORY
from fastapply_lab import cli
from fastapply_lab.cli.app import Laboratory


def test_what_it_has_is_what_it_plugs_in() -> None:
    own = set(Laboratory.own)
    assert own == set(LABORATORY)
    plugged = {entry.name for entry in entry_points(group=GROUP) if entry.module.startswith("fastapply_lab")}
    assert plugged == own, "install it: pip install -e ./lab"


@pytest.mark.parametrize("name", LABORATORY)
def test_both_programs_have_the_same_command(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "--help"]) == 0
    plugged = capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["fastapply-lab", name, "--help"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0
    usage = f"Usage: fastapply-lab {name} "
    own = capsys.readouterr().out
    assert usage in own
    assert own.split()[4:] == plugged.split()[4:]


def test_its_errors_are_one_line_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["fastapply-lab", "eval", "nosuch.jsonl"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("fastapply: error: cannot read the task file nosuch.jsonl")
    assert err.count("\n") == 1
