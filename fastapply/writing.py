"""Files are written all together or not at all, whenever the program ends, and never over somebody else's change.

    under the store's lock: what a killed process left half done is taken back -> the old contents are kept (the
    journal) -> all new contents are written beside their files -> all take their places -> the journal becomes an
    undo entry

A single file is replaced by one renaming. Several cannot be at one instant: whoever is killed between two of them has
the first taken back by the next write, or by `fastapply undo`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fastapply.errors import FastApplyError, FileChangedError
from fastapply.files import Change, SourceFile, overwrite, read_or_none, reason, stage, swap, sync_folder
from fastapply.text.lines import encode
from fastapply.undo import Entry, Item, UndoStore, digest, make_entry


def write_source(source: SourceFile, text: str, undo: UndoStore | None = None) -> str:
    """`write_changes` for the new text of one file."""
    return write_changes([Change(source.path, source.real, source.data, encode(text))], undo)


def write_changes(changes: Sequence[Change], undo: UndoStore | None, kind: str = "write") -> str:
    """Write all files or none; mode, owner, symbolic and hard links stay.

    Returns:
        why this cannot be undone, "" if it can.
    Raises:
        FileChangedError: a file is not what was read any more; nothing is written.
        FastApplyError: one cannot be written, or several and there is no undo store to make that safe.
    """
    if undo is None:
        _write(_entry(kind, changes), changes)
        return ""
    try:
        with undo.locked():
            recover_locked(undo)
            entry = undo.begin(_entry(kind, changes), changes)
            try:
                _write(entry, changes)
            except HalfWrittenError:
                raise  # the entry stays pending
            except BaseException:
                with suppress(OSError):
                    undo.discard(entry)
                raise
            with suppress(OSError):  # then the next write finds it complete
                undo.settle(entry)
            return ""
    except OSError as error:
        if len(changes) > 1:
            raise FastApplyError(
                f"several files cannot be written safely: no journal can be kept in {undo.folder}: {reason(error)}; "
                "nothing was written; set FASTAPPLY_STATE_DIR to a folder that can be written"
            ) from None
        _write(_entry(kind, changes), changes)
        return f"no undo is kept: {undo.folder}: {reason(error)} (see FASTAPPLY_STATE_DIR)"


def _entry(kind: str, changes: Sequence[Change]) -> Entry:
    """Raises FileChangedError, FastApplyError before anything is kept."""
    for change in changes:
        with _named(change):
            change.refuse_changed()
            change.refuse_read_only()
    return make_entry(kind, changes)


@contextmanager
def _named(change: Change) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FastApplyError(f"{change.path} cannot be written: {reason(error)}; it is as it was") from error


class HalfWrittenError(FastApplyError):
    """Some of the files were written and could not be taken back. The store still has their old contents."""


def _write(entry: Entry, changes: Sequence[Change]) -> None:
    steps = list(zip(changes, entry.items, strict=True))
    try:
        for change, item in steps:
            with _named(change):
                if change.after is not None and not item.in_place:
                    change.real.parent.mkdir(parents=True, exist_ok=True)
                    stage(change, Path(item.temporary))
        for change, item in steps:
            with _named(change):
                swap(change, Path(item.temporary), in_place=item.in_place)
    except BaseException as cause:
        for change, item in steps:
            try:
                take_back(item, change.before, change.after)
            except OSError as error:
                raise HalfWrittenError(
                    f"{cause}; and {change.path} could not be put back: {reason(error)}; run `fastapply undo`"
                ) from cause
        raise
    for folder in {change.real.parent for change in changes}:
        sync_folder(folder)


def take_back(item: Item, before: bytes | None, after: bytes | None) -> bool:
    """Put one file back, whichever step its writing had come to.

    Args:
        after: needed only for a file that is overwritten in place.
    Returns:
        False where the file holds what somebody else wrote: it is left alone.
    Raises:
        OSError: it cannot be put back.
    """
    path, temporary = Path(item.path), Path(item.temporary)
    temporary.unlink(missing_ok=True)
    now = read_or_none(path)
    untouched = digest(now) == item.before
    written = digest(now) == item.after or (item.in_place and _torn(now, before, after))
    if written and not untouched:
        if before is None:
            path.unlink()
        elif item.in_place:
            overwrite(path, before)
        else:
            back = Change(path, path, now, before, item.mode)
            stage(back, temporary)
            swap(back, temporary, in_place=False)
    _remove_empty(item.folders)
    return untouched or written


def _remove_empty(folders: Sequence[str]) -> None:
    for folder in folders:
        with suppress(OSError):
            os.rmdir(folder)


def _torn(now: bytes | None, before: bytes | None, after: bytes | None) -> bool:
    """Is it a beginning of the new bytes, then the rest of the old ones?"""
    if now is None or before is None or after is None:
        return False
    pairs = enumerate(zip(now, after, strict=False))
    same = next((place for place, (a, b) in pairs if a != b), min(len(now), len(after)))
    return now[same:] == before[same:]


def recover(undo: UndoStore) -> list[str]:
    """Finish what a killed process left. Returns a sentence about each write that was taken back, or could not be."""
    try:
        if not undo.has_leftovers():
            return []
        with undo.locked():
            return recover_locked(undo)
    except OSError as error:
        return [f"{undo.folder} cannot be used: {reason(error)}"]


def recover_locked(undo: UndoStore) -> list[str]:
    """`recover` for whoever holds the lock. Raises OSError."""
    said = []
    for entry in undo.pending():
        try:
            said += _recover(undo, entry)
        except OSError as error:
            said.append(f"an interrupted write of {_names(entry.items)} cannot be taken back: {reason(error)}")
    return said


def _recover(undo: UndoStore, entry: Entry) -> list[str]:
    if all(digest(read_or_none(Path(item.path))) == item.after for item in entry.items):
        for item in entry.items:
            Path(item.temporary).unlink(missing_ok=True)
        undo.settle(entry)
        return []
    numbered = list(enumerate(entry.items))
    strange = [item for number, item in numbered if not take_back(item, entry.before(number), entry.after(number))]
    if strange:
        undo.settle(entry)
        return [f"{_names(strange)} changed after an interrupted write: left alone (old content: `fastapply undo`)"]
    undo.discard(entry)
    return [f"an interrupted write of {_names(entry.items)} was taken back"]


def _names(items: Sequence[Item]) -> str:
    return ", ".join(item.path for item in items)


def undo_entry(undo: UndoStore, entry: Entry, *, remedy: str, force: bool = False) -> list[Change]:
    """Put all files of an entry back, and keep an entry of that in turn. Returns what was changed.

    Args:
        remedy: what to do about a file that changed since, for the error.
    Raises:
        FileChangedError: one is not what was written, and not `force`; nothing is undone.
        FastApplyError: one cannot be read or written.
    """
    changes = []
    for number, item in enumerate(entry.items):
        path = Path(item.path)
        try:
            now, before = read_or_none(path), entry.before(number)
        except OSError as error:
            raise FastApplyError(f"{path} cannot be undone: {reason(error)}") from None
        if digest(now) == item.before:
            continue
        if not force and (digest(now) != item.after or path.is_symlink()):
            raise FileChangedError(f"{path} changed since it was written: nothing was undone; {remedy}")
        changes.append(Change(path, path, now, before, item.mode))
    if changes:
        write_changes(changes, undo, kind="undo")
    for item in entry.items:
        _remove_empty(item.folders)
    with suppress(OSError):
        undo.discard(entry)
    return changes
