"""The commands, put together."""

from __future__ import annotations

import typer

from fastapply_lab.cli.measure import bench, calibrate, evaluate
from fastapply_lab.cli.training import data_app, train

app = typer.Typer(
    name="fastapply-lab",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def fastapply_lab() -> None:
    """Makes and measures fastapply: training data, fine-tuning, quality, speed. `fastapply` has the same commands.

    Example: fastapply-lab eval tasks.jsonl --method merge
    """


app.command("eval")(evaluate)
app.command()(calibrate)
app.command()(bench)
app.add_typer(data_app, name="data")
app.command()(train)
