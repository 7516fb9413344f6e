"""`fastapply train --heads`: prediction heads for the model as it ships."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.weights import adapter_folder, embedded_folder
from fastapply.prompt import Codec, chosen_template
from fastapply_lab.train.command import HELD_BACK, load_trainable, read_some
from fastapply_lab.train.finetune_recipe import load_recipe
from fastapply_lab.train.heads import HeadsReport, train_heads

_FIELDS = ("learning_rate=2e-3", "warmup_steps=10", "batch_tokens=2048", "max_tokens=1200")


def run_heads(
    tasks: Path,
    valid: Path | None,
    out: Path,
    assignments: Sequence[str],
    settings: Settings,
    *,
    minutes: float | None,
    steps: int | None,
    seed: int | None,
) -> int:
    """Train, report on standard error, and write the heads and `log.jsonl` to `out`. Returns the exit status."""
    recipe = load_recipe(None, [*_FIELDS, *assignments], minutes=minutes, steps=steps, seed=seed)
    console = Console(stderr=True)
    examples, held_back = read_some(tasks), read_some(valid)[:HELD_BACK] if valid else []
    embedded = settings.model == EMBEDDED_MODEL
    where = (
        embedded_folder(settings.cache_dir, adapter_folder(), progress=console.print) if embedded else settings.model
    )
    loaded = load_trainable(where, settings)
    loaded.module.set_attn_implementation("sdpa")
    asked = chosen_template(settings)
    out.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with (out / "log.jsonl").open("w") as log, Progress(*columns, console=console) as progress, torch.enable_grad():
        bar = progress.add_task("training", total=1.0)

        def report(state: HeadsReport) -> None:
            log.write(json.dumps(asdict(state)) + "\n")
            log.flush()
            right = ", ".join(f"{share:.0%}" for share in state.valid_accuracy)
            shown = f"step {state.step}: loss {state.train_loss:.3f}, held-back tokens right: {right}"
            progress.update(bar, completed=state.done, description=shown)

        train_heads(loaded.module, Codec.load(where), asked, examples, held_back, out, recipe, report)
    console.print(f"heads written to {out}")
    return 0
