"""Sent snippets that show lines of the result: lazy ones with markers, whole definitions, chunks in another order."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from fastapply.text.markers import classify
from fastapply.train import sent_styles as styles
from fastapply.train.answerable import Block, answerable
from fastapply.train.compare import Change, telling
from fastapply.train.sent_edit import indentation, lead, signature, stands_once, tail_of
from fastapply.train.sent_markers import Markers
from fastapply.train.shown import Sides, removal_comments, shown_lines
from fastapply.train.styles import Style, draw
from fastapply.train.units import Unit

_OPENING = re.compile(
    r"[{(\[:,&|+=]\s*$|^\s*(@|#\[|\[\w+[^\]]*\]\s*$|/\*\*|//|#\s|\*|<\w[^/]*>\s*$)|^\s*$|\b(do|then)\s*(\|.*\|)?$"
)
_HEAD_OF_FILE = 40  # lines
_LONGEST_BARE = 140  # lines
_DATA = ("yaml", "json", "toml", "html", "xml", "css", "scss", "hcl", "proto", "graphql", "ini", "vue", "svelte")


def write_lazy(sides: Sides, kind: str, rng: random.Random) -> list[str] | None:
    """The lines of a snippet of kind lazy, open, inner or tail; None where it would not be answerable."""
    if _reads_like_markers(sides):
        return None
    if kind == "tail":
        return _write_tail(sides, rng)
    unit = _around(sides) if kind == "inner" else None
    if kind == "inner" and unit is None:
        return None
    style = _drawn_style(kind, rng)
    removed = removal_comments(sides) if rng.random() < styles.REMOVAL_COMMENT else {}
    sketched = sketches(sides) if unit is None and rng.random() < styles.SKETCHED else {}
    rest = replace(sides, changed=[c for c in sides.changed if c.new_start not in sketched])
    for wider in _widening(style):
        shown = (_shown(rest, wider) if rest.changed else set()).union(*sketched.values())
        shown = _within(sides, shown, unit) if unit is not None else shown
        for rows in [shown] if unit else _ways(sides, shown, kind):
            blocks = _blocks(sides, rows)
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


def sketches(sides: Sides) -> dict[int, set[int]]:
    """First row of each insertion below a definition, and the rows to show: the head of that one, its closer, the new.

    Between head and closer goes a marker: a reader knows that what is new follows.
    """
    found: dict[int, set[int]] = {}
    for change in sides.changed:
        rows = [row for row in range(change.new_start, change.new_end) if sides.expected[row].strip()]
        if change.old_start != change.old_end or not rows:
            continue
        above = next((row for row in range(change.new_start - 1, -1, -1) if sides.expected[row].strip()), -1)
        for unit in _units(sides, original=False):
            level = indentation(sides.expected[unit.head]) == indentation(sides.expected[rows[0]])
            if unit.kind == "definition" and unit.end == above + 1 and level and _sketchable(sides, unit):
                closer = range(unit.closer, change.new_start)
                found[change.new_start] = {
                    *signature(sides.expected, unit.head),
                    *closer,
                    *range(change.new_start, change.new_end),
                }
    return found


def _sketchable(sides: Sides, unit: Unit) -> bool:
    """Whether the definition does not change, is told by its first line, and has lines to hide."""
    head = [sides.expected[unit.head]]
    told = stands_once(sides.original, head) and stands_once(sides.expected, head)
    touched = any(c.new_start < unit.end and c.new_end > unit.start for c in sides.changed)
    return told and not touched and unit.closer - signature(sides.expected, unit.head).stop >= 2


def _ways(sides: Sides, shown: set[int], kind: str) -> list[set[int]]:
    """Tidied, and where a marker can follow as it is."""
    return [_tidied(sides, shown, open_end=kind == "open"), *([shown] if kind != "open" else [])]


def _tidied(sides: Sides, shown: set[int], *, open_end: bool) -> set[int]:
    """Without context that nobody would quote: brackets above a chunk and, with no marker below, what only opens more.

    What is shown stays where less would not tell the place.
    """
    touched = _touched(sides)
    kept = set(shown)
    for block in _blocks(sides, shown):
        rows = takewhile(lambda row: row not in touched and _odd_start(sides, row), range(block.start, block.end))
        kept -= set(rows) if block.start else set()
    while open_end and kept and max(kept) not in touched and _OPENING.search(sides.expected[max(kept)]):
        kept.remove(max(kept))
    return kept


def _shown(sides: Sides, style: Style) -> set[int]:
    """The rows to show; where a definition's first row is shown, the whole of its head."""
    shown = shown_lines(sides, style)
    heads = {unit.head for unit in _units(sides, original=False) if unit.kind == "definition"}
    return shown.union(*(signature(sides.expected, row) for row in shown & heads))


