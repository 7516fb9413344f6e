"""Commands that other packages plug into `fastapply`, and what is said where the package is missing or broken."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fastapply.cli import run
from fastapply.cli.commands import GROUP, LABORATORY

importlib.import_module("fastapply.cli.app")  # before a test takes the folders away from which it is imported

TWO_COMMANDS = """
import typer
app = typer.Typer()

@app.command()
def hello(name: str) -> int:
    "Says hello."
    print(f"hello {name}")
    return 3

@app.command()
def apply() -> int:
    return 7
"""
Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package `greeting` with this code, which plugs in `hello` and `apply`."""

    def lay_out(code: str) -> None:
        (tmp_path / "greeting.py").write_text(code)
        info = tmp_path / "greeting-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\nhello = greeting:app\napply = greeting:app\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "greeting", raising=False)

    return lay_out


def test_a_command_of_another_package_runs(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install(TWO_COMMANDS)
    assert run(["hello", "world"]) == 3
    assert capsys.readouterr().out == "hello world\n"


def test_help_lists_it(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install(TWO_COMMANDS)
    assert run(["--help"]) == 0
    assert "Says hello." in capsys.readouterr().out


def test_it_replaces_no_command_of_ours(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install(TWO_COMMANDS)
    assert run(["apply"]) == 2
    assert "which file?" in capsys.readouterr().err


def test_nothing_is_imported_for_a_command_of_ours(install: Install) -> None:
    install("raise SystemExit('imported')")
    assert run(["apply", "--help"]) == 0
    assert "greeting" not in sys.modules


def test_a_broken_package_is_one_line_and_help_goes_on(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("import nowhere_to_be_found")
    assert run(["hello"]) == 2
    said = "the command `hello` of greeting cannot be loaded: No module named 'nowhere_to_be_found'"
    assert capsys.readouterr().err == f"fastapply: error: {said}\n"
    assert run(["--help"]) == 0
    assert "hello" not in capsys.readouterr().out


@pytest.mark.parametrize("name", LABORATORY)
def test_without_the_laboratory_its_commands_say_where_it_is(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [])  # nothing is installed there
    assert run([name, "--help"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"fastapply: error: the command `{name}` comes with the laboratory")
    assert "pip install ./lab" in err
    assert err.count("\n") == 1
