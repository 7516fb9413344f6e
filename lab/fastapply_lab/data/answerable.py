"""Decide whether a careful reader can tell what a snippet means. If not, it must not be in any task set.

The reader sees blocks of shown lines between markers. A block is placed by a run of kept lines that occurs once in the
original (or once after the previous block), and the rest of the block outward from there, each line at its nearest
place. A shown line that resembles one old line is taken as its new form. Any other old line counts as deleted only if
kept lines are shown on both sides of it without a marker between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.fuzz import ratio

from fastapply_lab.data.compare import ChangedLines, telling

_LIKE = 62.0  # the least similarity, of 100, of the old and the new form of one line
_LEAD = 12.0  # how much less similar all other lines of the original must be


@dataclass(frozen=True, slots=True)
class ShownRows:
    """Rows [start, end) of the expected text, shown without a marker between them."""

    start: int
    end: int


def answerable(
    original: Sequence[str],
    expected: Sequence[str],
    changed: Sequence[ChangedLines],
    blocks: Sequence[ShownRows],
    removed: set[int],
    settled: frozenset[int] = frozenset(),
) -> bool:
    """Whether every block has one place and every change one meaning.

    `removed`: rows with a removal comment. `settled`: first rows of additions at the end of a block or file whose place
    is given by a header and a marker above.
    """
    mapping = kept_rows(len(expected), changed)
    floor = 0
    for block in blocks:
        place = _anchored(original, expected, mapping, block, floor)
        within = [c for c in changed if block.start <= c.new_start <= block.end and c.new_start not in removed]
        inside = [c for c in within if c.new_start not in settled]
        if not place and within and not inside:
            continue
        if not place and not _placed_by_likeness(original, expected, inside):
            return False
        if not all(_clear(original, expected, mapping, block, change) for change in inside):
            return False
        floor = max([floor, *(mapping[row] + 1 for row in range(block.start, block.end) if row in mapping)])
    return all(_covered(change, blocks) for change in changed if change.new_start not in removed)


def _covered(change: ChangedLines, blocks: Sequence[ShownRows]) -> bool:
    return any(block.start <= change.new_start and change.new_end <= block.end for block in blocks)


def kept_rows(count: int, changed: Sequence[ChangedLines]) -> dict[int, int]:
    """Row of the expected text -> row of the original, for the rows that are kept."""
    mapping, shift, row = {}, 0, 0
    for change in [*changed, ChangedLines(0, 0, count, count)]:
        for kept in range(row, change.new_start):
            mapping[kept] = kept + shift
        row, shift = change.new_end, change.old_end - change.new_end
    return mapping


def _runs(mapping: dict[int, int], block: ShownRows) -> list[tuple[int, int]]:
    """The block's kept rows as half-open runs that are contiguous on both sides."""
    runs: list[tuple[int, int]] = []
    for row in range(block.start, block.end):
        if row not in mapping:
            continue
        if runs and runs[-1][1] == row and mapping[row] == mapping[row - 1] + 1:
            runs[-1] = (runs[-1][0], row + 1)
        else:
            runs.append((row, row + 1))
    return runs


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines]


def _places(original: list[str], run: list[str], floor: int) -> list[int]:
    """Where the run's lines occur in the original from row `floor` on."""
    return [
        at
        for at in range(floor, len(original) - len(run) + 1)
        if original[at] == run[0] and original[at : at + len(run)] == run
    ]


def _anchored(
    original: Sequence[str], expected: Sequence[str], mapping: dict[int, int], block: ShownRows, floor: int
) -> bool:
    """Whether one run of the block occurs once, and the others are at the places nearest to it."""
    old, new = _stripped(original), _stripped(expected)
    runs = _runs(mapping, block)
    sure = [i for i, (s, e) in enumerate(runs) if any(telling(t) for t in new[s:e]) and _once(old, new[s:e], floor)]
    if not sure:
        return False
    anchor = sure[0]
    for (_, last_end), (start, end) in pairwise(runs[anchor:]):
        places = _places(old, new[start:end], mapping[last_end - 1] + 1)
        if not places or places[0] != mapping[start]:
            return False
    for (start, end), (next_start, _) in reversed(list(pairwise(runs[: anchor + 1]))):
        places = [at for at in _places(old, new[start:end], 0) if at + end - start <= mapping[next_start]]
        if not places or places[-1] != mapping[start]:
            return False
    return True


def _once(old: list[str], run: list[str], floor: int) -> bool:
    """Whether the run occurs once in the whole text. Once after the previous block would not be clear enough."""
    return len(_places(old, run, 0)) == 1 or (floor > 0 and len(run) > 1 and len(_places(old, run, floor)) == 1)


def _placed_by_likeness(original: Sequence[str], expected: Sequence[str], inside: Sequence[ChangedLines]) -> bool:
    return bool(inside) and all(_new_forms(original, expected, change) for change in inside)


def _new_forms(original: Sequence[str], expected: Sequence[str], change: ChangedLines) -> bool:
    """Whether each old line has a new form, line by line, and the first new form resembles no other line as much."""
    old = [line.strip() for line in original[change.old_start : change.old_end]]
    new = [line.strip() for line in expected[change.new_start : change.new_end]]
    if not old or len(old) != len(new):
        return False
    if any(ratio(a, b) < _LIKE or not telling(a) for a, b in zip(old, new, strict=True)):
        return False
    others = [line.strip() for at, line in enumerate(original) if not change.old_start <= at < change.old_end]
    score = ratio(old[0], new[0])
    return all(ratio(line, new[0]) < score - _LEAD for line in others if telling(line))


def _clear(
    original: Sequence[str], expected: Sequence[str], mapping: dict[int, int], block: ShownRows, change: ChangedLines
) -> bool:
    """Whether the change is clear from shown neighbours: both for a deletion, one for an insertion."""
    before = _neighbour(expected, mapping, block, change.new_start - 1, -1)
    after = _neighbour(expected, mapping, block, change.new_end, 1)
    if change.old_start == change.old_end:
        if before and after:
            return True
        at_start = change.new_start == 0 and block.start == 0
        at_end = change.new_end == len(expected) == block.end
        return (before or after or at_start or at_end) and not _like_hidden(original, expected, change, before, after)
    if _new_forms(original, expected, change):
        return True
    return before and after


def _like_hidden(
    original: Sequence[str], expected: Sequence[str], change: ChangedLines, before: bool, after: bool
) -> bool:
    """Whether an inserted line resembles the hidden line beside it, so that a reader would take it for its new form."""
    hidden = [] if before else [line for line in original[: change.old_start] if line.strip()][-1:]
    hidden += [] if after else [line for line in original[change.old_start :] if line.strip()][:1]
    new = [line.strip() for line in expected[change.new_start : change.new_end] if telling(line)]
    return any(telling(old) and ratio(old.strip(), line) >= _LIKE for old in hidden for line in new)


def _neighbour(expected: Sequence[str], mapping: dict[int, int], block: ShownRows, row: int, step: int) -> bool:
    """Whether the next non-blank line from `row` on is shown in the block and kept."""
    while block.start <= row < block.end:
        if expected[row].strip():
            return row in mapping
        row += step
    return False
