"""`python -m fastapply_lsp` is the command `fastapply lsp`."""

from __future__ import annotations

from fastapply import program


def _load() -> program.CommandLine:
    import typer

    from fastapply_lsp.command import lsp

    app = typer.Typer(
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(lsp)
    return app


program.main("python -m fastapply_lsp", _load)
