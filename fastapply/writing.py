"""Write files all together or not at all, even if the process is killed, and never over another program's change.

    under the store's lock: take back interrupted writes -> store the old contents (the journal) -> write all new
    contents beside their files -> put them all in place -> turn the journal into an undo entry

A single file is replaced by one renaming. Several cannot be replaced in one instant: if the process is killed between
two of them, the next write or `fastapply undo` takes the first back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fastapply.errors import FastApplyError, FileChangedError
from fastapply.files import FileChange, overwrite, read_or_none, reason, stage, swap, sync_folder
from fastapply.text.diff import common_ends
from fastapply.undo import Entry, UndoStore, WrittenFile, digest, make_entry


def write_changes(changes: Sequence[FileChange], undo: UndoStore | None, kind: str = "write") -> str:
    """Write all files or none. Keeps modes, owners, symbolic links and hard links.

    Returns:
        why this cannot be undone, or "" if it can.
    Raises:
        FileChangedError: a file has changed since it was read; nothing is written.
        FastApplyError: a file cannot be written, or there are several and no usable undo store makes that safe.
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
                raise  # keep the entry pending
            except BaseException:
                with suppress(OSError):
                    undo.discard(entry)
                raise
            with suppress(OSError):  # if this fails, the next write finds the entry complete
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


def _entry(kind: str, changes: Sequence[FileChange]) -> Entry:
    """A new entry for the changes. Raises FileChangedError or FastApplyError if one cannot be written."""
    for change in changes:
        with _named(change):
            change.refuse_changed()
            change.refuse_read_only()
    return make_entry(kind, changes)


@contextmanager
def _named(change: FileChange) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FastApplyError(f"{change.path} cannot be written: {reason(error)}; it is as it was") from error


class HalfWrittenError(FastApplyError):
    """Some files were written and could not be taken back. The store still has their old contents."""


def _write(entry: Entry, changes: Sequence[FileChange]) -> None:
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


def take_back(item: WrittenFile, before: bytes | None, after: bytes | None) -> bool:
    """Restore one file, whichever step its writing had reached.

    Args:
        after: needed only for a file that is overwritten in place.
    Returns:
        False if another program has changed the file; it is then left alone.
    Raises:
        OSError: it cannot be restored.
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
            back = FileChange(path, path, now, before, item.mode)
            stage(back, temporary)
            swap(back, temporary, in_place=False)
    _remove_empty(item.folders)
    return untouched or written


def _remove_empty(folders: Sequence[str]) -> None:
    for folder in folders:
        with suppress(OSError):
            os.rmdir(folder)


def _torn(now: bytes | None, before: bytes | None, after: bytes | None) -> bool:
    """Whether the bytes are the beginning of the new ones followed by the rest of the old ones."""
    if now is None or before is None or after is None:
        return False
    same, _ = common_ends(now, after)
    return now[same:] == before[same:]


def recover(undo: UndoStore) -> list[str]:
    """Finish or take back the writes of killed processes. Returns a sentence about each that was, or could not be,
    taken back."""
    try:
        if not undo.has_leftovers():
            return []
        with undo.locked():
            return recover_locked(undo)
    except OSError as error:
        return [f"{undo.folder} cannot be used: {reason(error)}"]


def recover_locked(undo: UndoStore) -> list[str]:
    """`recover` for a caller that holds the lock. Raises OSError."""
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


def _names(items: Sequence[WrittenFile]) -> str:
    return ", ".join(item.path for item in items)


def undo_entry(undo: UndoStore, entry: Entry, *, remedy: str, force: bool = False) -> list[FileChange]:
    """Restore all files of an entry. The undo gets an entry of its own. Returns the changes.

    Args:
        remedy: for the error message, what to do about a file that has changed since.
        force: restore files that have changed since, too.
    Raises:
        FileChangedError: a file has changed since and `force` is not set; nothing is undone.
        FastApplyError: a file cannot be read or written.
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
        changes.append(FileChange(path, path, now, before, item.mode))
    if changes:
        write_changes(changes, undo, kind="undo")
    for item in entry.items:
        _remove_empty(item.folders)
    with suppress(OSError):
        undo.discard(entry)
    return changes
