"""`fastapply undo`: restore files as they were before a write."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from fastapply.cli import options
from fastapply.cli.output import say, shown_path
from fastapply.errors import UsageError
from fastapply.undo import Entry, UndoStore
from fastapply.writing import recover, undo_entry


def undo(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|ID]", help="Undo the last write of this file, or an entry of --list.", show_default=False
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", "-l", help="Show what can be undone, the newest last.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Undo even if a file has changed since.")] = False,
) -> int:
    """Restore files as they were before the last `--write`; files that were written together are restored together.

    An undo can be undone too: `fastapply undo ID` with the ID of its entry brings the edit back.

    Example: fastapply undo app.py
    """
    store = UndoStore.of(options.make_settings())
    if listed and which is None and not force:
        for entry in reversed(store.entries()):
            print(_line(entry))
        return 0
    if listed:
        raise UsageError("--list takes no other option and no FILE")
    recovered = recover(store)
    say(*recovered)
    if recovered and which is None:
        return 0
    entry = _find(store, which)
    for change in undo_entry(store, entry, remedy="--force does it anyway", force=force):
        print(f"{shown_path(change.path)} {'restored' if change.path.exists() else 'removed'}")
    return 0


def _find(store: UndoStore, which: str | None) -> Entry:
    named = next((entry for entry in store.entries() if entry.id == which), None)
    entry = named or store.last_write(str(Path(which).resolve()) if which is not None else None)
    if entry is not None:
        return entry
    if which is None:
        raise UsageError("there is nothing to undo")
    raise UsageError(f"{which}: no write of it can be undone (see fastapply undo --list)")


def _line(entry: Entry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.time))
    files = ", ".join(shown_path(Path(item.path)) for item in entry.items)
    return f"{entry.id}  {when}  {entry.kind:5}  {files}"
