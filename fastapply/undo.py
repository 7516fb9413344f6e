"""The undo store: the contents of files before each write, and the journal of a write in progress.

Each entry is a folder in a private folder of the user. It holds `entry.json` and the old contents as `before-0`,
`before-1`, …. Its name is `ID.pending` until the write is complete, then `ID`. Folders that start with a dot are left
over from killed processes.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import overload

from fastapply.config import Settings
from fastapply.errors import FastApplyError
from fastapply.files import FileChange, has_other_names, read_or_none, sync_folder

LOCK_SECONDS = 60.0
_PENDING = ".pending"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of a write. `before`, `after`: the SHA-256 of its content; None means no file. `temporary`: the path of
    the new content until it is in place. `in_place`: the file is overwritten, not replaced. `folders`: the folders made
    for it, innermost first."""

    path: str
    before: str | None
    after: str | None
    temporary: str
    in_place: bool
    mode: int | None
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One write. `kind`: "write" or "undo". `folder`: where the entry is stored; None if it is not."""

    id: str
    time: float  # seconds since 1970
    kind: str
    items: tuple[WrittenFile, ...]
    folder: Path | None = None

    def before(self, number: int) -> bytes | None:
        """The old content of a file. Raises OSError."""
        return self._copy("before", number) if self.items[number].before is not None else None

    def after(self, number: int) -> bytes | None:
        """The new content, stored only for a file that is overwritten in place. Raises OSError."""
        return self._copy("after", number) if self.items[number].in_place else None

    def _copy(self, side: str, number: int) -> bytes:
        assert self.folder is not None
        return (self.folder / f"{side}-{number}").read_bytes()


@overload
def digest(data: bytes) -> str: ...
@overload
def digest(data: bytes | None) -> str | None: ...
def digest(data: bytes | None) -> str | None:
    """The SHA-256 of a file's content; None if there is no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def make_entry(kind: str, changes: Sequence[FileChange]) -> Entry:
    """A new entry that is not stored yet."""
    identity = f"{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**9:09d}-{secrets.token_hex(2)}"
    items = tuple(_item(change, identity, number) for number, change in enumerate(changes))
    return Entry(identity, time.time(), kind, items)


def _item(change: FileChange, identity: str, number: int) -> WrittenFile:
    real = change.real
    mode = real.stat().st_mode & 0o7777 if change.before is not None else change.mode
    return WrittenFile(
        path=str(real),
        before=digest(change.before),
        after=digest(change.after),
        temporary=str(real.parent / f".fastapply-{identity}-{number}.tmp"),
        in_place=change.before is not None and change.after is not None and has_other_names(real),
        mode=mode,
        folders=tuple(str(folder) for folder in real.parents if not folder.exists()),
    )


class UndoStore:
    """The entries in `folder`, at most `most_entries` of them with `most_bytes` of contents. Its methods raise OSError
    if the folder cannot be used."""

    def __init__(self, folder: Path, most_entries: int = 100, most_bytes: int = 64_000_000) -> None:
        self.folder = folder
        self._most_entries = most_entries
        self._most_bytes = most_bytes

    @classmethod
    def of(cls, settings: Settings) -> UndoStore:
        return cls(settings.state_dir / "undo", settings.undo_count, int(settings.undo_megabytes * 1e6))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the store: only one process at a time writes files. The lock of a killed process is released.

        Raises:
            OSError: the folder cannot be used.
            FastApplyError: another process holds the lock for too long.
        """
        from filelock import FileLock, Timeout  # slow to import, and only a write needs it

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        lock = FileLock(self.folder / ".lock", timeout=LOCK_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise FastApplyError("another fastapply process is still writing files: run it again later") from None
        try:
            self._clean()
            yield
        finally:
            lock.release()

    def begin(self, entry: Entry, changes: Sequence[FileChange]) -> Entry:
        """Store an entry as pending. It is on disk when this returns."""
        work = self.folder / f".new-{entry.id}"
        work.mkdir(mode=0o700)
        try:
            for number, (item, change) in enumerate(zip(entry.items, changes, strict=True)):
                if change.before is not None:
                    _write_private(work / f"before-{number}", change.before)
                if item.in_place and change.after is not None:
                    _write_private(work / f"after-{number}", change.after)
            data = {**asdict(entry), "folder": None}
            _write_private(work / "entry.json", json.dumps(data, indent=1).encode())
            sync_folder(work)
            kept = self.folder / (entry.id + _PENDING)
            os.rename(work, kept)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
        sync_folder(self.folder)
        return replace(entry, folder=kept)

    def settle(self, entry: Entry) -> None:
        """Mark a write as complete, and remove entries beyond the limits: the oldest first, and this one too if it
        alone is too large."""
        assert entry.folder is not None
        os.rename(entry.folder, self.folder / entry.id)
        self._prune()

    def discard(self, entry: Entry) -> None:
        if entry.folder is not None:
            old = self.folder / f".old-{entry.id}"
            os.rename(entry.folder, old)  # atomic, so that a half-deleted entry is never read
            shutil.rmtree(old, ignore_errors=True)

    def entries(self) -> list[Entry]:
        """The entries of complete writes, the newest first."""
        return self._all(pending=False)

    def last_write(
        self, path: str | None = None, *, inside: Callable[[str], bool] = lambda _: True, since: float = 0.0
    ) -> Entry | None:
        """The newest write that is not undone yet, or None.

        Args:
            path: the real path of a file that the write must include.
            inside: must return True for the paths of all its files.
            since: the earliest time, in seconds since 1970.
        """
        for entry in self.entries():
            paths = [item.path for item in entry.items]
            mine = (path is None or path in paths) and all(map(inside, paths))
            if entry.kind != "undo" and entry.time >= since and mine and not _is_undone(entry):
                return entry
        return None

    def pending(self) -> list[Entry]:
        """The entries of interrupted writes. Without the lock, a write may also still be running."""
        return self._all(pending=True)

    def has_leftovers(self) -> bool:
        """Whether there are files of a process that was killed or is still writing."""
        names = os.listdir(self.folder) if self.folder.exists() else []
        return any(name.startswith((".new-", ".old-")) or name.endswith(_PENDING) for name in names)

    def _all(self, *, pending: bool) -> list[Entry]:
        names = os.listdir(self.folder) if self.folder.exists() else []
        names = [name for name in names if name.endswith(_PENDING) is pending]
        found = (_read_entry(self.folder / name) for name in sorted(names, reverse=True) if not name.startswith("."))
        return sorted((entry for entry in found if entry), key=lambda entry: entry.time, reverse=True)

    def _prune(self) -> None:
        total = 0
        for number, entry in enumerate(self.entries(), 1):
            assert entry.folder is not None
            total += sum(path.stat().st_size for path in entry.folder.iterdir())
            if number > self._most_entries or total > self._most_bytes:
                self.discard(entry)

    def _clean(self) -> None:
        for name in os.listdir(self.folder):
            if name.startswith((".new-", ".old-")):
                shutil.rmtree(self.folder / name, ignore_errors=True)


def _is_undone(entry: Entry) -> bool:
    with suppress(OSError):
        return all(digest(read_or_none(Path(item.path))) == item.before for item in entry.items)
    return False


def _write_private(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read_entry(folder: Path) -> Entry | None:
    """The entry in a folder, or None if there is no valid one."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        data = json.loads((folder / "entry.json").read_bytes())
        items = tuple(WrittenFile(**{**item, "folders": tuple(item["folders"])}) for item in data["items"])
        return Entry(data["id"], data["time"], data["kind"], items, folder)
    return None
