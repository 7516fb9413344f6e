"""`fastapply apply`: one file and one edit, several files in a directory, or a batch of tasks."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fastapply.cli.options import ApplyOptions, spread
from fastapply.errors import UsageError
from fastapply.files import decode_named, read_all, read_text
from fastapply.nearest import missing


def _named(path: str) -> Path:
    """A path, but not an empty one: a shell's unset variable must not stand for the current folder."""
    if not path:
        raise UsageError("FILE is empty: name a file, or a folder with several files")
    return Path(path)


File = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE|DIRECTORY",
        help="The file to edit, or a folder with several files.",
        show_default=False,
        parser=_named,
    ),
]
Update = Annotated[
    str | None,
    typer.Option(
        "--update",
        "-u",
        metavar="U",
        help="The edit: a file with a snippet or a diff, or `-`. Without it: standard input.",
    ),
]


@dataclass(frozen=True)
class BatchOptions:
    """Many tasks in one call."""

    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch", metavar="TASKS.jsonl", help="Many tasks with one loaded model.", rich_help_panel="Batch"
        ),
    ] = None
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="RESULTS.jsonl", help="Where to write a batch's results.", rich_help_panel="Batch"
        ),
    ] = None


@spread
def apply(file: File = None, update: Update = None, *, asked: ApplyOptions, many: BatchOptions) -> int:
    """Rewrite FILE as an edit asks, and show what changes. Nothing is written without --write.

    The edit may be a snippet with `... existing code ...` markers, a whole file, one method, a diff,
    SEARCH/REPLACE blocks or `*** Begin Patch`, with or without prose and fences around it.

    In a DIRECTORY one edit may change, add, delete and rename several files, all of them or none: a diff,
    `*** Begin Patch`, SEARCH/REPLACE blocks or fenced code, each below the path of its file. `fastapply undo` takes
    back what was written.

    Example: fastapply apply app.py --update snippet.py --write

    Example: fastapply apply . --update changes.diff --write

    Example: pbpaste | fastapply apply app.py --format diff > edit.diff && git apply edit.diff

    A doubtful edit says what is in doubt and shows its other readings: --reading 2 takes the second one.

    Exit status: 0 applied, 3 needs review, 1 rejected, 2 wrong usage.
    """
    settings = asked.settings()
    if many != BatchOptions():
        if file is not None or update is not None or asked.write or asked.form is not None:
            raise UsageError(
                "--batch takes its files and edits from the task file: leave out FILE, --update, --write, --format"
            )
        if many.batch is None or many.out is None:
            raise UsageError("a batch needs both: --batch TASKS.jsonl --out RESULTS.jsonl")
        from fastapply.cli.batch import run_batch

        return run_batch(many.batch, many.out, settings)
    if file is None:
        raise UsageError("which file? fastapply apply FILE --update SNIPPET (see fastapply apply --help)")
    if file.is_dir():
        if asked.reading != 1 or asked.create:
            raise UsageError("--reading and --create are for one FILE: give the file, with its part of the update")
        from fastapply.cli.directory import apply_to_directory

        return apply_to_directory(file, read_update(update), asked, settings)
    from fastapply.cli.one_file import apply_to_file

    return apply_to_file(file, read_update(update), asked, settings)


def read_update(update: str | None) -> str:
    """The edit's text, from a file or from standard input. Raises UsageError."""
    if update is not None and update != "-":
        if not os.path.lexists(update):
            raise UsageError(missing(Path(update).absolute(), update, Path.cwd(), "--update takes a file, or `-`"))
        return read_text(Path(update))
    if sys.stdin is None or (update is None and sys.stdin.isatty()):
        raise UsageError("which edit? give --update FILE, or pipe it in: fastapply apply FILE < SNIPPET")
    return decode_named(read_all(sys.stdin.buffer, "standard input"), "standard input")
