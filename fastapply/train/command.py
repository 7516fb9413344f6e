"""`fastapply train`: fine-tune an adapter, or prediction heads, on a task file."""

from __future__ import annotations

from dataclasses import asdict, replace
from json import dumps
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.loader import load_model
from fastapply.engine.weights import adapter_folder, embedded_folder
from fastapply.errors import UsageError
from fastapply.prompt import Codec, template
from fastapply.tasks import read_tasks
from fastapply.train.finetune import Recipe, Report, finetune
from fastapply.train.heads import HEADS_RECIPE, HeadsReport, train_heads


def run(
    tasks: Path,
    valid: Path | None,
    out: Path,
    minutes: float,
    seed: int,
    settings: Settings,
    resume: Path | None = None,
    *,
    heads: bool = False,
) -> int:
    """Train for `minutes`, report on standard error, write the adapter or the heads and `log.jsonl` to `out`.

    An adapter is trained on the embedded model's *base*, without the shipped adapter; heads on the model as it ships.
    Returns the exit status.
    """
    console = Console(stderr=True)
    examples = list(read_tasks(tasks))
    if not examples:
        raise UsageError(f"{tasks} holds no tasks")
    held_back = list(read_tasks(valid, 32)) if valid else []
    embedded = settings.model == EMBEDDED_MODEL
    adapter = adapter_folder() if heads else None
    where = embedded_folder(settings.cache_dir, adapter, progress=console.print) if embedded else settings.model
    loaded = load_model(where, device=settings.device, dtype=settings.dtype, threads=settings.threads)
    loaded.module.set_attn_implementation("sdpa")
    asked = template(settings.template or ("fastapply" if embedded else "chat"))
    out.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with (out / "log.jsonl").open("w") as log, Progress(*columns, console=console) as progress:
        bar = progress.add_task("training", total=minutes)

        def report(state: Report | HeadsReport) -> None:
            log.write(dumps(asdict(state)) + "\n")
            log.flush()
            progress.update(bar, completed=state.minutes, description=_shown(state))

        recipe = replace(HEADS_RECIPE if heads else Recipe(), minutes=minutes, seed=seed)
        codec, module = Codec.load(where), loaded.module
        with torch.enable_grad():
            if heads:
                train_heads(module, codec, asked, examples, held_back, out, recipe, report)
            else:
                finetune(module, codec, asked, examples, held_back, out, recipe, report, resume=resume)
    console.print(f"{'heads' if heads else 'adapter'} written to {out}")
    return 0


def _shown(state: Report | HeadsReport) -> str:
    shown = f"step {state.step}: loss {state.train_loss:.3f}"
    if isinstance(state, HeadsReport):
        return f"{shown}, held-back tokens right: {', '.join(f'{share:.0%}' for share in state.valid_accuracy)}"
    if state.valid_loss is not None:
        shown += f", held back {state.valid_loss:.3f}, {state.valid_accuracy:.1%} of decisions right"
    return shown
