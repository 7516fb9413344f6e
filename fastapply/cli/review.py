"""A doubtful result before a person: its other readings as short diffs, what to do next, and hunk by hunk if asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from fastapply.cli.hunks import HunkLines, visible
from fastapply.text.diff import lf_lines
from fastapply.text.lines import BOM, split_lines
from fastapply.types import Alternative, ApplyResult, Hunk

_MOST_LINES = 24  # of one reading's diff
_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_HELP = {
    "y": "take this hunk",
    "n": "leave it out",
    "a": "take it and all that follow",
    "o": "show the other reading, and begin again with that one",
    "q": "quit: write nothing",
}


class Decision(NamedTuple):
    """What a person has made of a result. `text` is None where nothing is to be written."""

    text: str | None
    taken: int
    hunks: int


def print_readings(console: Console, others: Sequence[Alternative]) -> None:
    """The other readings, each against the first."""
    for other in others:
        console.print(Text(f"reading {other.number}, against the first:", style="bold"))
        lines = _short(lf_lines(other.diff)[2:])  # without the file's names
        for line in lines[:_MOST_LINES]:
            console.print(Text(f"  {visible(line)}", style=_STYLES.get(line[0], "dim")))
        if len(lines) > _MOST_LINES:
            console.print(Text(f"  ... {len(lines) - _MOST_LINES} more lines", style="dim"))


def _short(lines: Sequence[str]) -> list[str]:
    """A diff's lines with one line of context."""
    changed = {k for k, line in enumerate(lines) if line[0] in "+-@"}
    return [line for k, line in enumerate(lines) if changed & {k - (lines[k - 1][:1] != "@"), k, k + 1}]


def next_step(result: ApplyResult) -> str:
    """What to do about a doubtful result that is on the screen."""
    steps = ["--write --force writes it as it is"]
    if result.alternatives:
        steps.insert(0, f"--reading {result.alternatives[0].number} takes the other one")
    return "; ".join([*steps, "or give an edit with more of the code around it"])


def can_ask() -> bool:
    """Is there a person to answer?"""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(console: Console, original: str, result: ApplyResult) -> Decision:
    """Ask hunk by hunk, as `git add -p` does, through one reading or several."""
    readings = [(1, result.hunks), *((other.number, other.hunks) for other in result.alternatives)]
    at = 0
    while True:
        number, hunks = readings[at]
        if at:
            console.print(Text(f"reading {number}", style="bold"))
        taken = _ask_hunks(console, original, hunks, several=len(readings) > 1)
        if taken is None:
            at = (at + 1) % len(readings)
            continue
        return Decision(patched(original, taken) if taken else None, len(taken), len(hunks))


def _ask_hunks(console: Console, original: str, hunks: Sequence[Hunk], *, several: bool) -> list[Hunk] | None:
    """The hunks that are taken; None: another reading is wanted."""
    keys = [key for key in _HELP if several or key != "o"]
    taken: list[Hunk] = []
    for number, hunk in enumerate(hunks, 1):
        shown = HunkLines(original)
        console.print(Text("\n").join(shown.push([hunk], 0) + shown.finish()))
        match _answer(console, f"hunk {number} of {len(hunks)}: take it", keys):
            case "y":
                taken.append(hunk)
            case "a":
                return [*taken, *hunks[number - 1 :]]
            case "o":
                return None
            case "q":
                return []
    return taken


def _answer(console: Console, question: str, keys: Sequence[str]) -> str:
    """One of the keys; the end of the input is a `q`."""
    while True:
        console.print(Text(f"{question} [{','.join(keys)},?]? ", style="bold blue"), end="")
        line = sys.stdin.readline()
        if not line:
            console.print()
            return "q"
        if (key := line.strip().lower()[:1]) in keys:
            return key
        for known in keys:
            console.print(f"  {known}  {_HELP[known]}")


def patched(original: str, hunks: Sequence[Hunk]) -> str:
    """The original with some hunks of a result in it; both as read, with their line ends."""
    lines = split_lines(original.removeprefix(BOM))
    for hunk in sorted(hunks, key=lambda hunk: hunk.start_line, reverse=True):
        lines[hunk.start_line : hunk.end_line] = [hunk.new_text]
    return BOM * original.startswith(BOM) + "".join(lines)
