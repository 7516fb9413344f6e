"""`fastapply train`: fine-tune an adapter on a task file."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.loader import LoadedModel, choose_device, load_model
from fastapply.engine.weights import embedded_folder
from fastapply.errors import UsageError
from fastapply.prompt import Codec, template
from fastapply_lab.data.choices import read_readings
from fastapply_lab.tasks import Task, read_tasks
from fastapply_lab.train.checkpoint import FILE, read_state
from fastapply_lab.train.finetune import StepReport, finetune
from fastapply_lab.train.finetune_recipe import Recipe
from fastapply_lab.train.picture import draw_losses
from fastapply_lab.train.processes import Processes

STOPPED = 1
HELD_BACK = 32  # held-back tasks to evaluate during the run
HELD_BACK_CHOICES = 80


def run(
    tasks: Path,
    valid: Path | None,
    out: Path,
    recipe: Recipe,
    settings: Settings,
    *,
    start: Path | None = None,
    resume: bool = False,
) -> int:
    """Train, report on standard error, and write the adapter, `log.jsonl` and `loss.png` to `out`.

    For the embedded model, trains its *base*, without the shipped adapter. Returns the exit status.
    """
    if start and not (start / "adapter_config.json").is_file():
        raise UsageError(f"{start} holds no adapter: it has no adapter_config.json")
    if not resume and (out / FILE).exists():
        raise UsageError(f"{out} holds a stopped run: --resume {out} goes on with it; else name another folder")
    state = read_state(out) if resume else None
    examples: Any
    held_back: Any
    if recipe.choosing:
        examples, held_back = read_readings(tasks), read_readings(valid, HELD_BACK_CHOICES) if valid else []
    else:
        examples, held_back = read_some(tasks), list(read_tasks(valid, HELD_BACK)) if valid else []
    processes = Processes(on_cpu=choose_device(settings.device).type == "cpu")
    console = Console(stderr=True, quiet=not processes.first)
    embedded = settings.model == EMBEDDED_MODEL
    where = embedded_folder(settings.cache_dir, None, progress=console.print) if embedded else settings.model
    device = processes.device if processes.count > 1 else settings.device
    loaded = load_trainable(where, replace(settings, device=device))
    loaded.module.set_attn_implementation("sdpa")
    name = settings.template or recipe.template or ("fastapply" if embedded else "chat")
    recipe = recipe.model_copy(update={"template": name})
    if processes.count > 1:
        console.print(f"{processes.count} processes share each step")
    with ExitStack() as stack:
        stop = stack.enter_context(_stopping(console))
        report: Callable[[StepReport], None] = lambda _: None  # noqa: E731
        if processes.first:
            out.mkdir(parents=True, exist_ok=True)
            report = stack.enter_context(_reporting(out / "log.jsonl", state.step if state else None, console))
        stack.enter_context(torch.enable_grad())
        whole = finetune(
            loaded.module, Codec.load(where), template(name), examples, held_back, out, recipe, report,
            start=start, resume=resume, stop=stop, processes=processes,
        )  # fmt: skip
    if processes.first:
        draw_losses(out / "log.jsonl", out / "loss.png")
    kind = "model" if recipe.full else "adapter"
    console.print(f"{kind} written to {out}" if whole else f"stopped; go on with: --resume {out}")
    return 0 if whole else STOPPED


def load_trainable(where: str | Path, settings: Settings) -> LoadedModel:
    """The model with gradients. Integers have none: float32 takes their place."""
    return load_model(where, replace(settings, dtype="float32") if settings.dtype == "int8" else settings)


def read_some(path: Path) -> list[Task]:
    """All tasks of a file. Raises UsageError if it has none."""
    tasks = list(read_tasks(path))
    if not tasks:
        raise UsageError(f"{path} holds no tasks")
    return tasks


@contextmanager
def _stopping(console: Console) -> Iterator[Callable[[], bool]]:
    """On Ctrl-C or SIGTERM, finish the current step and save. A second signal ends the process at once."""
    came: list[int] = []

    def note(number: int, frame: Any) -> None:
        came.append(number)
        signal.signal(number, before[signal.Signals(number)])
        console.print("stopping after this step (once more: at once, without saving)")

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _reporting(log: Path, resumed_at: int | None, console: Console) -> Iterator[Callable[[StepReport], None]]:
    """Write a line of `log` for each report, and show a bar. A resumed run keeps the lines up to its checkpoint."""
    if resumed_at is not None and log.exists():
        kept = [line for line in log.read_text().splitlines(True) if json.loads(line)["step"] <= resumed_at]
        log.write_text("".join(kept))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with log.open("w" if resumed_at is None else "a") as file, Progress(*columns, console=console) as progress:
        bar = progress.add_task("training", total=1.0)
        held_back = ""

        def report(state: StepReport) -> None:
            nonlocal held_back
            file.write(json.dumps(asdict(state)) + "\n")
            file.flush()
            if state.valid_loss is not None:
                held_back = f", held back {state.valid_loss:.3f}, {state.valid_accuracy:.1%} of decisions right"
                if not console.is_terminal:
                    console.print(f"step {state.step}{held_back}")
            loss = "" if state.train_loss is None else f": loss {state.train_loss:.3f}"
            progress.update(bar, completed=state.done, description=f"step {state.step}{loss}{held_back}")

        yield report
