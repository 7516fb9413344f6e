"""Ask a person about a doubtful result, hunk by hunk, as `git add -p` does."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from fastapply.align.checked import count
from fastapply.cli.hunk_editor import edit_text, hunk_as_text, read_hunk
from fastapply.cli.hunks import HunkLines
from fastapply.cli.terminal import print_sentence
from fastapply.errors import FastApplyError, UsageError
from fastapply.text.lines import split_lines
from fastapply.types import ApplyResult, Hunk

_HELP = {
    "y": "take this hunk",
    "n": "leave it out",
    "a": "take it and all that follow",
    "d": "leave it out, and all that follow",
    "o": "switch to the other reading; hunks that both share are not asked about again",
    "e": "edit the hunk by hand, and take it",
    "q": "quit: write nothing",
}

_AGAIN = {"y": "go on with the text as you left it", "n": "the hunk is as it was"}


class Decision(NamedTuple):
    """A person's decision about a result. `taken`: the hunks to write; None: write nothing."""

    taken: tuple[Hunk, ...] | None
    yes: int  # hunks that were taken, edited or not
    offered: int

    def counted(self) -> str:
        """How many of the hunks were taken, in words."""
        return f"{self.yes} of {count(self.offered, 'hunk')}"


def ask(console: Console, original: str, result: ApplyResult) -> Decision:
    """Ask about each hunk of one reading, or of several in turn."""
    readings = [(1, result.hunks), *((other.number, other.hunks) for other in result.alternatives)]
    dialogue = _Dialogue(console, original, several=len(readings) > 1)
    turns = cycle(readings)
    _, hunks = next(turns)
    while (last := dialogue.ask_about(hunks)) == "o":
        number, hunks = next(turns)
        console.print(Text(f"reading {number}", style="bold"))
    if last == "q":
        return Decision(None, 0, len(hunks))
    answers = [dialogue.answers[hunk] for hunk in hunks]
    return Decision(tuple(hunk for answer in answers for hunk in answer), sum(map(bool, answers)), len(hunks))


@dataclass
class _Dialogue:
    """`answers`: for each hunk that was asked about, the hunks to take instead; empty if it is left out."""

    console: Console
    original: str
    several: bool
    answers: dict[Hunk, tuple[Hunk, ...]] = field(default_factory=dict)

    def ask_about(self, hunks: Sequence[Hunk]) -> str:
        """Ask about the hunks that have no answer yet. Returns `o` to switch to another reading, `q` to quit, or ""."""
        # An edited hunk may overlap with what another reading changes.
        self.answers = {hunk: answer for hunk, answer in self.answers.items() if answer in ((), (hunk,))}
        rest = ""  # the answer for all remaining hunks
        for at, hunk in enumerate(hunks):
            if hunk in self.answers:
                continue
            key = rest or self._ask(hunks, at)
            if key in "oq":
                return key
            if key in "ad":
                key = rest = "y" if key == "a" else "n"
            if key != "e":
                self.answers[hunk] = (hunk,) if key == "y" else ()
        return ""

    def _ask(self, hunks: Sequence[Hunk], at: int) -> str:
        """The key for one hunk. After `e` its answer is stored already."""
        shown = HunkLines(self.original, self.console.width)
        self.console.print(Text("\n").join(shown.push([hunks[at]], 0) + shown.finish()))
        keys = {key: what for key, what in _HELP.items() if self.several or key != "o"}
        while True:
            key = self._key(f"hunk {at + 1} of {len(hunks)}: take it", keys)
            if key != "e" or self._edit(hunks, at):
                return key

    def _key(self, question: str, help_of: Mapping[str, str]) -> str:
        """Ask until one of the keys is given. The end of the input counts as `q`."""
        while True:
            self.console.print(Text(f"{question} [{','.join(help_of)},?]? ", style="bold"), end="")
            try:
                line = sys.stdin.readline()
            except KeyboardInterrupt:
                self.console.print()  # what is said next begins a line
                raise
            if not line:
                self.console.print()
                return "q"
            if (key := line.strip().lower()[:1]) in help_of:
                return key
            for known, what in help_of.items():
                print_sentence(self.console, f"  {known}  {what}", hang=5)

    def _edit(self, hunks: Sequence[Hunk], at: int) -> bool:
        """Let the person edit a hunk. Returns False if it stays as it was."""
        before = hunks[at - 1].end_line if at else 0
        after = hunks[at + 1].start_line if at + 1 < len(hunks) else len(split_lines(self.original))
        text = hunk_as_text(self.original, hunks[at], before, after)
        while True:
            try:
                text = edit_text(text)
                edited = read_hunk(self.original, hunks[at], before, after, text)
            except UsageError as error:
                self.console.print(f"the edited hunk cannot be used: {error}")
                if self._key("edit it again", _AGAIN) == "y":
                    continue
                return False
            except FastApplyError as error:
                self.console.print(str(error))
                return False
            if edited is not None:
                self.answers[hunks[at]] = edited
            return edited is not None
