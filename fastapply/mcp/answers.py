"""The text of answers for the agent: the outcome, what to do next, what is in doubt, SHA-256 sums, and diffs."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from pydantic import ValidationError

from fastapply.align.checked import count
from fastapply.mcp.edit import EditReport, FilesReport, Handling
from fastapply.mcp.take_back import UndoReport
from fastapply.types import Status


def is_refused(report: EditReport, handling: Handling) -> bool:
    """Whether an edit was not written because it is doubtful, and so must not look like a success."""
    doubtful = report.status == Status.NEEDS_REVIEW.value and bool(report.diff or report.readings)
    return doubtful and not report.written and not handling.dry_run and not handling.write_doubtful


def are_refused(report: FilesReport, handling: Handling) -> bool:
    """The same for edits of several files, of which all are written or none."""
    rejected = report.status == Status.REJECTED.value
    return rejected or any(is_refused(each, handling) for each in report.files)


def edit_text(report: EditReport, handling: Handling) -> str:
    outcome = f"{report.status}, confidence {report.confidence:.2f}: {report.path} {_outcome(report, handling)}."
    lead = "In doubt" if report.status == Status.NEEDS_REVIEW.value else "Note"
    lines = [outcome, *(f"{lead}: {problem}" for problem in report.problems), *filter(None, [report.note])]
    lines.append(f"SHA-256 of the file now: {report.sha256}")
    return "\n".join(lines) + _diffs(report)


def _outcome(report: EditReport, handling: Handling) -> str:
    if report.written:
        return "written (undo_edit takes it back)"
    if is_refused(report, handling):
        return f"NOT written: the result needs review. {_next_step(report)}"
    if not report.diff:
        return "unchanged: the file has the edit already, or the edit changes nothing"
    return "not written (dry run)"


def _next_step(report: EditReport) -> str:
    numbers = [str(reading.number) for reading in report.readings]
    other = f"if reading {' or '.join(numbers)} below is right, with that `reading`; " if numbers else ""
    first = "If the diff below is right" if report.diff else "If nothing is to change"
    return f"{first}, call again with write_doubtful; {other}else with more of the surrounding code in code_edit"


def _diffs(report: EditReport) -> str:
    text = f"\n\n{report.diff}" if report.diff else ""
    for reading in report.readings:
        text += f"\nReading {reading.number}, against the diff's result:\n\n{reading.diff}"
    return text


def files_text(report: FilesReport, handling: Handling) -> str:
    """The outcome, then one line for each file, then all diffs."""
    lines = [f"{report.status}: {_files_outcome(report, handling)}."]
    lines += dict.fromkeys(each.note for each in report.files if each.note)
    for each in report.files:
        said = "; ".join(filter(None, [f"confidence {each.confidence:.2f}" if each.sha256 else "", *each.problems]))
        changed = "" if each.diff or not each.sha256 else "; unchanged: the file has it already, or it changes nothing"
        now = f"; SHA-256 of the file now: {each.sha256}" if each.sha256 else ""
        lines.append(f"{each.path}: {each.status}: {said}{changed}{now}")
    return "\n".join(lines) + "".join(map(_diffs, report.files))


def _files_outcome(report: FilesReport, handling: Handling) -> str:
    changed = [each for each in report.files if each.diff]
    files = count(len(changed), "file")
    if report.written:
        return f"{files} written (undo_edit takes them back together)"
    if report.status == Status.REJECTED.value:
        return "NOTHING was written, all files or none: fix the rejected edits and send all of them again"
    if are_refused(report, handling):
        return (
            "NOTHING was written, all files or none. Look at the diffs of files that need review: if they are right, "
            "send all edits again with write_doubtful, else with the right reading or more of the surrounding code"
        )
    if not changed:
        return "nothing to change"
    return f"{files} not written (dry run)"


def undo_text(report: UndoReport) -> str:
    lines = [f"undone: {count(len(report.files), 'file')}."]
    lines += filter(None, [report.note])
    lines += [
        f"{each.path}: {f'SHA-256 of the file now: {each.sha256}' if each.sha256 else 'removed, as it was before'}"
        for each in report.files
    ]
    return "\n".join(lines) + "".join(f"\n\n{each.diff}" for each in report.files if each.diff)


def unknown_argument(tool: str, name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    meant = f": did you mean `{near[0]}`?" if near else f"; there are {', '.join(known)}"
    return f"{tool} has no argument `{name}`{meant}"


def wrong_arguments(tool: str, error: ValidationError) -> str:
    """The first error in the arguments, in one sentence."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"{tool} needs the argument `{name}`"
    if first["type"] == "extra_forbidden":
        return f"{tool} has no argument `{name}`"
    if first["type"] == "model_type":
        return f"{tool}: `{name}` should be an object"
    message = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"{tool}: `{name}` {message[:1].lower()}{message[1:]}"
