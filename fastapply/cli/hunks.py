"""Hunks as a coloured diff with line numbers, line by line as they settle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from fastapply.cli.terminal import ADDED, FAINT, PLACE, REMOVED, first_differences, in_column, visible
from fastapply.text.lines import split_lines
from fastapply.types import Hunk

CONTEXT = 2


class HunkLines:
    """Turns the ascending hunks of one file into lines for a terminal, with context and with old and new line
    numbers."""

    def __init__(self, original: str, width: int | None = None) -> None:
        """`width`: the terminal's width, if long lines are to be wrapped in their column."""
        self._lines = split_lines(original)
        self._columns = width
        self._width = len(str(len(self._lines)))
        self._shown = 0  # lines of the original before this one were printed or skipped
        self._tail = 0  # the context after the last hunk ends before this line; 0 before the first hunk
        self._shift = 0  # new line number minus old one

    def push(self, hunks: Iterable[Hunk], lines_done: int) -> list[Text]:
        """The lines to show for `hunks`. No later hunk starts before line `lines_done` of the original, so context is
        shown up to there."""
        out: list[Text] = []
        for hunk in hunks:
            out += self._context(min(self._tail, hunk.start_line))
            start = max(self._shown, hunk.start_line - CONTEXT)
            if start > self._shown or not self._tail:
                out.append(Text(f"@@ line {hunk.start_line + 1} @@", style=PLACE))
            self._shown = start
            out += self._context(hunk.start_line)
            out += self._change(hunk)
            self._tail = min(len(self._lines), hunk.end_line + CONTEXT)
        return out + list(self._context(min(self._tail, lines_done)))

    def finish(self) -> list[Text]:
        """The rest of the context, once no hunk follows."""
        return list(self._context(self._tail))

    def _context(self, end: int) -> Iterator[Text]:
        for number in range(self._shown, end):
            yield self._line(" ", number, number + self._shift, visible(self._lines[number]), "")
        self._shown = max(self._shown, end)

    def _change(self, hunk: Hunk) -> Iterator[Text]:
        old = [visible(line) for line in self._lines[hunk.start_line : hunk.end_line]]
        new = [visible(line) for line in split_lines(hunk.new_text)]
        goes, comes = first_differences(old, new)
        for number, line, place in zip(range(hunk.start_line, hunk.end_line), old, goes, strict=True):
            yield self._line("-", number, None, line, REMOVED, place)
        for number, (line, place) in enumerate(zip(new, comes, strict=True), hunk.start_line + self._shift):
            yield self._line("+", None, number, line, ADDED, place)
        self._shift += len(new) - (hunk.end_line - hunk.start_line)
        self._shown = hunk.end_line

    def _line(self, sign: str, old: int | None, new: int | None, line: str, style: str, place: int = 0) -> Text:
        numbers = " ".join(("" if n is None else str(n + 1)).rjust(self._width) for n in (old, new))
        gutter = Text.assemble((numbers, FAINT), (f" {sign} ", style))
        return in_column(gutter, line, style, self._columns, place)
