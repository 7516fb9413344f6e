"""Blank lines between new lines and what a marker keeps beside them.

A snippet ends at its marker, and the blank line that belongs there is not in it: where blank lines stood, they part the
new lines from what is shown on one side, and on the other side as many are missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapply.align.alignment import KEEPING, Alignment
from fastapply.align.chunks import CLOSES, CONTINUES
from fastapply.align.lattice import Step


def apart(alignment: Alignment, path: list[Step]) -> list[Step]:
    """The path with these blank lines."""
    places = [k for k, step in enumerate(path) if step.op]
    steps = [path[k] for k in places]
    prices, gaps = alignment.prices, dict[int, list[Step]]()  # before which step of the path
    for k in range(1, len(steps) - 1):
        if not _is_new(alignment, steps[k]):
            continue
        if _stood_apart(alignment, steps[k + 1], steps[:k][::-1], -1):
            gaps[places[k + 1]] = blank_lines(alignment, prices.blanks_above(steps[k + 1].column))
        if _stood_apart(alignment, steps[k - 1], steps[k + 1 :], 1):
            gaps[places[k]] = blank_lines(alignment, prices.blanks_below(steps[k - 1].column + 1))
    return [step for k, beside in enumerate(path) for step in [*gaps.get(k, []), beside]]


def blank_lines(alignment: Alignment, number: int) -> list[Step]:
    """So many blank lines, as the original has them; none where it has none."""
    column = next((k for k, blank in enumerate(alignment.prices.is_blank) if blank), None)
    return [Step("keep", 0, column, 0, 0.0)] * number if column is not None else []


def _is_new(alignment: Alignment, step: Step) -> bool:
    """Is it a line that the original does not have, or the bracket below such lines?"""
    if step.op != "insert":
        return False
    text = alignment.snippet.stripped[step.row - 1]
    return bool(text) and (text not in alignment.original.stripped or bool(CLOSES.match(text)))


def _stood_apart(alignment: Alignment, kept: Step, others: Sequence[Step], towards: int) -> bool:
    """Is this a line that a marker keeps, of the same block, and the first of the `others` that is not new the blank
    line beside it?"""
    original, blank = alignment.original, alignment.prices.is_blank
    if kept.op != "keep" or (kept.state != KEEPING and alignment.items[kept.row].kind == "code"):
        return False
    text = original.stripped[kept.column]
    if not text or (towards < 0 and (CLOSES.match(text) or CONTINUES.match(text))):
        return False
    other = next((step for step in others if step.op != "insert"), None)
    there = other is not None and other.op == "match" and other.column == kept.column + towards
    return there and bool(blank[kept.column + towards])
