"""Faults of the model: too little memory, damaged weights, NaN, a drafter that raises. One line, and the file stays."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from program import SECONDS, Cli, Done

from fastapply.config import load_settings
from fastapply.engine.weights import adapter_folder, embedded_folder

pytestmark = [pytest.mark.model, pytest.mark.process]

TEXT = "import sys\n\n\ndef first():\n    return 1\n\n\ndef second():\n    return 2\n"
UPDATE = "# ... existing code ...\ndef first():\n    return 10\n# ... existing code ...\n"
NEW = TEXT.replace("1", "10")


@pytest.fixture
def apply(cli: Cli) -> Callable[..., Done]:
    cli.write("app.py", TEXT)

    def run(*arguments: str | Path, env: dict[str, str] | None = None) -> Done:
        return cli.run("apply", "app.py", "--write", "--mode", "judge", *arguments, stdin=UPDATE.encode(), env=env)

    return run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder of one's own with the embedded model, to be damaged."""
    folder = embedded_folder(load_settings().cache_dir, adapter_folder())
    return Path(shutil.copytree(folder, tmp_path / "model", copy_function=os.symlink))


def own(model: Path, name: str) -> Path:
    data = (model / name).resolve()
    (model / name).unlink()
    return Path(shutil.copy(data, model / name))


def one_line(cli: Cli, done: Done, *expected: str) -> None:
    assert done.status == 1, done.err
    assert done.err.startswith("fastapply: error: ")
    assert done.err.count("\n") == 1, done.err
    assert all(part in done.err for part in expected), done.err
    assert "a bug" not in done.err
    assert (cli.folder / "app.py").read_text() == TEXT
    assert sorted(path.name for path in cli.folder.iterdir() if path.name != "model") == ["app.py"]


@pytest.mark.parametrize("damage", ["weights", "no weights", "config", "tokenizer"])
def test_a_model_that_is_damaged(cli: Cli, apply: Callable[..., Done], model: Path, damage: str) -> None:
    if damage == "weights":
        os.truncate(own(model, "model.safetensors"), 1_000_000)
    elif damage == "no weights":
        (model / "model.safetensors").unlink()
    else:
        path = own(model, "config.json" if damage == "config" else "tokenizer.json")
        path.write_text(path.read_text()[:200])
    one_line(cli, apply("--model", model, "--template", "fastapply"), "the model", str(model))


def test_nan_in_the_weights(cli: Cli, apply: Callable[..., Done], model: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(model / "model.safetensors")
    tensors["model.norm.weight"][0] = float("nan")
    (model / "model.safetensors").unlink()
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    one_line(cli, apply("--model", model, "--template", "fastapply"), "NaN", "doctor")


@pytest.mark.parametrize("megabytes", [500, 1200])
def test_too_little_memory(cli: Cli, megabytes: int) -> None:
    """The libraries do not fit, or the weights do not. The next run has what it needs."""
    cli.write("app.py", TEXT)
    limit = megabytes * 1_000_000
    process = subprocess.run(
        cli.command("apply", "app.py", "--write", "--mode", "judge"),
        cwd=cli.folder,
        env=cli.env,
        input=UPDATE.encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    done = Done(process.returncode, process.stdout, process.stderr.decode())
    one_line(cli, done, "memory")


def test_a_drafter_that_raises(cli: Cli, apply: Callable[..., Done], tmp_path_factory: pytest.TempPathFactory) -> None:
    """In a real run, by a module that Python loads at its start."""
    hook = tmp_path_factory.mktemp("hook")
    (hook / "sitecustomize.py").write_text(
        "import fastapply.engine.drafts as drafts\n"
        "def draft(self, limit):\n    raise IndexError('drafts')\n"
        "drafts.Cursor.draft = draft\n"
        "for kind in list(vars(drafts).values()):\n"
        "    if isinstance(kind, type) and 'draft' in vars(kind) and kind.__module__ == drafts.__name__:\n"
        "        kind.draft = draft\n"
    )
    done = apply("--mode", "write", env={"PYTHONPATH": f"{hook}{os.pathsep}{cli.env['PYTHONPATH']}"})
    assert done.status == 1
    assert done.err.startswith("fastapply: error: IndexError: drafts")
    assert done.err.count("\n") == 1
    assert (cli.folder / "app.py").read_text() == TEXT
    assert apply().status == 0
    assert (cli.folder / "app.py").read_text() == NEW
