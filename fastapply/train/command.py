"""`fastapply train`: fine-tune an adapter on a task file."""

from __future__ import annotations

from dataclasses import asdict
from json import dumps
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.loader import load_model
from fastapply.engine.weights import embedded_folder
from fastapply.errors import UsageError
from fastapply.prompt import Codec, template
from fastapply.tasks import read_tasks
from fastapply.train.finetune import Recipe, Report, finetune


def run(
    tasks: Path,
    valid: Path | None,
    out: Path,
    minutes: float,
    seed: int,
    settings: Settings,
    resume: Path | None = None,
) -> int:
    """Train for `minutes`, report on standard error, write the adapter and `log.jsonl` to `out`.

    The embedded model's *base* is trained, without the shipped adapter. Returns the exit status.
    """
    console = Console(stderr=True)
    examples = list(read_tasks(tasks))
    if not examples:
        raise UsageError(f"{tasks} holds no tasks")
    held_back = list(read_tasks(valid, 32)) if valid else []
    embedded = settings.model == EMBEDDED_MODEL
    where = embedded_folder(settings.cache_dir, None, progress=console.print) if embedded else settings.model
    loaded = load_model(where, device=settings.device, dtype=settings.dtype, threads=settings.threads)
    loaded.module.set_attn_implementation("sdpa")
    asked = template(settings.template or ("fastapply" if embedded else "chat"))
    out.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with (out / "log.jsonl").open("w") as log, Progress(*columns, console=console) as progress:
        bar = progress.add_task("training", total=minutes)

        def report(state: Report) -> None:
            log.write(dumps(asdict(state)) + "\n")
            log.flush()
            shown = f"step {state.step}: loss {state.train_loss:.3f}"
            if state.valid_loss is not None:
                shown += f", held back {state.valid_loss:.3f}, {state.valid_accuracy:.1%} of decisions right"
            progress.update(bar, completed=state.minutes, description=shown)

        recipe = Recipe(minutes=minutes, seed=seed)
        with torch.enable_grad():
            finetune(loaded.module, Codec.load(where), asked, examples, held_back, out, recipe, report, resume=resume)
    console.print(f"adapter written to {out}")
    return 0
