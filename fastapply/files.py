"""Read files once, as UTF-8, and the single steps of writing one. `writing.py` combines the steps."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fastapply.errors import FastApplyError, FileChangedError, UsageError
from fastapply.text.lines import decode

MOST_BYTES = 10_000_000  # of a file or an update; a line-by-line alignment of more takes minutes


@dataclass(frozen=True)
class SourceFile:
    """A file as it was read. `real` is the path behind symbolic links; `text` is `data` decoded."""

    path: Path
    real: Path
    data: bytes
    text: str


def read_source(path: Path) -> SourceFile:
    """Read a file. Raises UsageError for anything but a readable regular file of UTF-8 text."""
    with _readable(path):
        real = path.resolve(strict=True)
        if not stat.S_ISREG(real.stat().st_mode) and not real.is_dir():
            raise UsageError(f"{path} is not a regular file")
        data = _bytes(real)
    return SourceFile(path, real, data, decode_named(data, str(path)))


def new_source(path: Path) -> SourceFile:
    """A file that does not exist yet, as an empty one. Raises UsageError if it could not be made."""
    parent = next((folder for folder in path.absolute().parents if os.path.lexists(folder)), path)
    if not parent.is_dir():
        raise UsageError(f"{path} cannot be made: {parent} is not a folder")
    with _readable(path):
        return SourceFile(path, path.resolve(), b"", "")


def read_text(path: Path) -> str:
    """The text of a file or a pipe. Raises UsageError for anything but readable UTF-8 text."""
    with _readable(path):
        data = _bytes(path)
    return decode_named(data, str(path))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return read_all(file, str(path))


def read_all(file: BinaryIO, name: str) -> bytes:
    """What is left of a file or a pipe; errors call it `name`. Raises UsageError for more than `MOST_BYTES`, since a
    device may never end."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UsageError(f"{name}: over {MOST_BYTES // 1_000_000} MB: too long to edit")
    return data


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        why = "a link to a file that does not exist" if path.is_symlink() else "no such file"
        raise UsageError(f"{path}: {why}") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory: give a file") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        raise UsageError(f"{path} cannot be read: {reason(error)}") from None


def decode_named(data: bytes, name: str) -> str:
    """The text of `data`; errors call it `name`. Raises UsageError for anything but UTF-8 text."""
    try:
        return decode(data)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


@dataclass(frozen=True)
class FileChange:
    """One file's bytes before and after; None means that there is no file. `path` is the user's name for it, `real` the
    path behind symbolic links. `mode` is for a new file."""

    path: Path
    real: Path
    before: bytes | None
    after: bytes | None
    mode: int | None = None

    def refuse_changed(self) -> None:
        """Raise FileChangedError if the file has changed since it was read."""
        if read_or_none(self.real) != self.before:
            raise FileChangedError(
                f"{self.path} changed while it was being rewritten: nothing was written; run it again"
            )

    def refuse_read_only(self) -> None:
        """Raise FastApplyError for a read-only file, because replacing it would succeed anyway."""
        if self.before is not None and not os.access(self.real, os.W_OK):
            raise FastApplyError(f"{self.path} is read-only: nothing was written")


def read_or_none(path: Path) -> bytes | None:
    """The bytes of a file, or None if there is no file. Raises OSError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def has_other_names(path: Path) -> bool:
    """Whether a file has hard links, from which a replacement would cut it off."""
    with suppress(OSError):
        return path.stat().st_nlink > 1
    return False


def stage(change: FileChange, temporary: Path) -> None:
    """Write the new content beside the file, with the file's mode and owner. Raises OSError."""
    assert change.after is not None
    found = change.real.stat() if change.before is not None else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(temporary, flags, 0o600 if found else 0o666), "wb") as file:
        file.write(change.after)
        if found:
            with suppress(OSError):  # only root may change a file's owner
                os.chown(temporary, found.st_uid, found.st_gid)
        mode = stat.S_IMODE(found.st_mode) if found else change.mode
        if mode is not None:
            os.chmod(temporary, mode)
        file.flush()
        os.fsync(file.fileno())


def swap(change: FileChange, temporary: Path, *, in_place: bool) -> None:
    """Put the new content in place of the old file. Raises OSError, FileChangedError."""
    change.refuse_changed()  # as late as possible
    if change.after is None:
        os.unlink(change.real)
    elif in_place:
        overwrite(change.real, change.after)
    elif change.before is None:
        _put_new(temporary, change)
    else:
        os.replace(temporary, change.real)


def _put_new(temporary: Path, change: FileChange) -> None:
    """Move a new file into place by a hard link, which never replaces an existing file, as renaming would."""
    try:
        os.link(temporary, change.real)
    except FileExistsError:
        raise FileChangedError(f"{change.path} was made by another program: nothing was written") from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        os.rename(temporary, change.real)  # a file system without links
    else:
        os.unlink(temporary)


def overwrite(path: Path, data: bytes) -> None:
    """Overwrite a file in place. Not atomic. Raises OSError."""
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that renaming survives a crash. Some file systems cannot; that is ignored."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def reason(error: BaseException) -> str:
    """The system's message, without the path."""
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
