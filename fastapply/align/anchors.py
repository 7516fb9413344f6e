"""Lines that surely correspond, so that a large alignment need not look everywhere.

A line that is unique on both sides and stands in a run of equal lines is an anchor, and so is one that names its place
by itself, such as the header of a definition; anchors that cross others are dropped. The alignment of a row then only
looks at the columns between the anchors around it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Sequence
from itertools import pairwise

_RUN = 4  # equal lines on each side of an anchor
_MARGIN = 3  # rows around an anchor that it does not bind


def windows(ours: Sequence[str], theirs: Sequence[str], named: Container[int] = frozenset()) -> list[tuple[int, int]]:
    """For each boundary of `ours` (one more than lines) the boundaries of `theirs` [low, high] to look at. `named` are
    lines of `ours` that name their place."""
    found = sure_anchors(ours, theirs, named)
    result: list[tuple[int, int]] = []
    above = below = 0  # anchors that bind from above, and that no longer bind from below
    for boundary in range(len(ours) + 1):
        while above < len(found) and found[above][0] + _MARGIN <= boundary:
            above += 1
        while below < len(found) and found[below][0] + 1 - _MARGIN < boundary:
            below += 1
        low = found[above - 1][1] if above else 0
        high = found[below][1] + 1 if below < len(found) else len(theirs)
        result.append((low, high))
    return result


def between_neighbours(ours: Sequence[str], theirs: Sequence[str], markers: Container[int]) -> frozenset[int]:
    """The lines of `ours` that stand between two neighbours of `theirs`, blank lines aside, which both sides have once:
    there is nothing that these could stand for. None where one of the `markers` is among them,
    or more lines that may have moved there than lines that theirs does not have."""
    mine, other = Counter(ours), Counter(theirs)
    row_of = {text: i for i, text in enumerate(ours) if text and mine[text] == other[text] == 1}
    sure = set(row_of.values())
    found = set[int]()
    for above, below in pairwise(filter(None, theirs)):
        if above in row_of and below in row_of:
            between = range(row_of[above] + 1, row_of[below])
            moved = sum(line in sure for line in between) - sum(not other[ours[line]] for line in between)
            if moved <= 0 and not any(line in markers for line in between):
                found.update(between)
    return frozenset(found)


def sure_anchors(
    ours: Sequence[str], theirs: Sequence[str], named: Container[int] = frozenset()
) -> list[tuple[int, int]]:
    """Pairs (line of ours, line of theirs), ascending on both sides."""
    mine, other = Counter(ours), Counter(theirs)
    column_of = {text: j for j, text in enumerate(theirs)}
    pairs = [
        (i, column_of[text])
        for i, text in enumerate(ours)
        if text and mine[text] == other[text] == 1 and (i in named or _in_run(ours, theirs, i, column_of[text]))
    ]
    return _ascending(pairs)


def _in_run(ours: Sequence[str], theirs: Sequence[str], i: int, j: int) -> bool:
    first = max(-_RUN, -i, -j)
    last = min(_RUN, len(ours) - 1 - i, len(theirs) - 1 - j)
    return all(ours[i + k] == theirs[j + k] for k in range(first, last + 1))


def _ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of `pairs`, which ascend on the left, that ascends on the right too."""
    tails: list[int] = []  # for each length: the least right side that such a sequence ends with
    at: list[int] = []
    for _, j in pairs:
        length = bisect_left(tails, j)
        tails[length : length + 1] = [j]
        at.append(length)
    chosen: list[tuple[int, int]] = []
    wanted, limit = len(tails) - 1, None
    for pair, length in zip(reversed(pairs), reversed(at), strict=True):
        if length == wanted and (limit is None or pair[1] < limit):
            chosen.append(pair)
            wanted, limit = wanted - 1, pair[1]
    return chosen[::-1]
