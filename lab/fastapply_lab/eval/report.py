"""The tables of an evaluation, for a terminal and as a section of a Markdown page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from fastapply.errors import UsageError
from fastapply_lab.eval.score import Score
from fastapply_lab.tasks import client_of

LENGTHS = (20, 60, 100, 150, 200, 400)
HUNKS = (1, 2, 3, 5)
_END = "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of strings. The first column names the row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grids(summary: dict[str, Any], rows: Sequence[Score]) -> list[Grid]:
    """The totals, then shares by language, length and number of hunks, and by client if ids name one."""
    sent = [row for row in rows if client_of(row.id)]
    return [
        _totals(summary),
        *([_by("client", sent, lambda row: client_of(row.id))] if sent else []),
        _by("language", rows, lambda row: row.language or "others"),
        _by("lines", rows, lambda row: class_of(row.lines, LENGTHS)),
        _by("hunks", rows, lambda row: class_of(row.hunks, HUNKS)),
    ]


def as_table(grid: Grid) -> Table:
    table = Table(title=grid.title)
    for number, name in enumerate(grid.header):
        table.add_column(name, justify="right" if number else "left")
    for row in grid.rows:
        table.add_row(*row)
    return table


def as_markdown(found: Sequence[Grid]) -> str:
    return "\n\n".join(f"**{grid.title}**\n\n{_markdown_rows(grid)}" for grid in found) + "\n"


def write_section(page: Path, name: str, text: str) -> None:
    """Put `text` between `<!-- fastapply eval: NAME -->` and `<!-- end -->` in a page; a new page gets both.

    Raises UsageError if an existing page lacks them, because nothing else may be overwritten.
    """
    begin = f"<!-- fastapply eval: {name} -->"
    before, after = "", ""
    if page.exists():
        before, found, rest = page.read_text().partition(begin)
        _, ended, after = rest.partition(_END)
        if not found or not ended:
            raise UsageError(f"{page} has no section `{begin}` ... `{_END}`: add both lines, or give a new file")
    page.write_text(f"{before}{begin}\n{text}{_END}{after or chr(10)}")


def class_of(number: int, ends: Sequence[int]) -> str:
    """The class of a number, named so that names sort as numbers do."""
    low = 0
    for end in ends:
        if number <= end:
            return f"{end:>3d}" if low == end - 1 else f"{low + 1:>3d}-{end}"
        low = end
    return f"{low + 1:>3d}+"


def _totals(summary: dict[str, Any]) -> Grid:
    rows = [
        (name.replace("_", " "), f"{value:.2f}" if "seconds" in name or "tokens" in name else f"{value:.1%}")
        for name, value in summary.items()
        if isinstance(value, float)
    ]
    return Grid(f"method {summary['method']}, {summary['tasks']} tasks", ("metric", "value"), tuple(rows))


def _by(title: str, rows: Sequence[Score], key: Callable[[Score], str]) -> Grid:
    groups: dict[str, list[Score]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    header = (title, "tasks", "right", "exact", "same tree", "silent wrong", "needs review", "rejected", "recall")
    return Grid(f"by {title}", header, tuple(_group(name, group) for name, group in sorted(groups.items())))


def _group(name: str, rows: Sequence[Score]) -> tuple[str, ...]:
    signs = [[row.right, row.exact, row.same_tree, row.silent_wrong, *_ended(row), row.recall] for row in rows]
    shares = [sum(column) / len(rows) for column in zip(*signs, strict=True)]
    return (name.strip(), str(len(rows)), *(f"{share:.1%}" for share in shares))


def _ended(row: Score) -> tuple[bool, bool]:
    return row.status == "needs_review", row.status == "rejected"


def _markdown_rows(grid: Grid) -> str:
    rule = ("---", *("---:" for _ in grid.header[1:]))
    return "\n".join("| " + " | ".join(row) + " |" for row in (grid.header, rule, *grid.rows))
