"""`fastapply apply FILE`: rewrite one file, show or print the result, ask if it is doubtful, and write it."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from fastapply.cli import options
from fastapply.cli.options import ApplyOptions
from fastapply.cli.output import EXIT_STATUS, Format, emit, save, say, shown_path
from fastapply.cli.preview import Preview, make_console
from fastapply.cli.review import print_next_steps, print_readings, reasons
from fastapply.cli.summary import Fate, print_summary
from fastapply.cli.terminal import can_ask, print_sentence
from fastapply.config import Settings
from fastapply.directory import OwnPart, own_part
from fastapply.errors import UsageError
from fastapply.files import FileChange, SourceFile, new_source, read_source
from fastapply.result import said_of
from fastapply.text.diff import unified_diff
from fastapply.text.lines import encode, patched
from fastapply.types import ApplyRequest, ApplyResult, Delta, Status
from fastapply.undo import UndoStore
from fastapply.writing import recover

_MOST_NAMED = 4


@dataclass(frozen=True)
class _Target:
    """The file to write. `is_new`: it does not exist yet."""

    source: SourceFile
    is_new: bool

    @property
    def path(self) -> Path:
        return self.source.path

    def write(self, text: str, store: UndoStore) -> None:
        before = None if self.is_new else self.source.data
        save([FileChange(self.path, self.source.real, before, encode(text))], store)


def apply_to_file(file: Path, update: str, asked: ApplyOptions, settings: Settings) -> int:
    """Apply an update to one file. Returns the exit status. Raises as the applier and `write_changes` do."""
    store = UndoStore.of(settings)
    if asked.write:
        say(*recover(store))
    target = _find(file, create=asked.create)
    path = shown_path(file)
    part = own_part(update, path)
    request = ApplyRequest(target.source.text, part.update, asked.instruction, path=path, reading=asked.reading)
    on_terminal = asked.form is None and sys.stdout.isatty()
    result, backend = _rewrite(request, settings, on_terminal=on_terminal, is_new=target.is_new)
    say(_left_out(Path(path), part), said_of(part.left_out))

    doubtful = result.status is Status.NEEDS_REVIEW
    taken = result.status is Status.APPLIED or (asked.force and doubtful)
    asks = on_terminal and asked.write and doubtful and not taken and not asked.yes and can_ask()
    written = asked.write and taken and (target.is_new or result.text != request.original)
    if written:
        target.write(result.text, store)
    form = asked.form or Format.DIFF
    if not on_terminal and form is Format.DIFF and doubtful and not taken:
        undone = "nothing is written" if asked.write else "no diff is printed"
        say(f"error: {target.path}: needs review, {undone}: {reasons(result)}; {_ways_on(result)}")
        return EXIT_STATUS[result.status]
    if not on_terminal:
        _print(result, request, target, form)
    fate = Fate(target.path, written=written, write=asked.write, asks=asks)
    print_summary(result, settings, backend, fate, on_terminal=on_terminal)
    if on_terminal and doubtful and not taken:
        print_readings(make_console(sys.stdout), result.alternatives)
        if not asks:
            print_next_steps(make_console(sys.stdout), result, write=asked.write, can_ask=can_ask())
    if asks:
        return _ask(target, result, store)
    return 0 if taken else EXIT_STATUS[result.status]


def _find(file: Path, *, create: bool) -> _Target:
    """Raises UsageError."""
    if os.path.lexists(file):
        return _Target(read_source(file), is_new=False)
    if create:
        return _Target(new_source(file), is_new=True)
    from fastapply.nearest import missing

    raise UsageError(missing(file.absolute(), str(file), Path.cwd(), "--create makes a new file"))


def _rewrite(
    request: ApplyRequest, settings: Settings, *, on_terminal: bool, is_new: bool
) -> tuple[ApplyResult, options.LazyBackend | None]:
    name = f"{request.path} (new)" if is_new else request.path or ""
    with Preview(request.original, show_hunks=on_terminal, name=name) as preview:
        applier, backend = options.make_applier(settings, preview.say, preview.phase)
        for step in applier.stream(request):
            if isinstance(step, Delta):
                preview.show(step)
            else:
                preview.finish(step)
                return step, backend
    raise AssertionError("a stream ends with its result")


def _ask(target: _Target, result: ApplyResult, store: UndoStore) -> int:
    """Let a person decide about a doubtful result. Returns the exit status."""
    from fastapply.cli.asking import ask

    console = make_console(sys.stdout)
    decision = ask(console, target.source.text, result)
    if not decision.taken:
        print_sentence(console, f"{target.path} not written")
        return EXIT_STATUS[result.status]
    target.write(patched(target.source.text, decision.taken), store)
    print_sentence(console, f"{target.path} written: {decision.counted()}")
    return 0


def _left_out(file: Path, part: OwnPart) -> str:
    """A sentence about the files of the update that were left out, or ""."""
    count = len(part.others)
    if not count:
        return ""
    named = ", ".join(part.others[:_MOST_NAMED]) + (", ..." if count > _MOST_NAMED else "")
    left = "1 other file in this update was" if count == 1 else f"{count} other files in this update were"
    said, whole = Path(part.said).parts, file.absolute().parts
    inside = whole[-len(said) :] == said
    folder = f": fastapply apply {shlex.quote(os.path.relpath(Path(*whole[: -len(said)])))}" if inside else ""
    return f"{left} not applied: {named}; give the folder to apply all{folder}"


def _print(result: ApplyResult, request: ApplyRequest, target: _Target, form: Format) -> None:
    """Print the result for a program, in the given form."""
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
    others = " or ".join(f"--reading {other.number}" for other in result.alternatives)
    take = f"{others} takes another reading, " if others else ""
    return f"{take}--force takes this one, --format json shows all"
