"""`fastapply doctor`: every extra is listed, and nothing is called well beside something missing."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from fastapply import doctor
from fastapply.cli import run

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
SAID = ["a", "b>=2; extra == 'one'", 'c; extra == "two"', "d; extra == 'two' and sys_platform == 'nowhere'"]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Packages with their versions, beside those that are here; this package says that it needs SAID."""
    packages = {"b": "2.1", "c": "1"}

    def found(name: str) -> str:
        if name in packages or len(name) == 1:
            if name not in packages:
                raise PackageNotFoundError(name)
            return packages[name]
        return version(name)

    monkeypatch.setattr(doctor, "requires", lambda _: SAID)
    monkeypatch.setattr(doctor, "version", found)
    return packages


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = run(["doctor", "--model", "none"])
    return status, capsys.readouterr().out


def test_all_is_well_where_all_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    status, out = examined(capsys)
    assert status == 0
    assert "extra one                  yes\n" in out
    assert "extra two                  yes\n" in out
    assert out.endswith("all is well\n")
    assert "missing" not in out


@pytest.mark.parametrize(("name", "now"), [("b", None), ("b", "1.9"), ("c", None)])
def test_what_is_missing_is_said(
    name: str, now: str | None, installed: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    del installed[name]
    if now is not None:
        installed[name] = now
    extra = {"b": "one", "c": "two"}[name]
    status, out = examined(capsys)
    assert status == 0
    assert f"extra {extra}                  no\n" in out
    assert f"missing: the extra {extra} needs {name}: pip install 'fastapply[{extra}]'\n" in out
    assert "all is well" not in out
    run(["doctor", "--model", "none", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], len(report["missing"]), report["problems"]) == (True, 1, [])


def test_where_the_package_is_not_installed_its_extras_are_not_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(_: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr(doctor, "requires", nothing)
    _, out = examined(capsys)
    assert "missing: fastapply runs from its source" in out
    assert "all is well" not in out


def test_the_extras_are_those_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    lines = [f"{line.split(';')[0]}; extra == '{extra}'" for extra, needed in stated.items() for line in needed]
    monkeypatch.setattr(doctor, "requires", lambda _: lines)
    found = doctor.extras()
    assert found.keys() == stated.keys() - {"dev"}
    assert {extra: len(needed) for extra, needed in found.items()} == {
        extra: len(needed) for extra, needed in stated.items() if extra != "dev"
    }
