"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from fastapply import __version__
from fastapply.cli.apply import apply
from fastapply.cli.doctor import doctor
from fastapply.cli.mcp import mcp_app
from fastapply.cli.models import model_app
from fastapply.cli.plugins import Commands
from fastapply.cli.serve import serve
from fastapply.cli.undo import undo
from fastapply_lsp.command import lsp

app = typer.Typer(
    name="fastapply",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fastapply {__version__}")
        raise typer.Exit


@app.callback()
def fastapply(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. May stand anywhere.")] = False,
) -> None:
    """Rewrites a file as a suggested edit asks, with a local model, fast.

    Example: fastapply apply app.py --update snippet.py
    """


app.command()(apply)
app.command()(undo)
app.command()(lsp)
app.command()(serve)
app.add_typer(mcp_app, name="mcp")
app.add_typer(model_app, name="model")
app.command()(doctor)
