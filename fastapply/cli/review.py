"""Show a doubtful result to a person: what is in doubt, the other readings as short diffs, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from fastapply.cli.terminal import ADDED, DOUBT, FAINT, PLACE, REMOVED, in_column, print_sentence, visible
from fastapply.text.diff import lf_lines
from fastapply.types import Alternative, ApplyResult, Status

_MOST_LINES = 24  # to show of one reading's diff
_STYLES = {"+": ADDED, "-": REMOVED, "@": PLACE}


def reasons(result: ApplyResult) -> str:
    """The details of the failed checks, in one line."""
    return "; ".join(check.detail.rstrip(".") for check in result.failed)


def print_doubts(console: Console, result: ApplyResult) -> None:
    """Print one line for each failed check. The first one of a doubtful result is labelled `in doubt`."""
    for number, check in enumerate(result.failed):
        name = "in doubt" if result.status is Status.NEEDS_REVIEW and not number else check.name
        print_sentence(console, Text(f"  {name}: {check.detail}", style=DOUBT), hang=4)


def print_readings(console: Console, others: Sequence[Alternative]) -> None:
    """Print the other readings, each as a diff against the first."""
    width = console.width if console.is_terminal else None
    for other in others:
        console.print(Text(f"reading {other.number}, against the first:", style="bold"))
        lines = _short(lf_lines(other.diff)[2:])  # without the two lines with file names
        for line in lines[:_MOST_LINES]:
            style = _STYLES.get(line[0], "")
            console.print(in_column(Text(f"  {line[0]}", style), visible(line[1:]), style, width))
        if len(lines) > _MOST_LINES:
            console.print(Text(f"  ... {len(lines) - _MOST_LINES} more lines", style=FAINT))


def _short(lines: Sequence[str]) -> list[str]:
    """A diff's lines with one line of context. Each gap between them becomes one line of dots."""
    changed = {k for k, line in enumerate(lines) if line[0] in "+-"}
    shown = [k for k, line in enumerate(lines) if line[0] == "@" or changed & {k - 1, k, k + 1}]
    rows: list[str] = []
    for before, k in zip([-1, *shown], shown, strict=False):
        if k > before + 1 and lines[before][0] != "@" != lines[k][0]:
            rows.append(" ...")
        rows.append(lines[k])
    return rows


def print_next_steps(console: Console, result: ApplyResult, *, write: bool, can_ask: bool) -> None:
    """Print what to do about a doubtful result, ready to be typed. `write`: --write was given; `can_ask`: standard
    input is free for answers, which it is not if the edit came through it."""
    steps = [(f"--reading {other.number}", "takes that reading") for other in result.alternatives]
    if can_ask and not write:
        steps.append(("--write", "asks hunk by hunk"))
    steps.append(("--write --force", "writes this one as it is"))
    if write and not can_ask:
        steps.append(("--update FILE", "asks hunk by hunk, since standard input is then free for your answers"))
    width = max(len(option) for option, _ in steps)
    for number, (option, what) in enumerate(steps):
        lead = "      " if number else "next: "
        print_sentence(console, Text.assemble(lead, (option.ljust(width), "bold"), f"  {what}"), hang=width + 8)
    print_sentence(console, "      or give an edit with more of the code around it", hang=6)
