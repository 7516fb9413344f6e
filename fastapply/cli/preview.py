"""Show a rewrite while it runs: hunks as they settle, and one line of progress.

This needs a terminal; elsewhere only the long steps are named, on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text
from rich.theme import Theme

from fastapply.cli.hunks import HunkLines
from fastapply.cli.terminal import ADDED, FAINT, visible
from fastapply.text.lines import split_lines
from fastapply.types import ApplyResult

if TYPE_CHECKING:
    from fastapply.types import Delta

# Styles of the spinner, the bar and the clock. Some of their default colours cannot be read on a light terminal.
_PROGRESS = Theme(
    {
        "progress.spinner": ADDED,
        "progress.elapsed": FAINT,
        "bar.back": FAINT,
        "bar.complete": ADDED,
        "bar.finished": ADDED,
        "bar.pulse": ADDED,
        "status.spinner": ADDED,
    }
)


def make_console(file: TextIO) -> Console:
    """A console that prints plain text: no markup, no highlighting, no emoji, no added line breaks."""
    return Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True, theme=_PROGRESS)


class Preview:
    """Follows one rewrite. With `show_hunks`, prints `name` and the hunks on standard output, which is a terminal."""

    def __init__(self, original: str, *, show_hunks: bool, name: str) -> None:
        self.console = make_console(sys.stdout if show_hunks else sys.stderr)
        self._moving = self.console.is_terminal
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} lines{task.fields[speed]}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self._moving,
        )
        lines = len(split_lines(original))
        self._task = self._progress.add_task("aligning", total=lines, speed="")
        self._hunks = HunkLines(original, self.console.width) if show_hunks else None
        self._tokens = 0
        self._phase = ""
        self._name = name if show_hunks else ""

    def __enter__(self) -> Preview:
        if self._name:
            self.console.print(Text(visible(self._name), style="bold"))
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, sentence: str) -> None:
        """Announce a long one-time step, so that the person knows why to wait."""
        self.phase(sentence)
        if not self._moving:
            self._print([Text(f"fastapply: {sentence}")])

    def phase(self, name: str) -> None:
        """Show the current phase, however short it is."""
        if name != self._phase:
            self._phase = name
            self._progress.update(self._task, description=name, refresh=True)

    def show(self, delta: Delta) -> None:
        """Show the progress and the settled hunks of a delta."""
        self._tokens += delta.tokens
        seconds = delta.stats.prefill_seconds + delta.stats.decode_seconds
        speed = f"  {self._tokens} tokens, {self._tokens / seconds:.0f}/s" if seconds and self._tokens else ""
        self._progress.update(self._task, completed=delta.lines_done, speed=speed)
        if delta.text:
            self.phase("writing")
        if self._hunks and self._tokens:
            self._print(self._hunks.push(delta.hunks, delta.lines_done))

    def finish(self, result: ApplyResult) -> None:
        """Show the rest after the last delta. Without a model's output, shows the result's hunks, which are tidier."""
        if self._hunks:
            if not self._tokens:
                self._print(self._hunks.push(result.hunks, 0))
            self._print(self._hunks.finish())

    def _print(self, lines: Sequence[Text]) -> None:
        if lines:  # in one call, because each print redraws the progress
            self.console.print(Text("\n").join(lines))
