"""Commands that are imported when they run."""

from __future__ import annotations

import pytest

from fastapply.cli import run
from fastapply.cli.app import Fastapply
from fastapply.cli.commands import Lazy, LazyCommand
from fastapply_lab.cli.app import Laboratory

OWN = {**Fastapply.own, **Laboratory.own}


@pytest.mark.parametrize("name", OWN)
def test_the_list_says_of_a_command_how_its_own_help_begins(name: str) -> None:
    said = LazyCommand(name, OWN[name]).load().help
    assert said is not None
    assert " ".join(said.split()).startswith(OWN[name].summary)


def test_options_after_a_lazy_command_are_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", "nosuch.py", "--batch", "tasks.jsonl"]) == 2
    assert "--batch takes its files" in capsys.readouterr().err


def test_a_wrong_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["undo", "--nosuch"]) == 2
    assert capsys.readouterr().err == "fastapply: error: No such option: --nosuch (see fastapply --help)\n"


def test_a_misspelt_command_is_told_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["aply"]) == 2
    assert "Did you mean 'apply'?" in capsys.readouterr().err


def test_a_command_that_is_not_there_raises_as_any_import() -> None:
    with pytest.raises(ModuleNotFoundError):
        LazyCommand("x", Lazy("fastapply.cli.nosuch:x", "")).load()
