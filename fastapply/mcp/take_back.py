"""Undo the last write of a file for an agent: `fastapply undo`, limited to the agent's roots."""

from __future__ import annotations

from contextlib import suppress

from pydantic import BaseModel, Field

from fastapply.errors import FastApplyError, UsageError
from fastapply.files import FileChange, reason
from fastapply.roots import Roots, named_path
from fastapply.text.diff import unified_diff
from fastapply.text.lines import decode
from fastapply.undo import Entry, UndoStore, digest
from fastapply.writing import recover, undo_entry


class TakenBack(BaseModel):
    """One restored file."""

    path: str = Field(description="the file")
    diff: str = Field(description="unified diff of what the undo changed; empty if the file is not text")
    sha256: str = Field(description="SHA-256 of the file now; empty if that write had created it and it is gone")


class UndoReport(BaseModel):
    """What an undo changed: all files of one write."""

    files: list[TakenBack]
    note: str = Field(default="", description="further information")


def undo_edit(store: UndoStore, roots: Roots, target: str | None, since: float) -> UndoReport:
    """Undo the last write of `target`, including all files that were written with it. Without a target, undo the last
    write after `since` (seconds since 1970).

    Raises:
        UsageError: there is no such write, or it touched files outside the roots.
        FileChangedError: a file has changed since it was written; nothing is undone.
        FastApplyError: a file cannot be read or written.
    """
    note = "; ".join(recover(store))
    entry = _find(store, roots, target, since)
    changes = undo_entry(store, entry, remedy="read it, and edit it back")
    return UndoReport(files=[_taken_back(roots, change) for change in changes], note=note)


def _find(store: UndoStore, roots: Roots, target: str | None, since: float) -> Entry:
    real = None if target is None else str(roots.find(named_path(target)))
    try:
        entry = store.last_write(real, inside=lambda path: _allowed(roots, path), since=0.0 if target else since)
    except OSError as error:
        raise FastApplyError(f"{store.folder} cannot be used: {reason(error)}") from None
    if entry is not None:
        return entry
    if target is not None:
        raise UsageError(f"{target}: no write of it can be undone")
    raise UsageError("nothing that this server wrote is left to undo: name the file whose last write to undo")


def _allowed(roots: Roots, path: str) -> bool:
    with suppress(UsageError):
        return str(roots.find(path)) == path
    return False


def _taken_back(roots: Roots, change: FileChange) -> TakenBack:
    base = next(root for root in (roots.offered or roots.configured) if change.real.is_relative_to(root))
    shown = change.real.relative_to(base).as_posix()
    diff = ""
    with suppress(UsageError):
        diff = unified_diff(decode(change.before or b""), decode(change.after or b""), shown)
    return TakenBack(path=shown, diff=diff, sha256=digest(change.after) or "")
