"""`fastapply bench`: the speed of every method, side by side in one run."""

from __future__ import annotations

import json
import platform
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from fastapply.align.merge import merges
from fastapply.backends.local import LocalBackend
from fastapply.bench.bound import bound, misses, pass_seconds
from fastapply.bench.methods import METHODS, Case, Run, floor_seconds, make_case
from fastapply.config import Settings
from fastapply.engine.drafts import COMPUTED
from fastapply.errors import UsageError
from fastapply.tasks import read_tasks


def run(
    tasks: Path | None,
    methods: str | None,
    limit: int | None,
    json_out: Path | None,
    plot: Path | None,
    settings: Settings,
    *,
    guided: bool,
) -> int:
    """Measure, print a table, write `json_out` and `plot`. `tasks` None: those that ship. Returns the exit status."""
    names = chosen_methods(methods)
    console = Console(stderr=True)
    path = tasks or Path(str(resources.files("fastapply.bench") / "tasks.jsonl"))
    backend = LocalBackend.load(settings, progress=console.print)
    chosen = list(read_tasks(path, limit))
    found = [merges(task.original, task.update, task.language)[0].text for task in chosen]
    cases = [make_case(task, merge, backend, guided=guided) for task, merge in zip(chosen, found, strict=True)]
    if not cases:
        raise UsageError(f"{path} holds no tasks")
    with Progress(console=console, transient=True) as progress:
        runs, floors = measure(backend, cases, names, progress)
    summary: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads",
        "device": str(backend.model.device),
        "dtype": str(backend.model.dtype).removeprefix("torch."),
        "model": settings.model,
        "guided": guided,
        "tasks": len(cases),
        "lines": [case.lines for case in cases],
        "methods": summarise(runs, floors),
        "by_task": [task_row(backend, case, {n: r[i] for n, r in runs.items()}) for i, case in enumerate(cases)],
        "profile": {name: profile(rows) for name, rows in runs.items() if rows[0].forward_seconds},
    }
    if json_out:
        json_out.write_text(json.dumps(summary, indent=1))
    if plot:
        draw(summary, plot)
    for shown in (table(summary), task_table(summary)):
        Console().print(shown)
    return 0


def chosen_methods(methods: str | None) -> list[str]:
    """`plain` always comes first: it is what the others are compared with. Raises UsageError for an unknown name."""
    names = (
        [name.strip() for name in methods.split(",")] if methods else [name for name in METHODS if name not in COMPUTED]
    )
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise UsageError(f"unknown method `{unknown[0]}`; there are: {', '.join(METHODS)}")
    return ["plain", *(name for name in names if name != "plain")]


def measure(
    backend: LocalBackend, cases: Sequence[Case], names: Sequence[str], progress: Progress
) -> tuple[dict[str, list[Run]], list[float]]:
    """Every method on every case, case by case, so that a busy machine slows all methods alike."""
    METHODS["merge"](backend, cases[0])  # the first use of a block shape costs extra
    bar = progress.add_task("measuring", total=len(cases) * (len(names) + 1))
    runs: dict[str, list[Run]] = defaultdict(list)
    floors = []
    for case in cases:
        for name in names:
            progress.update(bar, description=f"{case.id}: {name}")
            runs[name].append(METHODS[name](backend, case))
            progress.advance(bar)
        floors.append(min(floor_seconds(backend, case, runs["plain"][-1].tokens) for _ in range(2)))
        progress.advance(bar)
    return runs, floors


def summarise(runs: dict[str, list[Run]], floors: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Totals of each method over all cases; `identical_to_plain` is true if every case's tokens are."""
    plain = runs["plain"]
    slow, least = sum(run.seconds for run in plain), sum(floors)
    methods: dict[str, dict[str, Any]] = {}
    for name, rows in runs.items():
        seconds, tokens = sum(row.seconds for row in rows), sum(len(row.tokens) for row in rows)
        methods[name] = _row(seconds, tokens, sum(row.forward_passes for row in rows), slow, least)
        methods[name]["identical_to_plain"] = all(a.tokens == b.tokens for a, b in zip(rows, plain, strict=True))
    methods["floor"] = _row(least, sum(len(run.tokens) for run in plain), len(floors), slow, least)
    methods["floor"]["identical_to_plain"] = True
    return methods


def _row(seconds: float, tokens: int, passes: int, plain: float, floor: float) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 3),
        "output_tokens": tokens,
        "tokens_per_second": round(tokens / seconds, 1),
        "forward_passes": passes,
        "speedup_vs_plain": round(plain / seconds, 2),
        "times_floor": round(seconds / floor, 2),
    }


