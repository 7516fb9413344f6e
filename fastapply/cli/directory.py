"""`fastapply apply DIRECTORY`: one update of several files, written all together or not at all."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from fastapply.align.checked import count
from fastapply.cli import options
from fastapply.cli.asking import ask
from fastapply.cli.options import ApplyOptions
from fastapply.cli.output import EXIT_STATUS, Format, emit, save, say, shown_path
from fastapply.cli.preview import Preview, make_console
from fastapply.cli.review import print_doubts, print_readings, reasons
from fastapply.cli.summary import STYLE
from fastapply.cli.terminal import can_ask, print_sentence, visible
from fastapply.config import Settings
from fastapply.directory import FileEdit, FileResult, find_edits, rewrite
from fastapply.errors import UsageError
from fastapply.result import said_of
from fastapply.text.lines import patched
from fastapply.text.several import left_out
from fastapply.types import Delta, Status, worst
from fastapply.undo import UndoStore
from fastapply.writing import recover


def apply_to_directory(directory: Path, update: str, asked: ApplyOptions, settings: Settings) -> int:
    """Rewrite, show and write the files. Returns the exit status of the worst one.

    Raises as `find_edits` and `write_changes` do."""
    if asked.form is Format.TEXT:
        raise UsageError("--format text is for one FILE: take diff or json for a directory")
    store = UndoStore.of(settings)
    if asked.write:
        say(*recover(store))
    edits = find_edits(directory, update)
    blocks = left_out(update)
    on_terminal = asked.form is None and sys.stdout.isatty()
    results = _rewrite_all(edits, asked.instruction, settings, on_terminal=on_terminal)
    say(said_of(blocks))
    status = worst(each.result.status for each in results)
    doubtful = status is Status.NEEDS_REVIEW and not asked.force
    taken = status is not Status.REJECTED and not doubtful
    form = asked.form or Format.DIFF
    if doubtful and not on_terminal and form is Format.DIFF:
        say(_error(directory, results, write=asked.write))
        return EXIT_STATUS[status]
    if not on_terminal and (taken or form is Format.JSON):
        _emit(results, status, form, directory, blocks)
    _print_results(results, on_terminal=on_terminal)
    asks = doubtful and on_terminal and asked.write and not asked.yes and can_ask()
    if asks:
        results, taken = _ask_about(results)
    changed = sum(bool(result.changes()) for result in results) if taken else 0
    if asked.write and changed:
        save([change for result in results for change in result.changes()], store)
    console = make_console(sys.stdout if on_terminal else sys.stderr)
    print_sentence(console, _outcome(len(results), changed, taken=taken, write=asked.write), hang=2)
    if doubtful and not taken and not asks:
        _print_next_steps(console, directory, results, ask=on_terminal and not asked.write and can_ask())
    return 0 if taken else EXIT_STATUS[status]


def _rewrite_all(
    edits: Sequence[FileEdit], instruction: str, settings: Settings, *, on_terminal: bool
) -> list[FileResult]:
    results = []
    previews: list[Preview] = []  # the last one is shown
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


def _emit(results: Sequence[FileResult], status: Status, form: Format, directory: Path, blocks: Sequence[str]) -> None:
    if form is Format.JSON:
        files: dict[str, Any] = {"status": status.value, "files": [result.to_json() for result in results]}
        if blocks:
            files["left_out"] = list(blocks)
        emit(json.dumps(files, ensure_ascii=False).encode() + b"\n")
        return
    prefix = shown_path(directory)
    prefix = "" if prefix == "." else f"{prefix.lstrip('/')}/"
    emit("".join(result.diff(prefix) for result in results).encode("utf-8", "surrogateescape"))


def _print_results(results: Sequence[FileResult], *, on_terminal: bool) -> None:
    """Print the outcome of each file."""
    console = make_console(sys.stdout if on_terminal else sys.stderr)
    for each in results:
        result = each.result
        if result.status is Status.REJECTED:
            say(f"error: {each.edit.path}: rejected: {reasons(result)}")
            continue
        status = result.status.value.replace("_", " ")
        said = f": {each.action} {each.edit.path}, confidence {result.confidence:.2f}"
        print_sentence(console, Text.assemble((status, STYLE[result.status]), said), hang=2)
        print_doubts(console, result)
        if on_terminal:
            print_readings(console, result.alternatives)


def _ask_about(results: Sequence[FileResult]) -> tuple[list[FileResult], bool]:
    """Let a person decide about the doubtful files. False: write nothing."""
    console = make_console(sys.stdout)
    decided = []
    for each in results:
        result = each.result
        if result.status is Status.NEEDS_REVIEW:
            console.print(Text(visible(each.edit.path), style="bold"))
            hunks = ask(console, each.edit.original, result).taken
            if hunks is None:
                return list(results), False
            result = replace(result, text=patched(each.edit.original, hunks), hunks=hunks, status=Status.APPLIED)
        decided.append(replace(each, result=result))
    return decided, True


def _outcome(files: int, changed: int, *, taken: bool, write: bool) -> str:
    if not taken:
        return "nothing was written: all files or none" if write else f"{count(files, 'file')} not written"
    if not changed:
        return "nothing to change"
    return (
        f"{count(changed, 'file')} written; `fastapply undo` takes it back"
        if write
        else f"{count(changed, 'file')} not written (no --write)"
    )


def _print_next_steps(console: Console, directory: Path, results: Sequence[FileResult], *, ask: bool) -> None:
    """Print what to do about a doubtful update, ready to be typed. `ask`: --write would ask."""
    lead = "next: "
    if ask:
        print_sentence(console, Text.assemble(lead, ("--write", "bold"), "          asks hunk by hunk"), hang=6)
        lead = " " * len(lead)
    print_sentence(console, Text.assemble(lead, ("--write --force", "bold"), "  writes all as it is"), hang=6)
    others = [(each.edit.path, other) for each in results for other in each.result.alternatives]
    if others:
        path, other = others[0]
        file = shlex.quote(shown_path(directory / path))
        print_sentence(console, f"      or one file in place of the folder: {file} --reading {other.number}", hang=6)


def _error(directory: Path, results: Sequence[FileResult], *, write: bool) -> str:
    """The one-line error for a doubtful update that is neither written nor printed."""
    undone = "nothing is written, all files or none" if write else "no diff is printed"
    doubts = [
        f"{each.edit.path}: {reasons(each.result)}" for each in results if each.result.status is not Status.APPLIED
    ]
    ways_on = "--force takes all as it is, --format json shows all"
    return f"error: {directory}: needs review, {undone}: {'; '.join(doubts)}; {ways_on}"
