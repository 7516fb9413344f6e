"""What the forms of `fastapply apply` share: how results leave the program."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path

from fastapply.cli.preview import make_console
from fastapply.types import Status

EXIT_STATUS = {Status.APPLIED: 0, Status.NEEDS_REVIEW: 3, Status.REJECTED: 1}


class Format(StrEnum):
    """What goes to standard output."""

    DIFF = "diff"
    TEXT = "text"
    JSON = "json"


def emit(data: bytes) -> None:
    """On standard output, as bytes: whatever the locale and the line ends are."""
    sys.stdout.flush()
    # Not sys.stdout.buffer: that one may be unbuffered, and then writes only as much as fits into a pipe.
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(data)


def say(*sentences: str) -> None:
    """On standard error, one line each; an empty one is none."""
    for sentence in filter(None, sentences):
        make_console(sys.stderr).print(f"fastapply: {sentence}")


def shown_path(file: Path) -> str:
    """The path in a diff: relative where `git apply` in this folder takes it so."""
    path = Path(os.path.normpath(file.absolute()))
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
