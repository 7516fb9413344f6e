"""Hunks as a coloured diff with line numbers, printed as they settle.

Knows nothing of requests or models. File content never reaches the terminal raw: control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.text import Text

from fastapply.text.lines import split_lines
from fastapply.types import Hunk

CONTEXT = 2
_TAB = "    "

# Escape sequences and direction marks could make a diff look like another one.
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    ord("\t"): _TAB,
    0x7F: "␡",
    **{code: "�" for code in range(0x80, 0xA0)},
    **{code: f"<U+{code:04X}>" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF)},
}


def visible(line: str) -> str:
    """A line as a terminal may show it, without its end."""
    return line.rstrip("\r\n").translate(_VISIBLE)


class HunkPrinter:
    """Prints ascending hunks of one file with the lines around them. Line numbers are the old and the new ones."""

    def __init__(self, original: str, emit: Callable[[Text], None]) -> None:
        self._lines = split_lines(original)
        self._emit = emit
        self._shown = 0  # lines of the original before this one are printed, or skipped for good
        self._shift = 0  # new line number minus old one
        self._tail = 0  # the context after the last hunk ends before this line
        self._width = len(str(len(self._lines)))

    def push(self, hunks: Iterable[Hunk], lines_done: int) -> None:
        """Print hunks. `lines_done` lines of the original are settled: no later hunk starts before."""
        for hunk in hunks:
            self._context_until(min(self._tail, hunk.start_line))
            start = max(self._shown, hunk.start_line - CONTEXT)
            if start > self._shown or not self._shift_known:
                self._emit(Text(f"@@ line {hunk.start_line + 1} @@", style="cyan"))
            self._shown = start
            self._context_until(hunk.start_line)
            self._change(hunk)
            self._tail = min(len(self._lines), hunk.end_line + CONTEXT)
        if lines_done >= self._tail:
            self._context_until(self._tail)

    def finish(self) -> None:
        """No hunk follows: print the rest of the context."""
        self._context_until(self._tail)

    @property
    def _shift_known(self) -> bool:
        return self._tail > 0

    def _context_until(self, end: int) -> None:
        for number in range(self._shown, end):
            self._line(" ", number + 1, number + 1 + self._shift, self._lines[number], "dim")
        self._shown = max(self._shown, end)

    def _change(self, hunk: Hunk) -> None:
        new = split_lines(hunk.new_text)
        for number in range(hunk.start_line, hunk.end_line):
            self._line("-", number + 1, None, self._lines[number], "red")
        first = hunk.start_line + self._shift
        for offset, line in enumerate(new):
            self._line("+", None, first + offset + 1, line, "green")
        self._shift += len(new) - (hunk.end_line - hunk.start_line)
        self._shown = hunk.end_line

    def _line(self, sign: str, old: int | None, new: int | None, line: str, style: str) -> None:
        numbers = f"{self._number(old)} {self._number(new)} "
        self._emit(Text.assemble((numbers, "dim"), (f"{sign} {visible(line)}", style)))

    def _number(self, number: int | None) -> str:
        return str("" if number is None else number).rjust(self._width)


def print_all(original: str, hunks: Sequence[Hunk], emit: Callable[[Text], None]) -> None:
    """All hunks of a finished result."""
    printer = HunkPrinter(original, emit)
    printer.push(hunks, len(split_lines(original)))
    printer.finish()
