"""Commands that are imported only when they run. The list in help needs just a name and a one-line summary of each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


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
