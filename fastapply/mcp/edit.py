"""One edit of one file for an agent: read, apply, and write if it may be written. Knows nothing of the protocol."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

from fastapply.applier import Applier, Delta
from fastapply.errors import FileChangedError, RejectedError, UsageError
from fastapply.files import Change, SourceFile, read_source
from fastapply.nearest import missing
from fastapply.roots import Roots
from fastapply.text.diff import unified_diff
from fastapply.text.lines import encode
from fastapply.types import ApplyRequest, ApplyResult, Status
from fastapply.undo import UndoStore
from fastapply.writing import recover, write_changes


@dataclass(frozen=True, slots=True)
class EditOrder:
    """What an agent asks for. `sha256` is that of the file as the agent read it; None: it does not care."""

    target: str
    instructions: str
    code_edit: str
    dry_run: bool = False
    write_doubtful: bool = False
    sha256: str | None = None
    reading: int = 1
    create: bool = False


class OtherReading(BaseModel):
    """Another file that the edit may mean."""

    number: int = Field(description="call again with this `reading` to take it")
    diff: str = Field(description="unified diff against the first reading's text")


class EditReport(BaseModel):
    """What became of an edit."""

    status: str = Field(description="applied, or needs_review: somebody should look at the diff")
    written: bool = Field(description="whether the file was changed on disk")
    confidence: float = Field(description="0..1: how likely this is what was meant")
    diff: str = Field(description="unified diff of the edit, empty if it changes nothing")
    problems: list[str] = Field(description="the checks that failed, in words: what is in doubt, and where")
    readings: list[OtherReading] = Field(description="of a doubtful edit: what else it may mean, best first")
    sha256: str = Field(description="of the file's content as it is on disk now")


class CancelledError(Exception):
    """Nobody waits any more; nothing was written."""


def edit(
    applier: Applier,
    order: EditOrder,
    roots: Roots,
    *,
    undo: UndoStore | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> EditReport:
    """Apply an order; write unless it is a dry run, or doubtful and not told to. A file that is not there is made where
    the order says so, if the edit is all of it.

    Raises:
        UsageError: outside of the roots, no such file, no folder for a new one, the edit is empty, no such reading.
        RejectedError: the edit does not fit the file.
        FileChangedError: the file is not what the agent read, or changed meanwhile; nothing is written.
        ModelError: the model cannot run.
        CancelledError: `cancelled` said so; nothing is written.
    """
    if undo is not None and not order.dry_run:
        recover(undo)
    real = roots.find(order.target)
    new = not os.path.lexists(real)
    source = _new_file(real, order, roots) if new else read_source(real)
    if roots.find(str(source.real)) != source.real:  # a link came in between
        raise FileChangedError(f"{order.target} changed while it was being read: run it again")
    refuse_stale(source, order)
    code, name = order.code_edit, source.real.name
    request = ApplyRequest(source.text, code, order.instructions, path=name, reading=order.reading)
    result = _run(applier, request, cancelled, progress)
    problems = [f"{check.name}: {check.detail}" for check in result.checks if not check.ok]
    if new and result.status is not Status.APPLIED:  # markers stand for lines that are nowhere
        raise RejectedError(f"{order.target}: no such file, and the edit is not all of one: {'; '.join(problems)}")
    if result.status is Status.REJECTED:
        raise RejectedError(f"{order.target}: rejected, nothing was written: {'; '.join(problems)}")
    changed = result.text != source.text
    written = changed and not order.dry_run and (result.status is Status.APPLIED or order.write_doubtful)
    if written:
        before = None if new else source.data
        write_changes([Change(source.path, source.real, before, encode(result.text))], undo)
    return EditReport(
        status=result.status.value,
        written=written,
        confidence=result.confidence,
        diff=unified_diff(source.text, result.text, order.target),
        problems=problems,
        readings=[OtherReading(number=other.number, diff=other.diff) for other in result.alternatives],
        sha256=digest(encode(result.text) if written else source.data),
    )


def _new_file(real: Path, order: EditOrder, roots: Roots) -> SourceFile:
    """An empty file that is not there yet. Raises UsageError where none is wanted, or none could be made."""
    if not order.create:
        within = next(root for root in (roots.offered or roots.configured) if real.is_relative_to(root))
        raise UsageError(missing(real, order.target, within, "set create to make a new file"))
    if not real.parent.is_dir():
        raise UsageError(f"{order.target}: no such file, and no folder to make it in")
    return SourceFile(real, real, b"", "")


def refuse_stale(source: SourceFile, order: EditOrder) -> None:
    """Raises FileChangedError where the agent has read something else."""
    if order.sha256 is not None and order.sha256.strip().lower() != digest(source.data):
        raise FileChangedError(
            f"{order.target} is not the file that was read (its SHA-256 differs): nothing was written; read it again"
        )


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _run(
    applier: Applier, request: ApplyRequest, cancelled: Callable[[], bool], progress: Callable[[int], None]
) -> ApplyResult:
    with closing(applier.stream(request)) as steps:
        for step in steps:
            if cancelled():
                break
            if isinstance(step, Delta):
                progress(step.lines_done)
            else:
                return step
    raise CancelledError
