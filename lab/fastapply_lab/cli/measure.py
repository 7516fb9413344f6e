"""`fastapply eval`, `fastapply calibrate` and `fastapply bench`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fastapply.cli import options

Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="The first N tasks only.")]
JsonOut = Annotated[Path | None, typer.Option("--json", metavar="OUT", help="Write all figures to a file.")]


@dataclass(frozen=True)
class BenchOptions(options.GuessOptions, options.LocalOptions):
    """The model, and what the drafters that run models need."""


@dataclass(frozen=True)
class EvalOptions(options.SamplingOptions, options.GuessOptions, options.BackendOptions):
    """The model, here or on a server, and how it writes."""

    adapter: options.Adapter = None


@options.spread
def evaluate(
    tasks: Annotated[
        Path,
        typer.Argument(metavar="TASKS.jsonl", help="Tasks with expected results; or the .json file of a run."),
    ],
    limit: Limit = None,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="M",
            help="system: all parts; model: the model alone; merge: the alignment alone; search-replace, udiff: the "
            "model, asked for such a diff.",
        ),
    ] = "system",
    json_out: JsonOut = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="PNG", help="Draw reliability and accuracy by length.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="OUT", help="Write the tables into a section of this page.")
    ] = None,
    *,
    asked: EvalOptions,
) -> int:
    """Measure quality on a task file: exact matches, silent errors, calibration, time.

    Results are written as they arrive; Ctrl-C leaves those of the finished tasks.

    Example: fastapply eval tasks.jsonl --limit 20 --method merge --json results.json
    """
    settings = asked.settings()
    from fastapply_lab.eval.command import run

    return run(tasks, limit, method, json_out, settings, plot, markdown)


@options.spread
def calibrate(
    tasks: Annotated[list[Path], typer.Argument(metavar="TASKS.jsonl...", help="Development tasks, never test tasks.")],
    method: Annotated[
        str, typer.Option("--method", metavar="M", help="system: for results with the model; merge: without it.")
    ] = "system",
    json_out: JsonOut = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write weights and threshold into the package, where `apply` reads them.")
    ] = False,
    readings: Annotated[
        bool,
        typer.Option("--readings", help="Fit the order of the candidates too, and the confidence without a model."),
    ] = False,
    hard: Annotated[
        list[Path] | None,
        typer.Option("--hard", metavar="TASKS.jsonl", help="With --readings: tasks that do not count for the limit."),
    ] = None,
    order_only: Annotated[
        list[Path] | None,
        typer.Option("--order-only", metavar="TASKS.jsonl", help="With --readings: tasks to fit only the order on."),
    ] = None,
    fusion: Annotated[
        bool, typer.Option("--fusion", help="Fit how much the model's opinion weighs in the choice of a candidate.")
    ] = False,
    *,
    asked: options.LocalOptions,
) -> int:
    """Fit the weights of the confidence on development tasks; print them and the effect of review thresholds.

    Example: fastapply calibrate dev.jsonl --method merge --write
    """
    if readings:
        from fastapply_lab.eval.calibrate import run_order

        return run_order(tasks, hard or [], order_only or [], json_out, write)
    settings = asked.settings()
    if fusion:
        from fastapply_lab.eval.calibrate import run_fusion

        return run_fusion(tasks, settings, write)
    from fastapply_lab.eval.calibrate import run

    return run(tasks, method, json_out, settings, write)


@options.spread
def bench(
    tasks: Annotated[
        Path | None, typer.Argument(metavar="[TASKS.jsonl]", help="Default: the cases that ship.", show_default=False)
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(
            "--methods",
            metavar="A,B",
            help="Default: all (`heads` only if there are some). plain; transformers, prompt-lookup and assisted: "
            "transformers' own methods; the name of any drafter; apply: the whole system.",
        ),
    ] = None,
    limit: Limit = None,
    json_out: JsonOut = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", metavar="OUT.md", help="Write the tables.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="PNG", help="Draw the figures.")] = None,
    plain_tokens: Annotated[
        int,
        typer.Option(
            "--plain-tokens",
            metavar="N",
            min=8,
            help="For longer outputs, plain decoding is timed and checked at N/8 places spread over the output, and "
            "transformers' methods write only its first N or N/4 tokens.",
        ),
    ] = 512,
    free: Annotated[
        bool, typer.Option("--free", help="Let the model write freely, instead of guided as in `apply`.")
    ] = False,
    *,
    asked: BenchOptions,
) -> int:
    """Measure the speed of every method in one run, together with plain decoding and the one-pass floor.

    All methods decode the same prompt with the same guide, the alignment's leading candidate; --free turns the guide
    off. The tasks that ship are files of 50 to 3,000 lines of which 0 to 100 % change. Results are written after each
    task; Ctrl-C stops and shows them.

    Example: fastapply bench --limit 2 --methods plain,merge,apply --json bench.json
    """
    settings = asked.settings(drafter="cascade")
    from fastapply_lab.bench.command import Outputs, run

    outputs = Outputs(json_out, markdown, plot)
    return run(tasks, methods, limit, outputs, settings, guided=not free, plain_tokens=plain_tokens)
