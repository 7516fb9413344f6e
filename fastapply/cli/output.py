"""Output that all forms of `fastapply apply` share: formats, exit statuses, standard output and standard error."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from fastapply.cli.preview import make_console
from fastapply.cli.terminal import print_sentence
from fastapply.files import FileChange
from fastapply.types import Status
from fastapply.undo import UndoStore
from fastapply.writing import write_changes

EXIT_STATUS = {Status.APPLIED: 0, Status.NEEDS_REVIEW: 3, Status.REJECTED: 1}


class Format(StrEnum):
    """The format of results on standard output."""

    DIFF = "diff"
    TEXT = "text"
    JSON = "json"


def emit(data: bytes) -> None:
    """Write bytes to standard output, whatever the locale and the platform's line ends are."""
    sys.stdout.flush()
    # sys.stdout.buffer may be unbuffered, and then writes only as much as fits into a pipe.
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(data)


def say(*sentences: str) -> None:
    """Print each sentence as a line on standard error; skip empty ones."""
    for sentence in filter(None, sentences):
        print_sentence(make_console(sys.stderr), f"fastapply: {sentence}", hang=2)


def save(changes: Sequence[FileChange], store: UndoStore) -> None:
    """Write the files, as `write_changes` does. Ctrl-C waits for the end of it, and ends the program without a word
    from then on: that nothing was written would not be true."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        said = write_changes(changes, store)
    except BaseException:
        signal.signal(signal.SIGINT, before)
        raise
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    say(said)


def shown_path(file: Path) -> str:
    """The path for a diff, relative if the file lies below the current folder, where `git apply` will run."""
    path = Path(os.path.normpath(file.absolute()))
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
