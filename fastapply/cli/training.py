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
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the adapter, log.jsonl and loss.png go.")
    ] = None,
    valid: Annotated[
        Path | None, typer.Option("--valid", metavar="TASKS.jsonl", help="Held-back tasks, measured on the way.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", metavar="R.toml", help="A file, or one that ships: finetune_{cpu,gpu}.toml."),
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--start", metavar="DIR", help="An adapter to begin with; its rank counts.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="DIR", help="Go on with a stopped run, from its last checkpoint."),
    ] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", metavar="M", help="The run's length.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Its length in steps: repeatable to the byte.")
    ] = None,
    rank: Annotated[int | None, typer.Option("--rank", metavar="R", help="Of the adapter.")] = None,
    full: Annotated[bool | None, typer.Option("--full", help="Train all weights; needs some 20 bytes each.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N")] = None,
    assign: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any field of the recipe, say weights.new=3; may be repeated."),
    ] = None,
    model: options.Model = None,
    template: options.Template = None,
    device: options.Device = None,
    dtype: options.Dtype = None,
    cache_dir: options.CacheDir = None,
) -> int:
    """Fine-tune a LoRA adapter (or the whole model), with the loss weighted on decision tokens.

    A recipe says how; options stand above it. Ctrl-C saves and stops, --resume goes on. For many processes or GPUs:
    torchrun --nproc-per-node N -m fastapply train ...; the fields of a recipe are in docs/training.md.

    Example: fastapply train tasks.jsonl --valid dev.jsonl --recipe finetune_cpu.toml --minutes 30 --out adapter

    Example: fastapply train tasks.jsonl --valid dev.jsonl --resume adapter
    """
    settings = options.make_settings(model, template, None, device, dtype, cache_dir)
    _needs("peft")
    from fastapply.train.finetune_recipe import load_recipe, stored_recipe

    said = {"minutes": minutes, "steps": steps, "rank": rank, "full": full, "seed": seed}
    if resume:
        fixed = {"out": out, "recipe": recipe, "start": start, "set": assign or None, "template": template, **said}
        for name, value in fixed.items():
            if value is not None:
                raise UsageError(f"a resumed run keeps its folder and its recipe: leave --{name} away")
        from fastapply.train.command import run

        return run(tasks, valid, resume, stored_recipe(resume), settings, resume=True)
    if out is None:
        raise UsageError("where to? say --out DIR (or --resume DIR to go on with a stopped run)")
    chosen = load_recipe(recipe, assign or [], **said)
    from fastapply.train.command import run

    return run(tasks, valid, out, chosen, settings, start=start)


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
