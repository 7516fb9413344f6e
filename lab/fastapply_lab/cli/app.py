"""The `fastapply-lab` application: the list of its commands."""

from __future__ import annotations

from typing import ClassVar

import typer

from fastapply.cli.commands import Lazy, LazyGroup


class Laboratory(LazyGroup):
    """The commands of the laboratory."""

    own: ClassVar = {
        "eval": Lazy(
            "fastapply_lab.cli.measure:evaluate",
            "Measure quality on a task file: exact matches, silent errors, calibration, time.",
        ),
        "calibrate": Lazy(
            "fastapply_lab.cli.measure:calibrate",
            "Fit the weights of the confidence on development tasks; print them and the effect of review thresholds.",
        ),
        "bench": Lazy(
            "fastapply_lab.cli.measure:bench",
            "Measure the speed of every method in one run, together with plain decoding and the one-pass floor.",
        ),
        "data": Lazy("fastapply_lab.cli.training:data_app", "Build task files for training and evaluation."),
        "train": Lazy(
            "fastapply_lab.cli.training:train",
            "Fine-tune a LoRA adapter (or the whole model), with the loss weighted on decision tokens.",
        ),
    }


app = typer.Typer(
    name="fastapply-lab",
    cls=Laboratory,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def fastapply_lab() -> None:
    """Trains and measures fastapply: training data, fine-tuning, quality, speed. `fastapply` has the same commands.

    Example: fastapply-lab eval tasks.jsonl --method merge
    """