def write_ordered(sides: Sides, rng: random.Random) -> list[str] | None:
    """Chunks out of the file's order, each of which tells its place by itself."""
    if _reads_like_markers(sides):
        return None
    style = Style(before=styles.context(rng), after=styles.context(rng), snapped=True)
    for extra in range(4):
        wider = replace(style, before=style.before + extra, after=style.after + extra)
        blocks = [_natural(sides, block) for block in _blocks(sides, _shown(sides, wider))]
        if len(blocks) < 2:
            return None
        if blocks[0].start > _HEAD_OF_FILE and rng.random() < 0.7:
            return None  # mostly it is the imports that come last
        if all(_answerable_alone(sides, block) for block in blocks):
            return _shuffled(sides, blocks, rng)
    return None


def write_bare(sides: Sides, rng: random.Random) -> list[str] | None:
    """The changed definitions or blocks as wholes, one after the other, without a marker."""
    if sides.parsed is None or sides.parsed_original is None:
        return None
    chosen: list[Unit] = []
    outer = rng.random() < 0.25
    for change in sides.changed:
        around = [unit for unit in sides.parsed.units if _holds(sides, unit, change)]
        if not around:
            return None
        chosen.append(around[0] if outer and around[0].end - around[0].start <= _LONGEST_BARE else around[-1])
    distinct = sorted(set(chosen), key=lambda unit: (unit.start, -unit.end))
    kept = [u for u in distinct if not any(v is not u and v.start <= u.start and u.end <= v.end for v in distinct)]
    size = sum(unit.end - unit.start for unit in kept)
    if size > min(_LONGEST_BARE, max(0.7 * len(sides.expected), 4)):
        return None
    without_comment = rng.random() < 0.4
    lines: list[str] = []
    for unit in kept:
        start = unit.head if without_comment and _comment_above(sides, unit) else unit.start
        rows = sides.expected[start : unit.end]
        apart = [""] * (2 if sides.language == "python" and unit.parent < 0 else 1)
        lines += [*(apart if lines else []), *rows]
    return lines


def write_whole(sides: Sides) -> list[str] | None:
    """The whole result, of a short file whose ends stay."""
    first, last = sides.changed[0], sides.changed[-1]
    kept_ends = (first.old_start > 0 or first.old_end == 0) and last.old_end < len(sides.original)
    return list(sides.expected) if kept_ends and len(sides.expected) <= 150 else None


def tails(sides: Sides) -> dict[int, list[range]]:
    """First row of each change that only adds at the end of a block, and the headers of that block."""
    found = {change.new_start: tail_of(sides, change) for change in sides.changed}
    return {row: around for row, around in found.items() if around is not None}


def _reads_like_markers(sides: Sides) -> bool:
    """Whether a new line reads like a marker, so that nobody could tell it from one."""
    rows = (row for change in sides.changed for row in range(change.new_start, change.new_end))
    return any(classify(sides.expected[row], sides.language) is not None for row in rows)


def _widening(style: Style) -> Iterable[Style]:
    """The style as drawn, then with ever more context, then with headers as well."""
    yield style
    for extra in (1, 2, 3):
        yield replace(style, before=style.before + extra, after=style.after + extra)
    for extra in (0, 2, 4):
        yield replace(style, headers=True, before=style.before + extra, after=style.after + extra)


def _write_tail(sides: Sides, rng: random.Random) -> list[str] | None:
    """Header, marker, what is new: the place is the end of the block, or of the file."""
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
            shown |= _closer(sides, around[-1], last)
        shown |= {row for row in range(1, len(sides.expected) - 1) if {row - 1, row + 1} <= shown}
        blocks = _blocks(sides, shown)
        settled = frozenset({last.new_start})
        if answerable(sides.original, sides.expected, sides.changed, blocks, set(), settled):
            ends = "last" if rng.random() < 0.6 or nearest == [] else "both"
            return _render(sides, shown, {}, Markers.drawn(sides, rng), "last" if not around else ends)
    return None


def _closer(sides: Sides, header: range, change: Change) -> set[int]:
    """The row below what is new, where it closes the block of the header."""
    new = sides.expected
    below = next((row for row in range(change.new_end, len(new)) if new[row].strip()), None)
    closes = (
        below is not None
        and not new[below].strip(" \t})];,")
        and indentation(new[below]) == indentation(new[header[0]])
    )
    return set(range(change.new_end, below + 1)) if closes and below is not None else set()


def _around(sides: Sides) -> Unit | None:
    """The innermost definition with a body that holds all changes, where it is a part of the file."""
    if sides.language in (*_DATA, "markdown"):
        return None
    first, last = sides.changed[0].new_start, sides.changed[-1].new_end
    around = [
        unit for unit in _units(sides, original=False)
        if unit.kind == "definition" and unit.body < unit.closer and unit.body <= first and last <= unit.closer
        and unit.end - unit.start < 0.8 * len(sides.expected)
    ]  # fmt: skip
    return around[-1] if around else None


def _within(sides: Sides, shown: set[int], unit: Unit) -> set[int]:
    """What is shown of a definition: its head and its closer among it."""
    whole = {*signature(sides.expected, unit.head), *range(unit.closer, unit.end)}
    return {row for row in shown | whole if unit.head <= row < unit.end}


