"""`fastapply train` and `fastapply data`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Annotated

import typer

from fastapply.cli import options
from fastapply.cli.preview import make_console
from fastapply.errors import UsageError

data_app = typer.Typer(no_args_is_help=True, help="Build task files for training and evaluation.")

Recipe = Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="Which sources, and how many tasks of each.")]


def train(
    tasks: Annotated[Path, typer.Argument(metavar="TASKS.jsonl", help="What to learn from.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where adapter or heads and log.jsonl go.")],
    valid: Annotated[
        Path | None, typer.Option("--valid", metavar="TASKS.jsonl", help="Held-back tasks, measured on the way.")
    ] = None,
    heads: Annotated[
        bool, typer.Option("--heads", help="Train the prediction heads of the drafter `heads` instead.")
    ] = False,
    minutes: Annotated[float, typer.Option("--minutes", metavar="M", min=0.1, help="The run's length.")] = 60.0,
    seed: Annotated[int, typer.Option("--seed", metavar="N")] = 0,
    model: options.Model = None,
    template: options.Template = None,
    device: options.Device = None,
    dtype: options.Dtype = None,
    cache_dir: options.CacheDir = None,
) -> int:
    """Fine-tune a LoRA adapter for so many minutes, with the loss weighted on decision tokens.

    With --heads the model stays as it is, and learns to guess further ahead: see `--drafter heads` of `apply`.

    Example: fastapply train tasks.jsonl --valid dev.jsonl --out adapter --minutes 30

    Example: fastapply train tasks.jsonl --heads --out heads
    """
    settings = options.make_settings(model, template, None, device, dtype, cache_dir)
    if not heads:
        _needs("peft")
    from fastapply.train.command import run

    return run(tasks, valid, out, minutes, seed, settings, heads=heads)


@data_app.command("build")
def build_training(
    recipe: Recipe,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the task files go.")],
    roots: Annotated[
        list[Path], typer.Option("--root", metavar="DIR", help="Where the recipe's sources lie; may be repeated.")
    ],
) -> int:
    """Training tasks from the code of a recipe's sources.

    Example: fastapply data build recipe.toml --root sources --out tasks
    """
    from fastapply.train.dataset import build

    return _report(build(_there(recipe), roots, out), out)


@data_app.command("eval")
def build_evaluation(
    recipe: Recipe,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the task files go.")],
    packages: Annotated[Path, typer.Option("--packages", metavar="DIR", help="Fetched packages are kept here.")],
) -> int:
    """Held-back tasks from a recipe's pinned packages, which are fetched where they are missing.

    Example: fastapply data eval recipe.toml --packages packages --out tasks
    """
    from fastapply.train.evalset import build_evaluation as build

    return _report(build(_there(recipe), packages, out), out)


def _there(file: Path) -> Path:
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    return file


def _report(counts: dict[str, int], out: Path) -> int:
    console = make_console(sys.stderr)
    for name, count in counts.items():
        console.print(f"{name}: {count} tasks")
    console.print(f"written to {out}")
    return 0


def _needs(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise UsageError(f"this needs {module}: pip install 'fastapply[train]'")
