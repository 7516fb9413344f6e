"""`between`: deleted lines between two neighbours that the update shows side by side, without a marker.

A neighbour must mark its place: it is not a lone bracket, and it is unique within the lines that could be meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fastapply.align.chunks import Chunk
from fastapply.judge.sides import Change, Original, Rewritten, Shown, telling
from fastapply.judge.twins import looks

_SAME = 0.9  # a neighbour this similar to a deleted line may be its new version
_FAR = 40  # lines on either side of a change that are searched for a neighbour


class Stretch(NamedTuple):
    """Places [first, last] in the rewrite's `solid` whose lines are consecutive in one part of the update.

    `row` is the place of the first one in that part.
    """

    first: int
    last: int
    part: int
    row: int


class _Kept(NamedTuple):
    """An unchanged line: its place in `solid` and its number in the original. `closes`: it is the bracket that closes a
    block which the update shows, so no other bracket is meant."""

    place: int
    line: int
    closes: bool = False


def stretches(change: Change, new: Rewritten, shown: Shown) -> Iterator[Stretch]:
    """The stretches that reach from above a change to below it."""
    above, below = new.around(change)
    for part, at in _places(new, shown, above):
        first = last = above
        row = at
        while first > above - _FAR and row > 0 and _same(new, shown, first - 1, part, row - 1):
            first, row = first - 1, row - 1
        if shown.whole and first == 1 and row == 0:
            first, row = 0, -1
        while last < below + _FAR and _same(new, shown, last + 1, part, at + last + 1 - above):
            last += 1
        whole = shown.whole or (shown.ends and part == len(shown.parts) - 1 and new.keeps_last)
        if whole and last == len(new.solid) - 2 and at + last + 1 - above == len(shown.parts[part]):
            last += 1
        if last >= below:
            yield Stretch(first, last, part, row)


def _places(new: Rewritten, shown: Shown, place: int) -> list[tuple[int, int]]:
    if place == 0:
        return [(0, -1)] if shown.whole else []
    return shown.places(new.said[new.solid[place]])


def _same(new: Rewritten, shown: Shown, place: int, part: int, at: int) -> bool:
    if not (0 < place < len(new.solid) - 1 and 0 <= at < len(shown.parts[part])):
        return False
    return shown.is_at(new.said[new.solid[place]], part, at)


class Neighbours(NamedTuple):
    """Two lines of the original that the update shows side by side. -1 and the number of lines stand for the ends of a
    file that the update shows whole. `sure`: no other line that the update could mean is equal to one of them."""

    upper: int
    lower: int
    sure: bool


def neighbours(change: Change, old: Original, new: Rewritten, shown: Shown) -> Neighbours | None:
    """The nearest neighbours around a change. None if there are none."""
    if _sets_apart(change, old, new):
        return None
    for stretch in stretches(change, new, shown):
        above, below = new.around(change)
        uppers = _kept(change, old, new, range(above, stretch.first - 1, -1))
        lowers = _kept(change, old, new, range(below, stretch.last + 1))
        lowers = [kept for kept in lowers if not _moved_in(kept, change, old)]
        closer = _closer(change, below, stretch, old, new, shown)
        for up, down in ((u, d) for u in uppers for d in lowers + closer):
            if _clear(up, down, old, new):
                low, high = _reach(stretch, up, down, old, shown)
                sure = _is_only(up.line, low, high, old) and (down.closes or _is_only(down.line, low, high, old))
                if sure or _connected(stretch, up, down, (low, high), old, new, shown):
                    return Neighbours(up.line, down.line, sure)
    return None


def slides(change: Change, old: Original, gone: frozenset[int]) -> Iterator[tuple[Change, dict[int, int]]]:
    """The change and, if it only deletes, its equivalent positions: deleting `a b` before another `a` equals deleting
    `b a` after it. Each comes with a map from its lines to those of the change."""
    yield change, {k: k for k in range(change.start, change.end)}
    if change.new_start < change.new_end:
        return
    lines, size = old.outline.lines, change.end - change.start
    for step in (1, -1):
        start = change.start
        while True:
            out, into = (start, start + size) if step > 0 else (start + size - 1, start - 1)
            if not 0 <= into < len(lines) or lines[out] != lines[into] or into in gone:
                break
            start += step
            place = change.new_start + start - change.start
            back = {k: change.start + (k - change.start) % size for k in range(start, start + size)}
            yield Change(start, start + size, place, place, change.hunk), back


def _closer(change: Change, below: int, stretch: Stretch, old: Original, new: Rewritten, shown: Shown) -> list[_Kept]:
    """The bracket right below a change that closes its block. It counts as a neighbour if the update shows the first
    line of the block as well, or if at least as many lines are inserted as deleted."""
    line = new.old_of(new.solid[below])
    if line is None or not line < len(old.said) or telling(old.said[line]):
        return []
    gone = sum(telling(old.said[k]) for k in range(change.start, change.end))
    come = sum(telling(new.said[k]) for k in range(change.new_start, change.new_end))
    block = old.outline.chunk_of[line]
    head = new.new_of(block.header) if block.closed and block.end - 1 == line else None
    begun = head is not None and head >= new.solid[max(stretch.first, 1)]
    closes = head is not None and _closes(below, stretch, block, old, shown)
    return [_Kept(below, line, closes)] if gone and (begun or closes or gone <= come) else []


def _closes(below: int, stretch: Stretch, block: Chunk, old: Original, shown: Shown) -> bool:
    """Does the line at a place of the stretch close the block in the update too, of which the file has only one? The
    end of a type is no evidence: an author may have left out the marker for its other members."""
    row = shown.parts[stretch.part][stretch.row + below - stretch.first]
    ours, header = shown.outline.chunk_of[row], old.said[block.header]
    closes = ours.closed and ours.end - 1 == row and ours.header >= 0
    return closes and block.kind != "type" and shown.said[ours.header] == header and old.counts[header] == 1


def _kept(change: Change, old: Original, new: Rewritten, places: range) -> list[_Kept]:
    """Unchanged lines that mark their place. Beside a change that slid, a line stands where its twin did."""
    found = []
    for place in places:
        line = new.old_of(new.solid[place])
        if line is not None and change.start <= line < change.end:
            line += places.step * (change.end - change.start)
        if line is not None and (not 0 <= line < len(old.said) or telling(old.said[line])):
            found.append(_Kept(place, line))
    return found


def _moved_in(kept: _Kept, change: Change, old: Original) -> bool:
    """Did the change delete the first line of a block around a line? Then the line is in another block now, perhaps a
    new one, and does not mark its place."""
    if not kept.line < len(old.said):
        return False
    only_deletes = change.new_start == change.new_end  # else the change may have a new header
    around = (c for c in old.outline.chunk_of[kept.line].chain() if c.parent is not None)
    return any(change.start <= c.header < change.end for c in around if only_deletes or not c.is_definition)


def _clear(up: _Kept, down: _Kept, old: Original, new: Rewritten) -> bool:
    """Are the two neighbours themselves and not new lines? Neither may occur between them unless the rewrite has it
    there."""
    start, end = up.line, down.line
    inside = [new.said[new.solid[place]] for place in range(max(up.place, 1), min(down.place + 1, len(new.solid) - 1))]
    marks = [start] if down.closes else [start, end]
    for line in marks:
        if 0 <= line < len(old.said):
            text = old.said[line]
            if old.within(text, max(start, 0), end + 1) > inside.count(text):
                return False
    if start < 0 or end >= len(old.said):
        return True
    if old.said[start] == old.said[end]:
        return False  # either may be a new line
    rivals = [old.said[k] for k in range(start + 1, end) if new.new_of(k) is None and old.said[k]]
    return not any(_may_be_version(old.said[line], rivals, old) for line in marks)


def _sets_apart(change: Change, old: Original, new: Rewritten) -> bool:
    """Does a change put only blank lines in the place of lines that are not? Then the update shows two units of the
    file, each by itself, rather than side by side."""
    come = new.said[change.new_start : change.new_end]
    return bool(come) and not any(come) and all(old.said[change.start : change.end])


def _may_be_version(neighbour: str, rivals: Sequence[str], old: Original) -> bool:
    """May a neighbour be the new version of a deleted line? Hardly, if its text occurs once in the file and all deleted
    lines look like it: these are its siblings."""
    alike = [looks(text, neighbour) >= _SAME for text in rivals]
    return any(alike) and not (all(alike) and old.counts[neighbour] == 1)


def _is_only(line: int, low: int, high: int, old: Original) -> bool:
    """Is a line, or an end of the file, the only one of its text in [low, high)?"""
    return not 0 <= line < len(old.said) or old.within(old.said[line], low, high) <= 1


def _connected(
    stretch: Stretch, up: _Kept, down: _Kept, reach: tuple[int, int], old: Original, new: Rewritten, shown: Shown
) -> bool:
    """Is one of the neighbours unique within reach, or connected to a line that is? An end of the file is."""
    if up.line < 0 or down.line >= len(old.said):
        return True
    above = range(up.place, max(stretch.first, 1) - 1, -1)
    below = range(down.place, min(stretch.last + 1, len(new.solid) - 1))
    return any(_pinned(places, *reach, old, new, shown) for places in (above, below))


def _pinned(places: range, low: int, high: int, old: Original, new: Rewritten, shown: Shown) -> bool:
    """Is one of the lines unique within reach? Only lines of a stretch that are consecutive in the original count."""
    before: int | None = None
    for place in places:
        line = new.old_of(new.solid[place])
        if line is None or (before is not None and any(old.said[min(line, before) + 1 : max(line, before)])):
            return False
        text = old.said[line]
        if telling(text) and old.within(text, low, high) == 1 and shown.counts[text] == 1:
            return True
        before = line
    return False


def _reach(stretch: Stretch, up: _Kept, down: _Kept, old: Original, shown: Shown) -> tuple[int, int]:
    """The lines [low, high) of the original that the stretch can mean: those between the unique lines that the update
    shows above and below it, and in their blocks."""
    rows, at = shown.parts[stretch.part], stretch.row - stretch.first
    first = rows[max(up.place + at, 0)]
    last = rows[min(down.place + at, len(rows) - 1)]
    low, high = 0, len(old.said)
    above = below = -1
    for row, text in shown.pins.items():
        if old.counts[text] == 1 and telling(text):
            line = old.places[text][0]
            if row < first and line < up.line:
                above, low = max(above, row), max(low, line)
            elif row > last and line > down.line:
                below, high = row if below < 0 else min(below, row), min(high, line)
    # What the update shows between a unique line and the stretch is in the same block.
    if above >= 0:
        high = min(high, _block_end(old.places[shown.said[above]][0], 1, _rise(range(above, last + 1), shown), old))
    if below >= 0:
        low = max(low, _block_end(old.places[shown.said[below]][0], -1, _rise(range(below, first - 1, -1), shown), old))
    return low, high


def _rise(rows: range, shown: Shown) -> int:
    """By how much the first of these rows is indented deeper than the outermost of them."""
    widths = shown.outline.width
    return widths[rows[0]] - min(widths[row] for row in rows if shown.said[row])


def _block_end(line: int, step: int, rise: int, old: Original) -> int:
    """The first line from `line` on, upwards or downwards, that is indented less than it by more than `rise`."""
    widths = old.outline.width
    least = widths[line] - rise
    while 0 <= line < len(old.said) and (not old.said[line] or widths[line] >= least):
        line += step
    return max(line, 0)
