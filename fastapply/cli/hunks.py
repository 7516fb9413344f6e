"""Hunks as a coloured diff with line numbers, line by line as they settle.

Knows nothing of requests or models. File content never reaches the terminal raw: control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from fastapply.text.lines import split_lines
from fastapply.types import Hunk

CONTEXT = 2

# Escape sequences and direction marks could make a diff look like another one.
_DIRECTION_MARKS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    ord("\t"): "    ",
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **{code: f"<U+{code:04X}>" for code in _DIRECTION_MARKS},
}


def visible(line: str) -> str:
    """A line as a terminal may show it, without its end."""
    return line.rstrip("\r\n").translate(_VISIBLE)


class HunkLines:
    """Turns the ascending hunks of one file into lines for a terminal: each with its old and its new number, and
    with the lines around it."""

    def __init__(self, original: str) -> None:
        self._lines = split_lines(original)
        self._width = len(str(len(self._lines)))
        self._shown = 0  # lines of the original before this one are printed, or skipped for good
        self._tail = 0  # the context after the last hunk ends before this line; 0: there was no hunk yet
        self._shift = 0  # new line number minus old one

    def push(self, hunks: Iterable[Hunk], lines_done: int) -> list[Text]:
        """The lines to show for `hunks`. `lines_done` lines of the original are settled: no later hunk starts before
        them, so context up to there can be shown."""
        out: list[Text] = []
        for hunk in hunks:
            out += self._context(min(self._tail, hunk.start_line))
            start = max(self._shown, hunk.start_line - CONTEXT)
            if start > self._shown or not self._tail:
                out.append(Text(f"@@ line {hunk.start_line + 1} @@", style="cyan"))
            self._shown = start
            out += self._context(hunk.start_line)
            out += self._change(hunk)
            self._tail = min(len(self._lines), hunk.end_line + CONTEXT)
        return out + list(self._context(min(self._tail, lines_done)))

    def finish(self) -> list[Text]:
        """No hunk follows: the rest of the context."""
        return list(self._context(self._tail))

    def _context(self, end: int) -> Iterator[Text]:
        for number in range(self._shown, end):
            yield self._line(" ", number, number + self._shift, self._lines[number], "dim")
        self._shown = max(self._shown, end)

    def _change(self, hunk: Hunk) -> Iterator[Text]:
        for number in range(hunk.start_line, hunk.end_line):
            yield self._line("-", number, None, self._lines[number], "red")
        new = split_lines(hunk.new_text)
        for number, line in enumerate(new, hunk.start_line + self._shift):
            yield self._line("+", None, number, line, "green")
        self._shift += len(new) - (hunk.end_line - hunk.start_line)
        self._shown = hunk.end_line

    def _line(self, sign: str, old: int | None, new: int | None, line: str, style: str) -> Text:
        numbers = " ".join(("" if n is None else str(n + 1)).rjust(self._width) for n in (old, new))
        return Text.assemble((numbers, "dim"), (f" {sign} {visible(line)}", style))
