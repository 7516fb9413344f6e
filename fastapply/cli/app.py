"""The `fastapply` application: the list of its commands and the global options."""

from __future__ import annotations

from typing import Annotated, ClassVar

import typer

from fastapply import __version__
from fastapply.cli.commands import Commands, Lazy


class Fastapply(Commands):
    """The commands of this package and those that other packages plug in."""

    own: ClassVar = {
        "apply": Lazy(
            "fastapply.cli.apply:apply",
            "Rewrite FILE as an edit asks, and show what changes. Nothing is written without --write.",
        ),
        "undo": Lazy(
            "fastapply.cli.undo:undo",
            "Restore files as they were before the last `--write`; files that were written together are restored "
            "together.",
        ),
        "lsp": Lazy(
            "fastapply_lsp.command:lsp",
            "The language server: rewrites stream into the editor and land as one workspace edit.",
        ),
        "serve": Lazy("fastapply.cli.serve:serve", "Answer Morph, Relace and OpenAI clients over HTTP."),
        "mcp": Lazy(
            "fastapply.cli.mcp:mcp_app",
            "Offer tools that edit files to an agent, over standard input and output (MCP).",
        ),
        "model": Lazy("fastapply.cli.models:model_app", "List, fetch and describe models."),
        "doctor": Lazy(
            "fastapply.cli.doctor:doctor",
            "Show what is installed, where the weights are, what they run on, how fast, and what needs fixing.",
        ),
    }


app = typer.Typer(
    name="fastapply",
    cls=Fastapply,
    no_args_is_help=True,
    add_completion=False,
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
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. Works in any position.")] = False,
) -> None:
    """Rewrites a file as a suggested edit asks, with a local model, fast.

    Example: fastapply apply app.py --update snippet.py
    """
