"""A file that an agent makes: all of it stands in the edit, and nothing that exists is overwritten."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from fastapply.errors import FastApplyError, FileChangedError, UsageError
from fastapply.files import SourceFile
from fastapply.text.lines import encode


def absent(real: Path, target: str) -> SourceFile | None:
    """An empty file that is not there yet; None: there is one. Raises UsageError where none could be made."""
    if os.path.lexists(real):
        return None
    if not real.parent.is_dir():
        raise UsageError(f"{target}: no such file, and no folder to make it in")
    return SourceFile(real, real, b"", "")


def create(source: SourceFile, text: str) -> None:
    """Make the file.

    Raises:
        FileChangedError: somebody else made one meanwhile; it is left alone.
        FastApplyError: it cannot be made; nothing is left of it.
    """
    try:
        with source.real.open("xb") as file:
            try:
                file.write(encode(text))
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                with suppress(OSError):
                    source.real.unlink()
                raise
    except FileExistsError:
        raise FileChangedError(f"{source.path} was made by somebody else meanwhile: nothing was written") from None
    except OSError as error:
        raise FastApplyError(f"{source.path} cannot be written: {error.strerror}; there is no such file") from error
