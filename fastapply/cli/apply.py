"""`fastapply apply`: one file and one edit, several files in a directory, or a batch of tasks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fastapply.cli import options
from fastapply.cli.output import Format, shown_path
from fastapply.errors import UsageError
from fastapply.files import decode_named, read_text
from fastapply.types import ApplyRequest


def apply(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE|DIRECTORY", help="The file to edit, or where several are.", show_default=False),
    ] = None,
    update: Annotated[
        str | None,
        typer.Option(
            "--update",
            "-u",
            metavar="U",
            help="The edit: a file with a snippet or a diff, or `-`. Without it: standard input.",
        ),
    ] = None,
    instruction: Annotated[
        str, typer.Option("--instruction", "-i", metavar="T", help="One sentence to go with it.")
    ] = "",
    write: Annotated[
        bool,
        typer.Option("--write", "-w", help="Write the file if nothing is doubtful; on a terminal, else ask about it."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take the edit even if it needs review: write it, or print its diff.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Never ask: write what is sure, leave what is doubtful.")
    ] = False,
    reading: Annotated[
        int,
        typer.Option(
            "--reading", metavar="N", min=1, help="Take the N-th reading of a doubtful edit; no model is asked."
        ),
    ] = 1,
    create: Annotated[bool, typer.Option("--create", help="FILE may be new: it is made from the edit.")] = False,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="For programs: a diff for `git apply` (none of a doubtful edit, without --force), the whole new text, "
            "or JSON. Default: a preview on a terminal, elsewhere the diff.",
            show_default=False,
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Decode one token at a time: the slow, equal way.", rich_help_panel="Model")
    ] = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch", metavar="TASKS.jsonl", help="Many tasks with one loaded model.", rich_help_panel="Batch"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="RESULTS.jsonl", help="Where a batch's results go.", rich_help_panel="Batch"),
    ] = None,
    backend: options.Backend = None,
    base_url: options.BaseUrl = None,
    model: options.Model = None,
    template: options.Template = None,
    drafter: options.Drafter = None,
    draft_model: options.DraftModel = None,
    heads: options.Heads = None,
    device: options.Device = None,
    dtype: options.Dtype = None,
    cache_dir: options.CacheDir = None,
    temperature: options.Temperature = None,
    top_k: options.TopK = None,
    top_p: options.TopP = None,
    seed: options.Seed = None,
) -> int:
    """Rewrite FILE as an edit asks, and show what changes. Nothing is written without --write.

    The edit may be a snippet with `... existing code ...` markers, a whole file, one method, a diff,
    SEARCH/REPLACE blocks or `*** Begin Patch`, with or without prose and fences around it.

    In a DIRECTORY one edit may change, add, delete and rename several files, all of them or none: a diff,
    `*** Begin Patch`, SEARCH/REPLACE blocks or fenced code, each below the path of its file. What was written,
    `fastapply undo` takes back.

    Example: fastapply apply app.py --update snippet.py --write

    Example: fastapply apply . --update changes.diff --write

    Example: pbpaste | fastapply apply app.py --format diff > edit.diff && git apply edit.diff

    A doubtful edit says what is in doubt and shows its other readings: --reading 2 takes the second one.

    Exit status: 0 applied, 3 needs review, 1 rejected, 2 wrong usage.
    """
    if plain and drafter not in (None, "none"):
        raise UsageError("--plain and --drafter contradict each other: give one of them")
    settings = options.make_settings(
        model,
        template,
        "none" if plain else drafter,
        device,
        dtype,
        cache_dir,
        backend=backend,
        base_url=base_url,
        draft_model=draft_model,
        heads=heads,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
    )
    if batch is not None or out is not None:
        if file is not None or update is not None or write or form is not None:
            raise UsageError(
                "--batch takes its files and edits from the task file: leave out FILE, --update, --write, --format"
            )
        if batch is None or out is None:
            raise UsageError("a batch needs both: --batch TASKS.jsonl --out RESULTS.jsonl")
        from fastapply.cli.batch import run_batch

        return run_batch(batch, out, settings)
    if file is None:
        raise UsageError("which file? fastapply apply FILE --update SNIPPET (see fastapply apply --help)")
    if file.is_dir():
        if reading != 1 or create:
            raise UsageError("--reading and --create are for one FILE: give the file, with its part of the update")
        from fastapply.cli.directory import apply_to_directory

        return apply_to_directory(file, read_update(update), instruction, settings, form, write=write, force=force)
    from fastapply.cli.one_file import Handling, apply_to_file

    return apply_to_file(
        file,
        read_update(update),
        ApplyRequest("", "", instruction, path=shown_path(file), reading=reading),
        settings,
        Handling(form, write=write, force=force, yes=yes, create=create),
    )


def read_update(update: str | None) -> str:
    """The edit's text from a file, or from standard input. Raises UsageError."""
    if update is not None and update != "-":
        return read_text(Path(update))
    if sys.stdin is None or (update is None and sys.stdin.isatty()):
        raise UsageError("which edit? give --update FILE, or pipe it in: fastapply apply FILE < SNIPPET")
    return decode_named(sys.stdin.buffer.read(), "standard input")
