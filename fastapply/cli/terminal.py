"""Format lines for a terminal: colours for light and dark backgrounds, long lines wrapped in their column.

File content never reaches the terminal raw: control characters are made visible.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from fastapply.text.diff import common_ends

# Colours of the 256 that can be read on black and on white. Several of the 16 named ones cannot, above all yellow.
ADDED = "color(28)"
REMOVED = "color(160)"
PLACE = "color(30)"
DOUBT = "color(130)"
FAINT = "color(243)"

_MOST_ROWS = 4  # for one line of a file
_LEAST_WIDTH = 20
_LEAD = 20  # characters before the place where a long line changes

# Escape sequences and direction marks could make one diff look like another.
_DIRECTION_MARKS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    ord("\t"): "    ",
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **{code: f"<U+{code:04X}>" for code in _DIRECTION_MARKS},
}


def visible(line: str) -> str:
    """A line without its line end and with control characters made visible."""
    return line.rstrip("\r\n").translate(_VISIBLE)


def can_ask() -> bool:
    """Whether a person can answer on standard input."""
    return sys.stdin is not None and sys.stdin.isatty()


def first_differences(old: Sequence[str], new: Sequence[str]) -> tuple[list[int], list[int]]:
    """For each removed and each added line, the character where it first differs from its counterpart. Long lines are
    shown from there."""
    apart = [common_ends(a, b)[0] for a, b in zip(old, new, strict=False)]
    return apart + [0] * (len(old) - len(apart)), apart + [0] * (len(new) - len(apart))


def in_column(gutter: Text, line: str, style: str, width: int | None, shown_from: int = 0) -> Text:
    """A visible line beside its gutter. Lines longer than the terminal's `width` are wrapped in the same column, and
    very long ones are cut. `shown_from`: a character that must be shown."""
    room = _LEAST_WIDTH if width is None else max(_LEAST_WIDTH, width - gutter.cell_len)
    if width is None or len(line) * 2 <= room:  # no character is wider than two columns
        return Text.assemble(gutter, (line, style))
    before, rows, after = _rows(line, room, shown_from)
    shown = [Text(row, style) for row in rows]
    if before:
        shown.insert(0, Text(f"({before:,} characters)", FAINT))
    if after:
        shown.append(Text(f"({after:,} more characters)", FAINT))
    return Text.assemble(gutter, Text("\n" + " " * gutter.cell_len).join(shown))


def _rows(line: str, room: int, shown_from: int) -> tuple[int, list[str], int]:
    """The characters left out before a line's rows, the rows of `room` columns, and the characters left out after."""
    most = _MOST_ROWS * room
    if len(line) <= most + room and cell_len(line) <= most + room:
        return 0, chop_cells(line, room), 0
    start = max(0, shown_from - _LEAD) if shown_from > most - room else 0
    rows = chop_cells(line[start : start + most], room)[:_MOST_ROWS]
    return start, rows, len(line) - start - sum(map(len, rows))


def print_sentence(console: Console, sentence: Text | str, hang: int = 0) -> None:
    """Print one line, with control characters made visible, since file names may hold them. On a narrow terminal, wrap
    it between words and indent the further lines by `hang` columns."""
    text = Text(sentence) if isinstance(sentence, str) else sentence
    text.plain = visible(text.plain)
    if console.is_terminal and text.cell_len > console.width > hang + _LEAST_WIDTH:
        first = text.wrap(console, console.width)[0]
        told = len(text.plain) - len(text.plain[len(first) :].lstrip())
        lines = [first, *text[told:].wrap(console, console.width - hang)]
        for line in lines:
            line.rstrip()
        text = Text("\n" + " " * hang).join(lines)
    console.print(text)
