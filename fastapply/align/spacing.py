"""Blank lines between new lines and what a marker keeps beside them.

A snippet ends at its marker, and the blank line that belongs there is not in it: where blank lines stood, they part the
new lines from what is shown on one side, and on the other side as many are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from fastapply.align.alignment import KEEPING, Alignment
from fastapply.align.chunks import CLOSES, CONTINUES
from fastapply.align.lattice import Step


def apart(alignment: Alignment, path: list[Step]) -> list[Step]:
    """The path with these blank lines."""
    places = [k for k, step in enumerate(path) if step.op]
    gaps: dict[int, list[Step]] = {}  # before which step of the path
    for first, end in _runs([path[k].op for k in places]):
        new = [path[k].row - 1 for k in places[first:end]]
        above, below = path[places[first - 1]], path[places[end]]
        if _is_new(alignment, new, new[-1]) and _stood_apart(alignment, below, above):
            gaps[places[end]] = blank_lines(alignment, alignment.prices.blanks_above(below.column))
        if _is_new(alignment, new, new[0]) and _stood_apart(alignment, above, below):
            gaps[places[first]] = blank_lines(alignment, alignment.prices.blanks_below(above.column + 1))
    return [step for k, beside in enumerate(path) for step in [*gaps.get(k, []), beside]] if gaps else path


def blank_lines(alignment: Alignment, number: int) -> list[Step]:
    """So many blank lines, as the original has them; none where it has none."""
    column = next((k for k, blank in enumerate(alignment.prices.is_blank) if blank), None)
    return [Step("keep", 0, column, 0, 0.0)] * number if column is not None else []


def _runs(ops: list[str]) -> Iterator[tuple[int, int]]:
    """Where lines are put in, [first, end), with something else above and below."""
    first = 0
    for op, steps in groupby(ops):
        end = first + sum(1 for _ in steps)
        if op == "insert" and first > 0 and end < len(ops):
            yield first, end
        first = end


def _is_new(alignment: Alignment, run: list[int], line: int) -> bool:
    """Is this one of the `run` a line that the original does not have, or one of code among such lines?"""
    snippet, known = alignment.snippet, alignment.prices.lines_of
    if not snippet.stripped[line] or all(snippet.stripped[other] in known for other in run):
        return False
    return snippet.stripped[line] not in known or not snippet.info[line].comment


def _stood_apart(alignment: Alignment, kept: Step, found: Step) -> bool:
    """Is the one a line that a marker keeps, of the same block, and the other the blank line that was beside it?"""
    original, blank = alignment.original, alignment.prices.is_blank
    if kept.op != "keep" or found.op != "match" or abs(kept.column - found.column) != 1:
        return False
    if kept.state != KEEPING and alignment.items[kept.row].kind == "code":
        return False
    text = original.stripped[kept.column]
    outside = kept.column > found.column and (CLOSES.match(text) or CONTINUES.match(text))
    return bool(blank[found.column] and not blank[kept.column] and not outside)
