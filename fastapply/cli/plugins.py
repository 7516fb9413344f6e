"""Commands that other packages plug in through the entry point group `fastapply.commands`.

An entry point is named after a command and refers to a `typer.Typer` with that command. A package is imported only when
its command runs or help lists it.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from fastapply.cli.lazy import LazyGroup
from fastapply.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "fastapply.commands"
LABORATORY = ("bench", "calibrate", "data", "eval", "train")


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
