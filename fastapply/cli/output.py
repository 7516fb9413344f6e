"""Output that all forms of `fastapply apply` share: formats, exit statuses, standard output and standard error."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path

from fastapply.cli.preview import make_console
from fastapply.cli.terminal import print_sentence
from fastapply.types import Status

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


def shown_path(file: Path) -> str:
    """The path for a diff, relative if the file lies below the current folder, where `git apply` will run."""
    path = Path(os.path.normpath(file.absolute()))
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
