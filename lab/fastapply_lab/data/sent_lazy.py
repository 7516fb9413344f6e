"""Sent snippets that show lines of the result between markers: lazy ones, additions at block ends, reordered chunks."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from fastapply_lab.data import sent_styles as styles
from fastapply_lab.data.answerable import ShownRows, answerable
from fastapply_lab.data.edit import lead_of
from fastapply_lab.data.sent_edit import tail_of
from fastapply_lab.data.sent_markers import Markers
from fastapply_lab.data.sent_rows import (
    blocks_of,
    closer_rows,
    function_around,
    natural_block,
    rows_shown,
    rows_within,
    sketches,
    ways,
)
from fastapply_lab.data.shown import Sides, looks_like_markers, removal_comments, shown_lines, trimmed
from fastapply_lab.data.styles import Style, draw

_HEAD_OF_FILE = 40  # lines


def write_lazy(sides: Sides, kind: str, rng: random.Random) -> list[str] | None:
    """The lines of a snippet of kind lazy, open, inner or tail; None if it would not be answerable."""
    if looks_like_markers(sides):
        return None
    if kind == "tail":
        return _write_tail(sides, rng)
    unit = function_around(sides) if kind == "inner" else None
    if kind == "inner" and unit is None:
        return None
    style = _drawn_style(kind, rng)
    removed = removal_comments(sides) if rng.random() < styles.REMOVAL_COMMENT else {}
    sketched = sketches(sides) if unit is None and rng.random() < styles.SKETCHED else {}
    rest = replace(sides, changed=[c for c in sides.changed if c.new_start not in sketched])
    for wider in _widening(style):
        shown = (rows_shown(rest, wider) if rest.changed else set()).union(*sketched.values())
        shown = rows_within(sides, shown, unit) if unit is not None else shown
        for rows in [shown] if unit else ways(sides, shown, kind):
            blocks = blocks_of(sides, rows)
            if answerable(sides.original, sides.expected, sides.changed, blocks, set(removed), frozenset(sketched)):
                ends = draw(styles.OPEN_ENDS, rng) if kind == "open" else "both" if unit else ""
                markers = Markers.drawn(sides, rng)
                markers.margin &= not sketched
                return _render(sides, rows, removed, markers, ends, unit.end if unit else 0)
    return None


def _drawn_style(kind: str, rng: random.Random) -> Style:
    head = kind == "inner" or rng.random() < styles.HEADERS
    close = head and (kind == "inner" or rng.random() < styles.CLOSERS)
    snapped = kind == "open" or rng.random() < 0.6
    before, after = styles.context(rng), styles.context(rng)
    return Style(before=before, after=after, snapped=snapped, headers=head, closers=close)


def write_ordered(sides: Sides, rng: random.Random) -> list[str] | None:
    """Chunks in another order than in the file, each with a place that is clear on its own."""
    if looks_like_markers(sides):
        return None
    style = Style(before=styles.context(rng), after=styles.context(rng), snapped=True)
    for extra in range(4):
        wider = replace(style, before=style.before + extra, after=style.after + extra)
        blocks = [natural_block(sides, block) for block in blocks_of(sides, rows_shown(sides, wider))]
        if len(blocks) < 2:
            return None
        if blocks[0].start > _HEAD_OF_FILE and rng.random() < 0.7:
            return None  # mostly it is the imports that come last
        if all(_answerable_alone(sides, block) for block in blocks):
            return _shuffled(sides, blocks, rng)
    return None


def tails(sides: Sides) -> dict[int, list[range]]:
    """For each change that only adds at the end of a block: its first row, and the headers of the block."""
    found = {change.new_start: tail_of(sides, change) for change in sides.changed}
    return {row: around for row, around in found.items() if around is not None}


def _widening(style: Style) -> Iterable[Style]:
    """The drawn style, then with more and more context, then with headers too."""
    yield style
    for extra in (1, 2, 3):
        yield replace(style, before=style.before + extra, after=style.after + extra)
    for extra in (0, 2, 4):
        yield replace(style, headers=True, before=style.before + extra, after=style.after + extra)


def _write_tail(sides: Sides, rng: random.Random) -> list[str] | None:
    """A header, a marker and the addition, whose place is the end of the block or of the file."""
    last = sides.changed[-1]
    around = tail_of(sides, last)
    if around is None:
        return None
    others = replace(sides, changed=sides.changed[:-1])
    style = Style(before=styles.context(rng), after=styles.context(rng), headers=rng.random() < 0.5)
    closed = rng.random() < styles.TAIL_CLOSED
    for wider in _widening(style):
        shown = shown_lines(others, wider) if others.changed else set()
        nearest = around if rng.random() < 0.6 else around[-1:]
        shown |= {row for rows in nearest for row in rows[:14]}
        shown |= set(range(last.new_start, last.new_end))
        if closed and around:
            shown |= closer_rows(sides, around[-1], last)
        shown |= {row for row in range(1, len(sides.expected) - 1) if {row - 1, row + 1} <= shown}
        blocks = blocks_of(sides, shown)
        settled = frozenset({last.new_start})
        if answerable(sides.original, sides.expected, sides.changed, blocks, set(), settled):
            ends = "last" if rng.random() < 0.6 or nearest == [] else "both"
            return _render(sides, shown, {}, Markers.drawn(sides, rng), "last" if not around else ends)
    return None


def _render(
    sides: Sides, shown: set[int], removed: dict[int, str], markers: Markers, ends: str, stop: int = 0
) -> list[str]:
    """The shown rows, and a marker for each gap. `ends`: omit the first marker, the last or both, unless rows before
    `stop` are hidden."""
    lines: list[str] = []
    count, row = len(sides.expected), 0
    blanks = markers.rng.random() < 0.5
    while row <= count:
        if row in removed:
            lines.append(markers.removal(removed[row], row))
        if row == count:
            break
        if row in shown:
            lines.append(sides.expected[row])
            row += 1
            continue
        end = row
        while end < count and end not in shown and (end == row or end not in removed):
            end += 1
        skipped = (row == 0 and ends in ("first", "both")) or (end == count and ends in ("last", "both"))
        if skipped and 0 < row < stop:
            skipped, end = False, stop
        if not skipped and any(sides.expected[at].strip() for at in range(row, end)):
            above = [""] if blanks and row > 0 and not sides.expected[row].strip() else []
            below = [""] if blanks and end < count and not sides.expected[end - 1].strip() else []
            lines += [*above, markers.gap(row, end), *below]
        row = count if end == stop else end
    return trimmed(lines)


def _answerable_alone(sides: Sides, block: ShownRows) -> bool:
    inside = [c for c in sides.changed if block.start <= c.new_start and c.new_end <= block.end]
    covered = [c for c in sides.changed if c in inside or c.new_end < block.start or c.new_start > block.end]
    if covered != sides.changed:
        return False
    outside = {c.new_start for c in sides.changed if c not in inside}
    return answerable(sides.original, sides.expected, sides.changed, [block], outside)


def _shuffled(sides: Sides, blocks: list[ShownRows], rng: random.Random) -> list[str]:
    """The blocks with the first one (mostly imports) moved to the end, or in random order."""
    order = [*blocks[1:], blocks[0]]
    while len(blocks) > 2 and rng.random() < 0.5:
        order = rng.sample(blocks, len(blocks))
        if order != blocks:
            break
    if order == blocks:
        order = [*blocks[1:], blocks[0]]
    markers, between = Markers.drawn(sides, rng), rng.random() < 0.8
    between = between or any(lead_of(sides.expected[block.start]) for block in blocks)
    outside = rng.random() < 0.5 and between
    lines: list[str] = [markers.plain()] if outside else []
    for at, block in enumerate(order):
        rows = sides.expected[block.start : block.end]
        lines += [*([markers.plain() if between else ""] if at else []), *trimmed(rows)]
    return [*lines, *([markers.plain()] if outside else [])]
