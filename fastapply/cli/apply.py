"""`fastapply apply`: one file and one edit, several files in a directory, or a batch of tasks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from fastapply.applier import Delta
from fastapply.cli import options
from fastapply.cli.batch import run_batch
from fastapply.cli.directory import apply_to_directory
from fastapply.cli.output import EXIT_STATUS, Format, emit, say, shown_path
from fastapply.cli.preview import Preview
from fastapply.cli.summary import print_summary
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.files import SourceFile, decode_named, read_source, read_text
from fastapply.text.diff import unified_diff
from fastapply.text.lines import encode
from fastapply.types import ApplyRequest, ApplyResult, Status
from fastapply.undo import UndoStore
from fastapply.writing import recover, write_source


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
    write: Annotated[bool, typer.Option("--write", "-w", help="Write the file if nothing is doubtful.")] = False,
    force: Annotated[bool, typer.Option("--force", help="With --write: write even if it needs review.")] = False,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="For programs: a diff for `git apply`, the whole new text, or JSON. Default: a preview on a terminal, "
            "elsewhere the diff.",
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

    Example: pbpaste | fastapply apply app.py --format diff | git apply

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
        return run_batch(batch, out, settings)
    if file is None:
        raise UsageError("which file? fastapply apply FILE --update SNIPPET (see fastapply apply --help)")
    if force and not write:
        raise UsageError("--force needs --write")
    if file.is_dir():
        return apply_to_directory(file, read_update(update), instruction, settings, form, write=write, force=force)
    if write:
        say(*recover(UndoStore.of(settings)))
    source = read_source(file)
    request = ApplyRequest(source.text, read_update(update), instruction, path=shown_path(file))
    return _apply_one(source, request, settings, form, write=write, force=force)


def _apply_one(
    source: SourceFile, request: ApplyRequest, settings: Settings, form: Format | None, *, write: bool, force: bool
) -> int:
    on_terminal = form is None and sys.stdout.isatty()
    with Preview(request.original, show_hunks=on_terminal) as preview:
        applier, backend = options.make_applier(settings, preview.say, preview.phase)
        result = None
        for step in applier.stream(request):
            if isinstance(step, Delta):
                preview.show(step)
            else:
                result = step
        assert result is not None
        preview.finish(result)
    wanted = result.status is Status.APPLIED or (force and result.status is Status.NEEDS_REVIEW)
    written = write and wanted
    if written:
        say(write_source(source, result.text, UndoStore.of(settings)))
    if not on_terminal:
        _emit(result, request, form or Format.DIFF)
    print_summary(result, settings, backend, on_terminal=on_terminal, path=source.path, written=written, write=write)
    return 0 if written else EXIT_STATUS[result.status]


def _emit(result: ApplyResult, request: ApplyRequest, form: Format) -> None:
    match form:
        case Format.DIFF:
            emit(unified_diff(request.original, result.text, request.path or "").encode("utf-8", "surrogateescape"))
        case Format.TEXT:
            emit(encode(result.text))
        case Format.JSON:
            emit(json.dumps(result.to_json(), ensure_ascii=False).encode() + b"\n")


def read_update(update: str | None) -> str:
    """The edit's text from a file, or from standard input. Raises UsageError."""
    if update is not None and update != "-":
        return read_text(Path(update))
    if sys.stdin is None or (update is None and sys.stdin.isatty()):
        raise UsageError("which edit? give --update FILE, or pipe it in: fastapply apply FILE < SNIPPET")
    return decode_named(sys.stdin.buffer.read(), "standard input")
