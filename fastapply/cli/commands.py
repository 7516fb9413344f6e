"""Commands that are imported only when they run: our own, and those that other packages plug in.

The list in help needs just a name and a one-line summary of each. An entry point of the group `fastapply.commands` is
named after a command and refers to a `typer.Typer` with that command.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from fastapply.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "fastapply.commands"
LABORATORY = ("bench", "calibrate", "data", "eval", "train")


class Lazy(NamedTuple):
    """A command before it is imported."""

    where: str  # "module:name" of a function, or of a Typer with subcommands
    summary: str  # shown in the list of commands; the first line of the command's own help


class LazyCommand(TyperCommand):
    """A stand-in for a command until it runs or shows its help."""

    def __init__(self, name: str, lazy: Lazy) -> None:
        super().__init__(name, help=lazy.summary, short_help=lazy.summary)
        self._where = lazy.where

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return self.load().make_context(info_name, args, parent, **extra)

    def load(self) -> Any:
        """Import and return the command itself."""
        module, _, name = self._where.partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
        alone.command(self.name)(found)
        return typer.main.get_command(alone)


class LazyGroup(TyperGroup):
    """A group of lazy commands, `own` by name. Its help is plain text, because rich takes longer to import than all
    the rest."""

    own: ClassVar[Mapping[str, Lazy]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "rich_markup_mode": None})
        for name, lazy in self.own.items():
            self.add_command(LazyCommand(name, lazy))


class Commands(LazyGroup):
    """The commands of this package, then those of other packages, which cannot replace ours."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands in help. Leaves broken packages out, so that they cannot break help itself."""
        own = super().list_commands(ctx)
        return own + [name for name, entry in sorted(self._plugged.items()) if name not in own and _works(entry)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Raises UsageError if the command is known but its package is missing or broken."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name in self._plugged:
            return _load(self._plugged[cmd_name]).get_command(ctx, cmd_name)
        if cmd_name in LABORATORY:
            raise UsageError(
                f"the command `{cmd_name}` comes with the laboratory, which is not installed: pip install ./lab, in a "
                "clone of the repository"
            )
        return None

    @cached_property
    def _plugged(self) -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points  # slow to import

        return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint) -> TyperGroup:
    """Import a plug-in's commands. Raises UsageError if the package is broken."""
    try:
        return _commands_of(entry.load())
    except (ImportError, AttributeError) as error:
        package = entry.dist.name if entry.dist else entry.module
        raise UsageError(f"the command `{entry.name}` of {package} cannot be loaded: {error}") from error


@cache
def _commands_of(app: typer.Typer) -> TyperGroup:
    """The commands of a Typer. Cached, because building them is slower than the import and help needs each of them."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup), "a Typer with one command is that command"
    return group


def _works(entry: EntryPoint) -> bool:
    try:
        _load(entry)
    except UsageError:
        return False
    return True
