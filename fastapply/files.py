"""Files as a front reads and writes them: read once as UTF-8, written atomically, never over somebody else's change.

Knows nothing of edits.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fastapply.errors import FastApplyError, FileChangedError, UsageError
from fastapply.text.lines import decode, encode


@dataclass(frozen=True)
class SourceFile:
    """A file as it was read. `real` is where symbolic links lead; `data` are its bytes, `text` is what they say."""

    path: Path
    real: Path
    data: bytes
    text: str


def read_source(path: Path) -> SourceFile:
    """Raises UsageError for anything but a regular file of UTF-8 text that can be read."""
    with _readable(path):
        real = path.resolve(strict=True)
        if not stat.S_ISREG(real.stat().st_mode) and not real.is_dir():
            raise UsageError(f"{path} is not a regular file")
        data = real.read_bytes()
    return SourceFile(path, real, data, decode_named(data, str(path)))


def read_text(path: Path) -> str:
    """The text of a file or a pipe. Raises UsageError for anything but UTF-8 text that can be read."""
    with _readable(path):
        data = path.read_bytes()
    return decode_named(data, str(path))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a directory: give a file") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        raise UsageError(f"{path} cannot be read: {_reason(error)}") from None


def decode_named(data: bytes, name: str) -> str:
    """The text of `data`, which is called `name` in errors. Raises UsageError for anything but UTF-8 text."""
    try:
        return decode(data)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def write_source(source: SourceFile, text: str) -> None:
    """Replace the file's content by `text`, all or nothing; mode, owner and symbolic links stay.

    A file with several hard links is overwritten in place: a replacement would cut it off from its other names.

    Raises:
        FileChangedError: the file is not what was read any more; nothing is written.
        FastApplyError: it cannot be written.
    """
    data = encode(text)
    try:
        _refuse_changed(source)
        if not os.access(source.real, os.W_OK):
            raise FastApplyError(f"{source.path} is read-only: nothing was written")
        found = source.real.stat()
        if found.st_nlink > 1:
            _overwrite(source.real, data)
        else:
            _replace(source, data, found)
    except OSError as error:
        raise FastApplyError(f"{source.path} cannot be written: {_reason(error)}; it is as it was") from error


def _refuse_changed(source: SourceFile) -> None:
    try:
        same = source.real.read_bytes() == source.data
    except FileNotFoundError:
        same = False
    if not same:
        raise FileChangedError(f"{source.path} changed while it was being rewritten: nothing was written; run it again")


def _replace(source: SourceFile, data: bytes, found: os.stat_result) -> None:
    descriptor, name = tempfile.mkstemp(dir=source.real.parent, prefix=f".{source.real.name[:100]}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            with suppress(OSError):  # only root may give a file away
                os.chown(name, found.st_uid, found.st_gid)
            os.chmod(name, stat.S_IMODE(found.st_mode))
            file.flush()
            os.fsync(file.fileno())
        _refuse_changed(source)  # as late as can be
        os.replace(name, source.real)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(source.real.parent)


def _overwrite(path: Path, data: bytes) -> None:
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself last; some file systems cannot, and nothing is lost then but this certainty."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: BaseException) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
