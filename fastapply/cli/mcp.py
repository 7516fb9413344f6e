"""`fastapply mcp`, and `fastapply mcp install CLIENT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fastapply.cli import options
from fastapply.cli.output import say
from fastapply.errors import UsageError, needs
from fastapply.mcp.clients import AGENTS, Agent, Machine
from fastapply.mcp.install import put_in, server_command, shown_entry, take_out
from fastapply.roots import real_folders
from fastapply.undo import UndoStore

mcp_app = typer.Typer(no_args_is_help=False, add_completion=False, rich_markup_mode="markdown")
Roots = Annotated[
    list[Path] | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="A folder to edit in; may be repeated. Default: the client's roots, else this one.",
    ),
]
_NAMES = ", ".join(agent.name for agent in AGENTS)


@mcp_app.callback(invoke_without_command=True)
@options.spread
def mcp(context: typer.Context, roots: Roots = None, *, asked: options.ModelOptions) -> int:
    """Offer tools that edit files to an agent, over standard input and output (MCP).

    Example: fastapply mcp --root .

    Example: fastapply mcp install claude-code
    """
    if context.invoked_subcommand is not None:
        return 0
    settings = asked.settings()
    needs("mcp", extra="mcp")
    from fastapply.mcp.server import EditRunner, run

    applier, local = options.make_applier(settings, say)  # standard output belongs to the protocol
    editor = EditRunner(applier, real_folders(roots or ()), UndoStore.of(settings))
    if local is not None:
        editor.warm(local.load)
    return run(editor)


@mcp_app.command()
def install(
    context: typer.Context,
    client: Annotated[str, typer.Argument(metavar="CLIENT", help=f"One of: {_NAMES}.", show_default=False)],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTIONS]", help="Options of `fastapply mcp`, after `--`.", show_default=False),
    ] = None,
    roots: Annotated[
        list[Path] | None, typer.Option("--root", metavar="DIR", help="The only folder to edit in; may be repeated.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The settings file, such as a project's. Default: the user's."),
    ] = None,
    only_print: Annotated[bool, typer.Option("--print", help="Print the entry, write nothing.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the entry.")] = False,
) -> int:
    """Write our entry into an agent's settings; nothing else in the file changes, and a copy of it is kept.

    Example: fastapply mcp install cursor

    Example: fastapply mcp install claude-desktop --root ~/project

    Example: fastapply mcp install codex -- --backend openai --base-url http://127.0.0.1:8000/v1 --model m
    """
    found = _agent(client)
    file = file or found.file(Machine())
    if remove:
        if only_print or roots or arguments:
            raise UsageError("--remove takes no --print, no --root and no options: it takes the entry out")
        copy = take_out(found, file)
        say(f"{file}: taken out; as it was: {copy}" if copy else f"{file} has no entry of ours")
    else:
        _install(found, file, _checked(context, roots, arguments or []), only_print=only_print)
    return 0


def _install(found: Agent, file: Path, asked: list[str], *, only_print: bool) -> None:
    """Write or print the entry. Raises UsageError."""
    needs("mcp", extra="mcp")
    command = server_command(asked)
    if found.needs_root and "--root" not in command:
        raise UsageError(f"{found.title} does not say which folder it works in: give --root DIR")
    if only_print:
        say(f"for {file}")
        sys.stdout.write(shown_entry(found, file, command))
        return
    new = not file.exists()
    copy = put_in(found, file, command)
    if copy is None and not new:
        say(f"{file} has this entry already")
    else:
        say(f"{file}: {'made' if new else f'written; as it was: {copy}'}; {found.title}: {found.reload}")


def _agent(name: str) -> Agent:
    found = next((agent for agent in AGENTS if agent.name == name), None)
    if found is None:
        raise UsageError(f"unknown client `{name}`; there are: {_NAMES}")
    return found


def _checked(context: typer.Context, roots: list[Path] | None, arguments: list[str]) -> list[str]:
    """The server's options, checked now because an agent would not show an error about them. Raises UsageError."""
    command = [part for root in real_folders(roots or ()) for part in ("--root", str(root))] + arguments
    assert context.parent is not None
    parsed = context.parent.command.make_context("fastapply mcp", [*command])
    if parsed.params.get("roots"):
        real_folders(map(Path, parsed.params["roots"]))
    return command