def _blocks(sides: Sides, shown: set[int]) -> list[Block]:
    """The runs of shown rows."""
    blocks: list[Block] = []
    start: int | None = None
    for row in range(len(sides.expected) + 1):
        if start is not None and row not in shown:
            blocks.append(Block(start, row))
            start = None
        elif row in shown and start is None:
            start = row
    return blocks


def _render(
    sides: Sides, shown: set[int], removed: dict[int, str], markers: Markers, ends: str, stop: int = 0
) -> list[str]:
    """The shown rows, and a marker for each gap. `ends`: first, last or both go without one, but for what is hidden
    before row `stop`."""
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
    return _trimmed(lines)


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _answerable_alone(sides: Sides, block: Block) -> bool:
    inside = [c for c in sides.changed if block.start <= c.new_start and c.new_end <= block.end]
    covered = [c for c in sides.changed if c in inside or c.new_end < block.start or c.new_start > block.end]
    if covered != sides.changed:
        return False
    outside = {c.new_start for c in sides.changed if c not in inside}
    return answerable(sides.original, sides.expected, sides.changed, [block], outside)


def _odd_start(sides: Sides, row: int) -> bool:
    """A bracket, or a line from within a comment."""
    line = sides.expected[row]
    inside = sides.language != "markdown" and re.match(r"\s*\*([ /]|$)", line)
    return not telling(line) or bool(inside)


def _natural(sides: Sides, block: Block) -> Block:
    """The block without brackets and blanks at its edges that nobody would quote."""
    start, end = block.start, block.end
    touched = _touched(sides)
    while start < end and start not in touched and not telling(sides.expected[start]):
        start += 1
    while end > start and end - 1 not in touched and not telling(sides.expected[end - 1]):
        end -= 1
    return Block(start, end)


def _touched(sides: Sides) -> set[int]:
    """The new rows, and both neighbours of what goes."""
    new = {row for c in sides.changed for row in range(c.new_start, c.new_end)}
    return new | {row for c in sides.changed if c.new_start == c.new_end for row in (c.new_start - 1, c.new_start)}


def _shuffled(sides: Sides, blocks: list[Block], rng: random.Random) -> list[str]:
    """The blocks in another order: the first one (imports, mostly) goes to the end, or any order."""
    order = [*blocks[1:], blocks[0]]
    while len(blocks) > 2 and rng.random() < 0.5:
        order = rng.sample(blocks, len(blocks))
        if order != blocks:
            break
    if order == blocks:
        order = [*blocks[1:], blocks[0]]
    markers, between = Markers.drawn(sides, rng), rng.random() < 0.8
    between = between or any(lead(sides.expected[block.start]) for block in blocks)
    outside = rng.random() < 0.5 and between
    lines: list[str] = [markers.plain()] if outside else []
    for at, block in enumerate(order):
        rows = sides.expected[block.start : block.end]
        lines += [*([markers.plain() if between else ""] if at else []), *_trimmed(rows)]
    return [*lines, *([markers.plain()] if outside else [])]


def _holds(sides: Sides, unit: Unit, change: Change) -> bool:
    """Whether showing the unit whole, on both sides told by its head, says what the change does."""
    named = unit.kind == "definition" or (unit.kind == "member" and sides.language in _DATA)
    if not named or unit.body >= unit.end or not (unit.head < change.new_start and change.new_end <= unit.end):
        return unit.kind == "definition" and _new_head(sides, unit, change)
    head = sides.expected[unit.head].strip()
    old = [u for u in _units(sides, original=True) if sides.original[u.head].strip() == head]
    new = [u for u in _units(sides, original=False) if sides.expected[u.head].strip() == head]
    return len(old) == len(new) == 1 and old[0].head < change.old_start and change.old_end <= old[0].end


def _new_head(sides: Sides, unit: Unit, change: Change) -> bool:
    """The same where the definition's own first line changes: then its name stands once on both sides."""
    if not (unit.name and unit.body < unit.end and unit.start <= change.new_start and change.new_end <= unit.end):
        return False
    old = [u for u in _units(sides, original=True) if u.kind == "definition" and u.name == unit.name]
    new = [u for u in _units(sides, original=False) if u.kind == "definition" and u.name == unit.name]
    goes = change.new_start == change.new_end
    return (
        len(old) == len(new) == 1
        and (old[0].head if goes else old[0].start) <= change.old_start
        and (change.old_end <= old[0].end)
    )


def _units(sides: Sides, *, original: bool) -> tuple[Unit, ...]:
    parsed = sides.parsed_original if original else sides.parsed
    return parsed.units if parsed is not None else ()


def _comment_above(sides: Sides, unit: Unit) -> bool:
    """Whether all that stands above the head is a comment that does not change."""
    rows = range(unit.start, unit.head)
    signs = ("#", "//", "/*", "*", "--", ";", "%")
    plain = all(sides.expected[row].strip().startswith(signs) for row in rows)
    attribute = any(sides.expected[row].strip().startswith("#[") for row in rows)
    changed = any(c.new_start < unit.head and unit.start <= c.new_end for c in sides.changed)
    return bool(rows) and plain and not attribute and not changed