def task_row(backend: LocalBackend, case: Case, runs: dict[str, Run]) -> dict[str, Any]:
    """One case: how long, how much changed, the bound of drafting from its sources, and what each method reached."""
    plain = runs["plain"]
    missed = misses(plain.tokens, case.sources)
    cost = pass_seconds(backend.model, len(case.prompt) + len(plain.tokens) // 2)
    return {
        "id": case.id,
        "lines": case.lines,
        "changed": round(case.changed, 3),
        "prompt_tokens": len(case.prompt),
        "output_tokens": len(plain.tokens),
        "missed_tokens": missed,
        "bound": round(bound(len(case.prompt), len(plain.tokens), missed, cost), 2),
        "speedup_vs_plain": {name: round(plain.seconds / run.seconds, 2) for name, run in runs.items()},
    }


def profile(runs: Sequence[Run]) -> dict[str, float]:
    """Where the time of a method went, in seconds: reading full blocks of the prompt, verifying, all else (drafting,
    accepting, the first passes of the host); and the share of drafted tokens that was accepted."""
    seconds, prefill, forward = (
        sum(getattr(run, name) for run in runs) for name in ("seconds", "prefill_seconds", "forward_seconds")
    )
    drafted = sum(run.drafted for run in runs)
    return {
        "prefill": round(prefill, 3),
        "verify": round(forward, 3),
        "host": round(seconds - prefill - forward, 3),
        "acceptance": round(sum(run.accepted for run in runs) / drafted, 4) if drafted else 0.0,
    }


def table(summary: dict[str, Any]) -> Table:
    how = "guided by the alignment" if summary["guided"] else "writing freely"
    title = f"{summary['tasks']} files, {summary['device']} {summary['dtype']}, {how}, {summary['date']}"
    shown = Table(title=title)
    for column in ("method", "tokens/s", "speed-up", "x floor", "passes", "identical"):
        shown.add_column(column, justify="left" if column == "method" else "right")
    for name, row in summary["methods"].items():
        shown.add_row(
            name,
            f"{row['tokens_per_second']:.0f}",
            f"{row['speedup_vs_plain']:.1f}x",
            f"{row['times_floor']:.2f}",
            str(row["forward_passes"]),
            "yes" if row["identical_to_plain"] else "no",
        )
    return shown


def task_table(summary: dict[str, Any]) -> Table:
    """What each method reached on each task, beside the bound of any drafting from the same sources."""
    shown = Table(title="speed-up by task; bound: of drafts from the original and the update")
    names = [name for name in summary["methods"] if name not in ("plain", "floor")]
    for column in ("task", "lines", "changed", "bound", *names):
        shown.add_column(column, justify="left" if column == "task" else "right")
    for row in sorted(summary["by_task"], key=lambda row: row["lines"]):
        reached = (f"{row['speedup_vs_plain'][name]:.1f}x" for name in names)
        shown.add_row(row["id"], str(row["lines"]), f"{row['changed']:.0%}", f"{row['bound']:.1f}x", *reached)
    return shown


def draw(summary: dict[str, Any], path: Path) -> None:
    """Tokens per second, speed-up by length, and where the time goes. Raises UsageError when matplotlib is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("--plot needs matplotlib: pip install matplotlib") from None
    figure = Figure(figsize=(13, 3.6), layout="constrained")
    speed, length, time = figure.subplots(1, 3)
    methods = summary["methods"]
    bars = speed.barh(list(methods), [row["tokens_per_second"] for row in methods.values()])
    speed.bar_label(bars, [f"{row['speedup_vs_plain']:.1f}x" for row in methods.values()], padding=3)
    speed.invert_yaxis()
    speed.set_xlabel("output tokens per second (prefill included)")
    rows = sorted(summary["by_task"], key=lambda row: row["lines"])
    lines = [row["lines"] for row in rows]
    for name in rows[0]["speedup_vs_plain"]:
        length.plot(lines, [row["speedup_vs_plain"][name] for row in rows], marker="o", label=name)
    length.plot(lines, [row["bound"] for row in rows], "k:", label="bound")
    length.set_xlabel("lines of the file")
    length.set_ylabel("speed-up over plain")
    length.legend(fontsize="small")
    left = [0.0] * len(summary["profile"])
    for part in ("prefill", "verify", "host"):
        widths = [row[part] for row in summary["profile"].values()]
        time.barh(list(summary["profile"]), widths, left=left, label=part)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    time.invert_yaxis()
    time.set_xscale("log")
    time.set_xlabel("seconds")
    time.legend(fontsize="small")
    for axes in (speed, length, time):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
