"""Edit files for an agent: read them, apply the edits, and write the results that may be written."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, Field

from fastapply.applier import Applier
from fastapply.directory import own_part
from fastapply.errors import FastApplyError, FileChangedError, ModelError, RejectedError, UsageError
from fastapply.files import FileChange, SourceFile, read_source
from fastapply.mcp.arguments import OneEdit
from fastapply.nearest import missing
from fastapply.result import left_out_check
from fastapply.roots import Roots, named_path
from fastapply.text.diff import unified_diff
from fastapply.text.lines import encode
from fastapply.types import ApplyRequest, ApplyResult, Delta, Status, worst
from fastapply.undo import UndoStore, digest
from fastapply.writing import recover, write_changes

_MOST_LINES = 20_000  # of one edit, as over HTTP
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Handling:
    """How to treat the results."""

    dry_run: bool = False
    write_doubtful: bool = False


class OtherReading(BaseModel):
    """Another result that the edit may mean."""

    number: int = Field(description="call again with this `reading` to take it")
    diff: str = Field(description="unified diff against the first reading's text")


class EditReport(BaseModel):
    """The outcome of one edit."""

    path: str = Field(description="the file, as named in the call")
    status: str = Field(description="applied; needs_review: somebody should look at the diff; or rejected")
    written: bool = Field(description="whether the file was changed on disk")
    confidence: float = Field(description="0..1: how likely this is what was meant")
    diff: str = Field(description="unified diff of the edit, empty if it changes nothing")
    problems: list[str] = Field(description="the checks that failed, in words: what is in doubt, and where")
    readings: list[OtherReading] = Field(description="other readings of a doubtful edit, the likeliest first")
    sha256: str = Field(description="SHA-256 of the file on disk now; empty if it could not be read")
    note: str = Field(default="", description="further information, for example why this cannot be undone")


class FilesReport(BaseModel):
    """The outcome of edits of several files."""

    status: str = Field(description="status of the worst file: applied, needs_review or rejected")
    written: bool = Field(description="whether files were changed on disk: all of them or none")
    files: list[EditReport]


class CancelledError(Exception):
    """The client cancelled the call; nothing was written."""


@dataclass(frozen=True)
class Editing:
    """What all edits of one call share."""

    applier: Applier
    roots: Roots
    undo: UndoStore
    cancelled: Callable[[], bool]
    progress: Callable[[int], None]

    def recovered(self) -> str:
        """Finish or take back writes of a killed process. Returns a sentence about them, or ""."""
        return "; ".join(recover(self.undo))


@dataclass(frozen=True)
class _Edited:
    """A result that is not written yet."""

    order: OneEdit
    source: SourceFile
    is_new: bool
    result: ApplyResult
    others: tuple[str, ...] = ()  # files that the edit is for as well

    @property
    def changes(self) -> bool:
        return self.result.text != self.source.text

    def may_be_written(self, handling: Handling) -> bool:
        return self.result.status is Status.APPLIED or handling.write_doubtful

    def change(self) -> FileChange:
        before = None if self.is_new else self.source.data
        return FileChange(self.source.path, self.source.real, before, encode(self.result.text))

    def report(self, *, written: bool, note: str = "") -> EditReport:
        result, written = self.result, written and self.changes
        return EditReport(
            path=self.order.target_filepath,
            status=result.status.value,
            written=written,
            confidence=result.confidence,
            diff=unified_diff(self.source.text, result.text, self.order.target_filepath),
            problems=_problems(result),
            readings=[OtherReading(number=other.number, diff=other.diff) for other in result.alternatives],
            sha256=digest(encode(result.text) if written else self.source.data),
            note="; ".join(filter(None, [self._left_out(), note])),
        )

    def _left_out(self) -> str:
        if not self.others:
            return ""
        named = ", ".join(self.others[:_MOST_NAMED]) + (", ..." if len(self.others) > _MOST_NAMED else "")
        return f"code_edit is for other files too, which were not touched: {named}; use edit_files for these"


def edit(editing: Editing, order: OneEdit, handling: Handling) -> EditReport:
    """Apply an order, and write the result if `handling` allows it. A missing file is created if the order says so and
    the edit is a whole file.

    Raises:
        UsageError: the file is outside the roots or missing, a new one has no folder, the edit is empty, or there is no
            such reading.
        RejectedError: the edit does not fit the file.
        FileChangedError: the file is not what the agent read, or has changed since; nothing is written.
        ModelError: the model cannot run.
        CancelledError: `editing.cancelled` returned True; nothing is written.
    """
    notes = [] if handling.dry_run else [editing.recovered()]
    edited = _apply(editing, order)
    written = edited.changes and not handling.dry_run and edited.may_be_written(handling)
    if written:
        notes.append(write_changes([edited.change()], editing.undo))
    return edited.report(written=written, note="; ".join(filter(None, notes)))


def edit_all(editing: Editing, orders: Sequence[OneEdit], handling: Handling) -> FilesReport:
    """Apply orders for several files. Write all of them, or none if one may not be written.

    Raises:
        UsageError: there are no orders.
        FileChangedError: a file has changed since it was read; nothing is written.
        ModelError, CancelledError: as for `edit`.
    """
    if not orders:
        raise UsageError("edits is empty: give one edit for each file")
    notes = [] if handling.dry_run else [editing.recovered()]
    edits, failures = _apply_all(editing, orders)
    taken = not failures and all(edited.may_be_written(handling) for edited in edits.values())
    changes = [edited.change() for edited in edits.values() if edited.changes]
    written = taken and bool(changes) and not handling.dry_run
    if written:
        notes.append(write_changes(changes, editing.undo))
    note = "; ".join(filter(None, notes))
    files = [
        edits[number].report(written=written, note=note) if number in edits else failures[number]
        for number in range(len(orders))
    ]
    status = worst(Status(report.status) for report in files)
    return FilesReport(status=status.value, written=written, files=files)


def _apply_all(editing: Editing, orders: Sequence[OneEdit]) -> tuple[dict[int, _Edited], dict[int, EditReport]]:
    """The results, and reports of the edits that failed, each by the number of its order."""
    edits: dict[int, _Edited] = {}
    failures: dict[int, EditReport] = {}
    done = 0
    for number, order in enumerate(orders):
        try:
            edited = _apply(editing, order, done)
            if any(edited.source.real == other.source.real for other in edits.values()):
                raise UsageError(f"{order.target_filepath} is named twice: put all its changes into one edit")
        except ModelError:
            raise
        except FastApplyError as error:
            failures[number] = _failed(order, str(error))
        else:
            edits[number] = edited
            done += edited.source.text.count("\n")
    return edits, failures


def _failed(order: OneEdit, why: str) -> EditReport:
    why = why.removeprefix(f"{order.target_filepath}: ").removeprefix("rejected, nothing was written: ")
    return EditReport(
        path=order.target_filepath,
        status=Status.REJECTED.value,
        written=False,
        confidence=0.0,
        diff="",
        problems=[why],
        readings=[],
        sha256="",
    )


def _apply(editing: Editing, order: OneEdit, lines_before: int = 0) -> _Edited:
    """The result of one order. `lines_before`: lines of the files done so far, for the progress. Raises as `edit`."""
    _refuse_long(order)
    roots = editing.roots
    real = roots.find(named_path(order.target_filepath))
    new = not os.path.lexists(real)
    source = _new_file(real, order, roots) if new else read_source(real)
    if roots.find(str(source.real)) != source.real:  # a link was put there since
        raise FileChangedError(f"{order.target_filepath} changed while it was being read: run it again")
    refuse_stale(source, order)
    part = own_part(order.code_edit, str(source.real))
    request = ApplyRequest(source.text, part.update, order.instructions, path=source.real.name, reading=order.reading)
    result = _run(editing, request, lines_before)
    problems = "; ".join(_problems(result))
    if new and result.status is not Status.APPLIED:  # for example, markers stand for lines that do not exist
        raise RejectedError(f"{order.target_filepath}: no such file, and the edit is not a whole file: {problems}")
    if result.status is Status.REJECTED:
        raise RejectedError(f"{order.target_filepath}: rejected, nothing was written: {problems}")
    result = replace(result, checks=(*result.checks, *left_out_check(part.left_out)))
    return _Edited(order, source, new, result, part.others)


def _problems(result: ApplyResult) -> list[str]:
    return [f"{check.name}: {check.detail}" for check in result.failed]


def _new_file(real: Path, order: OneEdit, roots: Roots) -> SourceFile:
    """An empty file that does not exist yet. Raises UsageError if it is not wanted or cannot be made."""
    if not order.create:
        within = next(root for root in (roots.offered or roots.configured) if real.is_relative_to(root))
        raise UsageError(missing(real, order.target_filepath, within, "set create to make a new file"))
    if not real.parent.is_dir():
        raise UsageError(f"{order.target_filepath}: no such file, and no folder to make it in")
    return SourceFile(real, real, b"", "")


def refuse_stale(source: SourceFile, order: OneEdit) -> None:
    """Raise FileChangedError if the file is not what the agent read."""
    if order.sha256 is not None and order.sha256.strip().lower() != digest(source.data):
        raise FileChangedError(
            f"{order.target_filepath} is not the file that was read (its SHA-256 differs): nothing was written; "
            "read it again"
        )


def _refuse_long(order: OneEdit) -> None:
    """Raise UsageError for an edit that would keep the server busy for minutes."""
    lines = order.code_edit.count("\n") + 1
    if lines > _MOST_LINES:
        raise UsageError(f"code_edit has {lines:,} lines, over {_MOST_LINES:,}: give only what changes")


def _run(editing: Editing, request: ApplyRequest, lines_before: int) -> ApplyResult:
    with closing(editing.applier.stream(request)) as steps:
        for step in steps:
            if editing.cancelled():
                break
            if isinstance(step, Delta):
                editing.progress(lines_before + step.lines_done)
            else:
                return step
    raise CancelledError
