"""Options are declared once, and travel as one object."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from fastapply.cli.options import ApplyOptions, ModelOptions, make_settings, spread
from fastapply.cli.output import Format
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.prompt import chosen_template, writes

SAID = {  # an option, what is said, and the field that holds it
    "--instruction": ("be quick", "instruction", "be quick"),
    "--write": (None, "write", True),
    "--force": (None, "force", True),
    "--yes": (None, "yes", True),
    "--reading": ("2", "reading", 2),
    "--create": (None, "create", True),
    "--format": ("json", "form", Format.JSON),
    "--plain": (None, "plain", True),
    "--backend": ("openai", "backend", "openai"),
    "--base-url": ("http://x/v1", "base_url", "http://x/v1"),
    "--model": ("m", "model", "m"),
    "--template": ("morph", "template", "morph"),
    "--mode": ("judge", "mode", "judge"),
    "--drafter": ("suffix", "drafter", "suffix"),
    "--device": ("cpu", "device", "cpu"),
    "--dtype": ("float32", "dtype", "float32"),
    "--cache-dir": ("c", "cache_dir", Path("c")),
    "--draft-model": ("int8", "draft_model", "int8"),
    "--heads": ("h", "heads", Path("h")),
    "--temperature": ("0.5", "temperature", 0.5),
    "--top-k": ("3", "top_k", 3),
    "--top-p": ("0.9", "top_p", 0.9),
    "--seed": ("7", "seed", 7),
}


def taken(*arguments: str) -> tuple[str, ApplyOptions]:
    """What a command gets for these arguments."""
    got: list[tuple[str, ApplyOptions]] = []
    app = typer.Typer()

    @app.command()
    @spread
    def command(asked: ApplyOptions, name: Annotated[str, typer.Argument()] = "nobody") -> int:
        """Says what it got."""
        got.append((name, asked))
        return 0

    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return got[0]


def test_nothing_said() -> None:
    assert taken() == ("nobody", ApplyOptions())


def test_every_option_fills_its_field() -> None:
    assert {field for _, field, _ in SAID.values()} == {field.name for field in dataclasses.fields(ApplyOptions)}
    arguments = [part for option, (value, _, _) in SAID.items() for part in (option, value) if part is not None]
    name, asked = taken("somebody", *arguments)
    assert name == "somebody"
    assert dataclasses.asdict(asked) == {field: value for _, field, value in SAID.values()}


def test_options_that_are_settings_become_settings() -> None:
    said = {"drafter": "model", "draft_model": "int8", "device": "cpu", "mode": "write", "temperature": 0.5, "seed": 7}
    assert ApplyOptions(**said, write=True).settings() == make_settings(**said)
    model = {field.name for field in dataclasses.fields(ModelOptions)}
    assert model <= {setting.name for setting in dataclasses.fields(Settings)}


def test_plain_is_the_drafter_none() -> None:
    assert ApplyOptions(plain=True).settings().drafter == "none"
    assert ApplyOptions(plain=True, drafter="none").settings().drafter == "none"
    with pytest.raises(UsageError, match="contradict"):
        ApplyOptions(plain=True, drafter="merge").settings()


@pytest.mark.parametrize("said", [{"temperature": 0.0}, {"top_k": 5}, {"top_p": 0.5}, {"seed": 1}])
def test_sampling_is_refused_where_no_model_writes(said) -> None:
    for other in ({}, {"mode": "judge"}, {"model": "none", "mode": "write"}):
        with pytest.raises(UsageError, match="means nothing where no model writes: give --mode write"):
            make_settings(**said, **other)
    make_settings(**said, mode="write")


def test_who_writes() -> None:
    def written(**said: object) -> bool:
        settings = make_settings(**said)
        return writes(settings, chosen_template(settings))

    assert not written()
    assert not written(model="folder")  # any chat model: it chooses
    assert written(model="folder", template="kortix")
    assert not written(model="folder", template="kortix", mode="judge")
    assert written(mode="write")
    assert written(backend="openai", model="m", base_url="http://localhost/v1")
    assert make_settings().only_in_doubt
    assert not make_settings(device="cpu").only_in_doubt  # options about the model imply that it is asked
    assert make_settings(device="cpu", mode="auto").only_in_doubt
    assert not make_settings(mode="write").only_in_doubt
