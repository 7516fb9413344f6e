"""Commands that are imported when they run: the list of them in help needs their names and one line of each only."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Lazy(NamedTuple):
    """A command before it is imported."""

    where: str  # "module:name" of a function, or of a Typer with commands of its own
    summary: str  # what the list of commands says of it: how its own help begins


class LazyCommand(TyperCommand):
    """Stands for a command until that is run or asked for its help."""

    def __init__(self, name: str, lazy: Lazy) -> None:
        super().__init__(name, help=lazy.summary, short_help=lazy.summary)
        self._where = lazy.where

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return self.load().make_context(info_name, args, parent, **extra)

    def load(self) -> Any:
        """The command itself."""
        module, _, name = self._where.partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
        alone.command(self.name)(found)
        return typer.main.get_command(alone)


class LazyGroup(TyperGroup):
    """A group of lazy commands, `own` by name. It shows its help as plain text: rich takes longer to import than all
    the rest."""

    own: ClassVar[Mapping[str, Lazy]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "rich_markup_mode": None})
        for name, lazy in self.own.items():
            self.add_command(LazyCommand(name, lazy))
