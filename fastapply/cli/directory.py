"""`fastapply apply DIRECTORY`: one update of several files, written all together or not at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from fastapply.applier import Delta
from fastapply.cli import options
from fastapply.cli.output import EXIT_STATUS, Format, emit, say, shown_path
from fastapply.cli.preview import Preview, make_console
from fastapply.cli.review import print_readings
from fastapply.cli.summary import STYLE
from fastapply.config import Settings
from fastapply.directory import FileEdit, FileResult, find_edits, rewrite, worst
from fastapply.errors import UsageError
from fastapply.types import Status
from fastapply.undo import UndoStore
from fastapply.writing import recover, write_changes


def apply_to_directory(
    directory: Path,
    update: str,
    instruction: str,
    settings: Settings,
    form: Format | None,
    *,
    write: bool,
    force: bool,
) -> int:
    """Returns the exit status of the worst file. Raises as `find_edits` and `write_changes` do."""
    if form is Format.TEXT:
        raise UsageError("--format text is for one FILE: take diff or json for a directory")
    store = UndoStore.of(settings)
    if write:
        say(*recover(store))
    edits = find_edits(directory, update)
    on_terminal = form is None and sys.stdout.isatty()
    results = _rewrite_all(edits, instruction, settings, on_terminal=on_terminal)
    status = worst(results)
    taken = status is Status.APPLIED or (force and status is Status.NEEDS_REVIEW)
    written = write and taken
    if written:
        changes = [change for result in results for change in result.changes()]
        if changes:
            say(write_changes(changes, store))
    if not on_terminal and (taken or form is Format.JSON):  # no diff of a doubtful edit goes anywhere by accident
        _emit(results, status, form or Format.DIFF, directory)
    shown = on_terminal or taken or form is Format.JSON
    _print_summary(results, on_terminal=on_terminal, written=written, write=write, shown=shown)
    return 0 if taken else EXIT_STATUS[status]


def _rewrite_all(
    edits: Sequence[FileEdit], instruction: str, settings: Settings, *, on_terminal: bool
) -> list[FileResult]:
    results = []
    previews: list[Preview] = []  # the last one is on the screen
    applier, _ = options.make_applier(
        settings, lambda sentence: previews[-1].say(sentence), lambda name: previews[-1].phase(name)
    )
    for edit in edits:
        with Preview(edit.original, show_hunks=on_terminal, name=edit.path) as preview:
            previews.append(preview)
            for step in rewrite(applier, edit, instruction):
                if isinstance(step, Delta):
                    preview.show(step)
                else:
                    results.append(step)
                    preview.finish(step.result)
    return results


def _emit(results: Sequence[FileResult], status: Status, form: Format, directory: Path) -> None:
    if form is Format.JSON:
        files = {"status": status.value, "files": [result.to_json() for result in results]}
        emit(json.dumps(files, ensure_ascii=False).encode() + b"\n")
        return
    prefix = shown_path(directory)
    prefix = "" if prefix == "." else f"{prefix.lstrip('/')}/"
    emit("".join(result.diff(prefix) for result in results).encode("utf-8", "surrogateescape"))


def _print_summary(
    results: Sequence[FileResult], *, on_terminal: bool, written: bool, write: bool, shown: bool
) -> None:
    console = make_console(sys.stdout if on_terminal else sys.stderr)
    for each in results:
        result, status = each.result, each.result.status
        failed = [check for check in result.checks if not check.ok]
        if status is Status.REJECTED:
            reasons = "; ".join(check.detail for check in failed)
            make_console(sys.stderr).print(f"fastapply: error: {each.edit.path}: rejected: {reasons}")
            continue
        said = f": {each.action} {each.edit.path}, confidence {result.confidence:.2f}"
        console.print(Text.assemble((status.value.replace("_", " "), STYLE[status]), said))
        for check in failed:
            console.print(Text(f"  {check.name}: {check.detail}", style="yellow"))
        if on_terminal:
            print_readings(console, result.alternatives)
    count = f"{len(results)} file{'' if len(results) == 1 else 's'}"
    if written:
        console.print(f"{count} written; `fastapply undo` puts them back")
    elif any(each.result.status is not Status.APPLIED for each in results):
        done = "nothing was written: all files or none" if write else "look at the diff" if shown else ""
        console.print("; ".join(filter(None, [done, "" if shown else "no diff is printed without --force"])))
    else:
        console.print(f"{count} not written (no --write)")
