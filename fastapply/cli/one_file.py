"""`fastapply apply FILE`: one file rewritten, shown or printed, asked about where it is doubtful, and written."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapply.applier import Delta
from fastapply.cli import options
from fastapply.cli.output import EXIT_STATUS, Format, emit, say
from fastapply.cli.preview import Preview, make_console
from fastapply.cli.review import ask, can_ask, next_step, print_readings
from fastapply.cli.summary import Fate, print_summary, reasons
from fastapply.config import Settings
from fastapply.directory import own_part
from fastapply.errors import UsageError
from fastapply.files import Change, SourceFile, new_source, read_source
from fastapply.nearest import missing
from fastapply.text.diff import unified_diff
from fastapply.text.lines import encode
from fastapply.types import ApplyRequest, ApplyResult, Status
from fastapply.undo import UndoStore
from fastapply.writing import recover, write_changes

_MOST_NAMED = 4


@dataclass(frozen=True)
class Handling:
    """What becomes of a result. `form`: None is for a person on a terminal, the diff elsewhere."""

    form: Format | None
    write: bool = False
    force: bool = False
    yes: bool = False
    create: bool = False


@dataclass(frozen=True)
class _Target:
    """A file, and whether it is still to be made."""

    source: SourceFile
    is_new: bool

    @property
    def path(self) -> Path:
        return self.source.path

    def write(self, text: str, store: UndoStore) -> None:
        before = None if self.is_new else self.source.data
        say(write_changes([Change(self.path, self.source.real, before, encode(text))], store))


def apply_to_file(file: Path, update: str, asked: ApplyRequest, settings: Settings, handling: Handling) -> int:
    """`asked` says everything but the texts. Returns the exit status; raises as the applier and `write_changes` do."""
    store = UndoStore.of(settings)
    if handling.write:
        say(*recover(store))
    target = _find(file, create=handling.create)
    code, others = own_part(update, asked.path or "")
    request = dataclasses.replace(asked, original=target.source.text, update=code)
    on_terminal = handling.form is None and sys.stdout.isatty()
    result, backend = _rewrite(request, settings, on_terminal=on_terminal)
    say(_left_out(others))

    doubtful = result.status is Status.NEEDS_REVIEW
    taken = result.status is Status.APPLIED or (handling.force and doubtful)
    asks = on_terminal and handling.write and doubtful and not taken and not handling.yes and can_ask()
    written = handling.write and taken and (target.is_new or result.text != request.original)
    if written:
        target.write(result.text, store)
    form = handling.form or Format.DIFF
    if not on_terminal and form is Format.DIFF and doubtful and not taken:
        undone = "nothing is written" if handling.write else "no diff is printed"
        say(f"error: {target.path}: needs review, {undone}: {reasons(result)}; {_ways_on(result)}")
        return EXIT_STATUS[result.status]
    if not on_terminal:
        _print(result, request, target, form)
    fate = Fate(target.path, written=written, write=handling.write, asks=asks)
    print_summary(result, settings, backend, fate, on_terminal=on_terminal)
    if on_terminal and doubtful and not taken:
        print_readings(make_console(sys.stdout), result.alternatives)
        if not asks:
            make_console(sys.stdout).print(f"next: {next_step(result)}")
    if asks:
        return _ask(target, result, store)
    return 0 if taken else EXIT_STATUS[result.status]


def _find(file: Path, *, create: bool) -> _Target:
    """Raises UsageError."""
    if os.path.lexists(file):
        return _Target(read_source(file), is_new=False)
    if create:
        return _Target(new_source(file), is_new=True)
    raise UsageError(missing(file.absolute(), str(file), Path.cwd(), "--create makes a new file"))


def _rewrite(
    request: ApplyRequest, settings: Settings, *, on_terminal: bool
) -> tuple[ApplyResult, options.LazyBackend | None]:
    with Preview(request.original, show_hunks=on_terminal, name=request.path or "") as preview:
        applier, backend = options.make_applier(settings, preview.say, preview.phase)
        for step in applier.stream(request):
            if isinstance(step, Delta):
                preview.show(step)
            else:
                preview.finish(step)
                return step, backend
    raise AssertionError("a stream ends with its result")


def _ask(target: _Target, result: ApplyResult, store: UndoStore) -> int:
    """Have a person decide about a doubtful result; the exit status."""
    console = make_console(sys.stdout)
    text, taken, hunks = ask(console, target.source.text, result)
    if text is None:
        console.print(f"{target.path} not written")
        return EXIT_STATUS[result.status]
    target.write(text, store)
    console.print(f"{target.path} written: {taken} of {hunks} hunk{'' if hunks == 1 else 's'}")
    return 0


def _left_out(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    files, were = ("file", "was") if len(paths) == 1 else ("files", "were")
    named = ", ".join(paths[:_MOST_NAMED]) + (", ..." if len(paths) > _MOST_NAMED else "")
    return f"{len(paths)} other {files} in this update {were} not applied: {named}; give the folder to apply them all"


def _print(result: ApplyResult, request: ApplyRequest, target: _Target, form: Format) -> None:
    """What a program reads."""
    match form:
        case Format.DIFF:
            diff = unified_diff(request.original, result.text, request.path or "")
            if target.is_new and diff:
                diff = "--- /dev/null\n" + diff.split("\n", 1)[1]
            emit(diff.encode("utf-8", "surrogateescape"))
        case Format.TEXT:
            emit(encode(result.text))
        case Format.JSON:
            emit(json.dumps(result.to_json(), ensure_ascii=False).encode() + b"\n")


def _ways_on(result: ApplyResult) -> str:
    other = f"--reading {result.alternatives[0].number} takes the other reading, " if result.alternatives else ""
    return f"{other}--force takes this one, --format json shows all"
