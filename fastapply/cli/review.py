"""A doubtful result before a person: what is in doubt, its other readings as short diffs, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from fastapply.cli.terminal import ADDED, DOUBT, FAINT, PLACE, REMOVED, in_column, print_sentence, visible
from fastapply.text.diff import lf_lines
from fastapply.types import Alternative, ApplyResult, Check, Status

_MOST_LINES = 24  # of one reading's diff
_STYLES = {"+": ADDED, "-": REMOVED, "@": PLACE}


def failed_checks(result: ApplyResult) -> list[Check]:
    """What stands against a result, the doubt about it first."""
    failed = [check for check in result.checks if not check.ok]
    return sorted(failed, key=lambda check: check.name != "confident")


def reasons(result: ApplyResult) -> str:
    """The same in one line."""
    return "; ".join(check.detail.rstrip(".") for check in failed_checks(result))


def print_doubts(console: Console, result: ApplyResult) -> None:
    """One line for each. That of a doubtful result which says it best is called the doubt."""
    for number, check in enumerate(failed_checks(result)):
        name = "in doubt" if result.status is Status.NEEDS_REVIEW and not number else check.name
        print_sentence(console, Text(f"  {name}: {check.detail}", style=DOUBT), hang=4)


def print_readings(console: Console, others: Sequence[Alternative]) -> None:
    """The other readings, each against the first."""
    width = console.width if console.is_terminal else None
    for other in others:
        console.print(Text(f"reading {other.number}, against the first:", style="bold"))
        lines = _short(lf_lines(other.diff)[2:])  # without the file's names
        for line in lines[:_MOST_LINES]:
            style = _STYLES.get(line[0], "")
            console.print(in_column(Text(f"  {line[0]}", style), visible(line[1:]), style, width))
        if len(lines) > _MOST_LINES:
            console.print(Text(f"  ... {len(lines) - _MOST_LINES} more lines", style=FAINT))


def _short(lines: Sequence[str]) -> list[str]:
    """A diff's lines with one line of context; others between them become one line of dots."""
    changed = {k for k, line in enumerate(lines) if line[0] in "+-@"}
    shown = [k for k, line in enumerate(lines) if changed & {k - (lines[k - 1][:1] != "@"), k, k + 1}]
    rows: list[str] = []
    for before, k in zip([-1, *shown], shown, strict=False):
        if before >= 0 and k > before + 1 and lines[before][0] != "@" != lines[k][0]:
            rows.append(" ...")
        rows.append(lines[k])
    return rows


def print_next_steps(console: Console, result: ApplyResult, *, unasked: bool) -> None:
    """What to do about a doubtful result that is on the screen, as it is to be typed. `unasked`: there would have been
    questions, but the edit came by standard input."""
    steps = [(f"--reading {other.number}", "takes that reading") for other in result.alternatives]
    steps.append(("--write --force", "writes this one as it is"))
    if unasked:
        steps.append(("--update FILE", "asks hunk by hunk: standard input is free for your answers then"))
    width = max(len(option) for option, _ in steps)
    for number, (option, what) in enumerate(steps):
        lead = "      " if number else "next: "
        print_sentence(console, Text.assemble(lead, (option.ljust(width), "bold"), f"  {what}"), hang=width + 8)
    print_sentence(console, "      or give an edit with more of the code around it", hang=6)
