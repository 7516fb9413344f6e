"""A reading: for each part of a snippet the lines of the file that it stands for, and what goes besides.

Written out as text here: indentation, blank lines and the end of the file are settled in this module.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from math import inf
from statistics import median_low
from typing import NamedTuple

from fastapply.align.chunks import CLOSES, OPENER
from fastapply.align.field import Field
from fastapply.align.lines import Pairs
from fastapply.align.parts import Part, Parts
from fastapply.text.lines import indent_of

_CALL = re.compile(r"[\w.]+(?:\(|(?=\s+[\"']))")
Shift = tuple[str, str]  # the snippet's indentation `old` stands for the file's `new`
NO_SHIFT: Shift = ("", "")


@dataclass(frozen=True)
class Region:
    """A part stands for the columns [start, end). `pairs`: the partner of each of its lines, or -1.

    `shift` is None where the lines that both sides have tell it.
    """

    part: Part
    start: int
    end: int
    pairs: Pairs
    shift: Shift | None = None

    @property
    def first_pair(self) -> int:
        return next((c for c in self.pairs if c >= 0), self.end)

    @property
    def last_pair(self) -> int:
        return next((c for c in reversed(self.pairs) if c >= 0), self.start - 1)


@dataclass(frozen=True)
class Reading:
    """Regions in the order of the file, and ranges of columns that go besides."""

    regions: tuple[Region, ...]
    gone: tuple[tuple[int, int], ...] = ()

    @property
    def only_inserts(self) -> bool:
        return not self.gone and all(region.start == region.end for region in self.regions)

    def taken(self) -> set[int]:
        """The columns that go, or change."""
        kept = {c for region in self.regions for c in region.pairs if c >= 0}
        inside = {c for region in self.regions for c in range(region.start, region.end)}
        return (inside - kept) | {c for start, end in self.gone for c in range(start, end)}


class _Item(NamedTuple):
    """A line of the snippet, with its column of the file where it has one; or a run of columns that stay."""

    first: int = -1  # columns, [first, last]
    last: int = -1
    line: int = -1
    region: Region | None = None


class _Line(NamedTuple):
    """A line as it is written; `moved`: how it is indented anew, where the file has it."""

    text: str
    moved: Shift


Piece = str | range  # a line, or columns that stand as in the file


class Writer:
    """Writes readings of one snippet as texts, LF, without the last line break."""

    def __init__(self, field: Field, parts: Parts) -> None:
        self.field = field
        self.parts = parts
        self._line = cache(self._write)
        self._votes = cache(self._find_votes)

    def text(self, reading: Reading) -> str:
        """The whole file that a reading means."""
        return self.joined(self.pieces(reading))

    def joined(self, pieces: Iterable[Piece]) -> str:
        solid, theirs = self.field.solid, self.field.outline.lines
        lines: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                lines.append(piece)
            else:
                lines += theirs[solid[piece.start] : solid[piece.stop - 1] + 1]
        return "\n".join(lines)

    def pieces(self, reading: Reading) -> list[Piece]:
        """The whole file that a reading means, a long run of what stays in one piece."""
        items = list(self._items(reading))
        if not items:
            return []
        shifts = self._shifts(reading)
        moved = self._moved_gaps(items, shifts)
        solid, theirs = self.field.solid, self.field.outline.lines
        found: list[Piece] = list(theirs[: solid[0]]) if items[0].first == 0 and solid else []
        for above, item, below in zip([None, *items], items, [*items[1:], None], strict=False):
            if above is not None:
                found += self._gap(above, item)
            comma = self._comma(item, below)
            if item.line < 0 and not comma and item.first not in moved:
                found.append(range(item.first, item.last + 1))
            elif item.line < 0:
                *lines, last = self._run(item, moved.get(item.first, NO_SHIFT))
                found += [*lines, last + comma]
            else:
                found.append(self._written(item, shifts).text + comma)
        return [*found, *(theirs[solid[-1] + 1 :] if solid else [])]

    def _items(self, reading: Reading) -> Iterator[_Item]:
        at = 0
        for region in sorted(reading.regions, key=lambda region: (region.start, region.end, region.part.first)):
            yield from _runs(at, region.start, reading.gone)
            for line, column in zip(region.part.lines, region.pairs, strict=True):
                yield _Item(column, column, line, region)
            at = max(at, region.end)
        yield from _runs(at, len(self.field), reading.gone)

    def _comma(self, item: _Item, below: _Item | None) -> str:
        """A last element of a list gets its comma when a new one comes below it."""
        field = self.field
        new = below is not None and below.first < 0 and not CLOSES.match(self.parts.outline.stripped[below.line])
        last = 0 <= item.last < len(field) - 1 and CLOSES.match(field.text[item.last + 1])
        if not (new and last):
            return ""
        text = field.text[item.last]
        if text[-1:] in ",;{[(:" or (item.line >= 0 and self.parts.outline.stripped[item.line] != text):
            return ""
        siblings = self._ends_beside(item.last)
        has_commas = siblings and all(text.endswith(",") for text in siblings)
        return "," if has_commas or (not siblings and field.outline.language == "json") else ""

    def _ends_beside(self, column: int) -> list[str]:
        """The last lines of the elements above the one that ends at a column."""
        field = self.field
        depth, found = field.depth(column), list[str]()
        for c in range(column - 1, -1, -1):
            if field.depth(c) < depth:
                break
            inner = c + 1 < len(field) and field.depth(c + 1) > depth
            if field.depth(c) == depth and not inner:
                found.append(field.text[c])
        return found

    # Indentation -----------------------------------------------------------------------------------------------------

    def _shifts(self, reading: Reading) -> dict[Part, Shift]:
        """The shift of each part: by its own lines, else by those of all parts."""
        own = [self._votes(region.part.lines, region.pairs) for region in reading.regions]
        votes: Counter[Shift] = Counter()
        for each in own:
            votes.update(each)
        every = self._chosen(votes)
        found = {}
        for region, each in zip(reading.regions, own, strict=True):
            voted = self._chosen(each) if each else self._unvoted(region, every)
            found[region.part] = region.shift if region.shift is not None else voted
        return found

    def _unvoted(self, region: Region, every: Shift) -> Shift:
        """The shift of new lines: none where they stand as deep as what they replace."""
        if region.start == region.end or not region.part.lines:
            return every
        ours = indent_of(self.parts.outline.lines[region.part.start])
        theirs = indent_of(self.field.line(region.start))
        return NO_SHIFT if ours == theirs else every

    def _moved_gaps(self, items: Sequence[_Item], shifts: dict[Part, Shift]) -> dict[int, Shift]:
        """The shifts of runs, by their first columns, where the lines above and below are both indented anew."""
        found: dict[int, Shift] = {}
        gap: list[int] = []
        above = NO_SHIFT
        for item in items:
            if item.line < 0:
                gap.append(item.first)
                continue
            shift = self._written(item, shifts).moved
            if shift == above != NO_SHIFT:
                found |= dict.fromkeys(gap, shift)
            gap, above = [], shift
        return found

    def shift_of(self, region: Region) -> Shift | None:
        """How a region is indented anew; None where neither it nor its lines say so."""
        return region.shift if region.shift is not None else self.voted(region)

    def voted(self, region: Region) -> Shift | None:
        """What the lines that both sides have say; None where there are none."""
        votes = self._votes(region.part.lines, region.pairs)
        return self._chosen(votes) if votes else None

    def shifts_of(self, region: Region) -> list[Shift]:
        """All that the lines that both sides have may say; what counts first, if nothing else is said."""
        lines, pairs = region.part.lines, region.pairs
        votes = self._votes(lines, pairs)
        heads = Counter(shift for _, shift in self._heads(lines, pairs))
        return list(dict.fromkeys([self._chosen(votes), *(shift for shift, _ in heads.most_common())])) if votes else []

    def _find_votes(self, lines: tuple[int, ...], pairs: Pairs) -> Counter[Shift]:
        """What the heads of a part say, of those equally deep the first: what follows it may be indented anew on
        purpose, in a block that the edit opens or takes away."""
        snippet, theirs = self.parts.outline, self.field
        heads = self._heads(lines, pairs)
        telling = [(i, shift) for i, shift in heads if not CLOSES.match(snippet.stripped[lines[i]])]
        votes: Counter[Shift] = Counter()
        least = None
        for i, shift in telling or heads:
            if least is None or snippet.width[lines[i]] < least:
                least = snippet.width[lines[i]]
                votes[shift] += 1 + (snippet.stripped[lines[i]] == theirs.text[pairs[i]])
        return votes

    def _heads(self, lines: tuple[int, ...], pairs: Pairs) -> list[tuple[int, Shift]]:
        """The lines that both sides have, no line above them being further out, and how they are indented anew."""
        snippet, found = self.parts.outline, list[tuple[int, Shift]]()
        least: float = inf
        for i, (line, column) in enumerate(zip(lines, pairs, strict=True)):
            if line == self.lost_indentation or snippet.width[line] > least:
                continue
            least = snippet.width[line]
            if column >= 0:
                found.append((i, difference(indent_of(self.field.line(column)), indent_of(snippet.lines[line]))))
        return found

    @cached_property
    def lost_indentation(self) -> int:
        """The first line of the snippet, if it was sent without its indentation; else -1."""
        snippet = self.parts.outline
        solid = [k for k, text in enumerate(snippet.stripped) if text]
        if len(solid) < 2 or snippet.width[solid[0]]:
            return -1
        first, deeper = solid[0], snippet.width[solid[1]]
        opens = bool(OPENER.fullmatch(snippet.stripped[first])) or snippet.info[first].is_definition
        step = min((width for width in self.field.outline.width if width), default=4)
        return first if deeper > (step if opens else 0) else -1

    def _chosen(self, votes: Counter[Shift]) -> Shift:
        return max(votes, key=lambda shift: (votes[shift], shift == NO_SHIFT)) if votes else NO_SHIFT

    def _run(self, item: _Item, moved: Shift) -> list[str]:
        run = self.field.outline.lines[self.field.solid[item.first] : self.field.solid[item.last] + 1]
        return [shifted(line, moved) if line.strip() else line for line in run]

    def _written(self, item: _Item, shifts: dict[Part, Shift]) -> _Line:
        assert item.region is not None
        return self._line(item.line, item.first, shifts[item.region.part])

    def _write(self, line: int, column: int, shift: Shift) -> _Line:
        """A line of the snippet in its region."""
        snippet = self.parts.outline
        ours = shifted(snippet.lines[line], shift)
        if column < 0:
            return _Line(ours, NO_SHIFT)
        own = self.field.line(column)
        new, old = indent_of(ours), indent_of(own)
        if snippet.stripped[line] == self.field.text[column]:
            inside = snippet.info[line].inside and indent_of(snippet.lines[line]) == old
            lost = line == self.lost_indentation and len(new) < len(old)  # often so where an update begins
            if new == old or inside or lost:
                return _Line(own, NO_SHIFT)
            ours = new + own.lstrip(" \t")
        return _Line(ours, NO_SHIFT if new == old else difference(new, old))

    # Blank lines -----------------------------------------------------------------------------------------------------

    def _gap(self, above: _Item, below: _Item) -> Sequence[str]:
        """The blank lines between two lines of the result."""
        number = self._blanks(above, below)
        if not number:
            return ()
        theirs = self.field.outline.lines
        own: list[str] = []
        if below.first >= 0:
            start = self.field.solid[below.first]
            own = theirs[start - min(self.field.blanks_above(below.first), number) : start]
        elif below.line - above.line - 1 == number and above.region is below.region:
            own = self.parts.outline.lines[above.line + 1 : below.line]
        return [""] * (number - len(own)) + list(own)

    def _blanks(self, above: _Item, below: _Item) -> int:
        field = self.field
        together = above.region is not None and above.region is below.region
        if together:
            return below.line - above.line - 1
        if above.region is not None and below.region is not None and not self._between_marked(above, below):
            return self._shown_between(above, below)
        if above.last >= 0 and below.first >= 0:
            if below.first == above.last + 1:
                return field.blanks_above(below.first)
            first, last = field.blanks_above(above.last + 1), field.blanks_above(below.first)
            if field.depth(below.first) != field.depth(above.last):  # at an end of a block nothing is parted
                return first if field.depth(below.first) > field.depth(above.last) else last
            return max(first, last)
        if below.first < 0:
            return self._above_new(above, below)
        return self._below_new(above, below)

    def _between_marked(self, above: _Item, below: _Item) -> bool:
        assert above.region is not None
        assert below.region is not None
        between = self.parts.units[above.region.part.last : below.region.part.first + 1]
        return not between or any(unit.marked for unit in between)

    def _shown_between(self, above: _Item, below: _Item) -> int:
        assert above.region is not None
        assert below.region is not None
        units = self.parts.units[above.region.part.last : below.region.part.first + 1]
        return max((unit.blanks for unit in units), default=0)

    def _above_new(self, above: _Item, below: _Item) -> int:
        """Between a line that stays, or the last one of another part, and the first new line of a part."""
        region, field = below.region, self.field
        assert region is not None
        part = region.part
        first = region.first_pair
        replaces = region.start < (first if first >= 0 else region.end)
        if replaces and region.start <= len(field):
            return field.blanks_above(region.start)
        there = field.blanks_above(region.start)
        if first == region.start < region.end and below.line != part.lines[-1]:
            # The line below is shown: what parted it from the line above parts the new lines from that.
            tight = self._tight_below(part, region)
            return there if tight or there else max(part.blanks, self._apart(region))
        return 0 if self._among_imports(above, below) else max(part.blanks, self._apart(region))

    def _among_imports(self, above: _Item, below: _Item) -> bool:
        """Is one line put beside another, both of them imports? What parts one from a marker says nothing of that."""
        sides = (above.last, above.line), (below.first, below.line)
        theirs, ours = self.field, self.parts.outline
        infos = (theirs.outline.info[theirs.solid[column]] if column >= 0 else ours.info[k] for column, k in sides)
        return all(info.kind == "import" for info in infos)

    def _tight_below(self, part: Part, region: Region) -> bool:
        """Do the new lines at the start of a part stand right above the first one that the file has?"""
        at = next(i for i, column in enumerate(region.pairs) if column >= 0)
        return part.lines[at] - part.lines[at - 1] == 1

    def _below_new(self, above: _Item, below: _Item) -> int:
        """Between the last new line of a part and a line that stays."""
        region, field = above.region, self.field
        assert region is not None
        there = field.blanks_above(below.first)
        if there:
            return there
        opened = region.end == region.start or region.last_pair == region.end - 1
        if self._among_imports(above, below):
            return 0
        return max(self.parts.blanks_below(region.part), self._apart(region)) if opened else 0

    def _apart(self, region: Region) -> int:
        """As many blank lines as part the definitions, or calls, beside which a new one is put; 0 for other lines."""
        snippet, part = self.parts.outline, region.part
        chunk = next((c for c in snippet.chunk_of[part.start].chain() if c.start == part.start), None)
        if chunk is None or chunk.end - chunk.start < 2:
            return 0
        theirs = self.field.outline
        for outer in self.field.open_at[min(region.start, len(self.field))]:
            alike = [c for c in outer.children if c.is_definition == chunk.is_definition and c.end - c.start > 1]
            if not chunk.is_definition:  # tests and routes are calls; other blocks stand as they like
                call = _CALL.match(snippet.stripped[chunk.header])
                alike = [c for c in alike if call and theirs.stripped[c.header].startswith(call[0])]
            gaps = [self.field.blanks_above(self.field.column_of[c.start]) for c in alike[1:]]
            if gaps:
                return median_low(gaps)
        return 0


def _runs(start: int, end: int, gone: Iterable[tuple[int, int]]) -> Iterator[_Item]:
    """What stays of the columns [start, end)."""
    for first, stop in sorted(gone):
        if start < min(first, end):
            yield _Item(start, min(first, end) - 1)
        start = max(start, stop)
    if start < end:
        yield _Item(start, end - 1)


def difference(theirs: str, ours: str) -> Shift:
    """What the snippet's indentation `ours` lacks or has too much."""
    if theirs.endswith(ours):
        return "", theirs[: len(theirs) - len(ours)]
    if ours.endswith(theirs):
        return ours[: len(ours) - len(theirs)], ""
    return ours, theirs


def shifted(line: str, shift: Shift) -> str:
    """The line with its indentation exchanged; one that stands further out than `old` goes as far as it can."""
    old, new = shift
    if old == new:
        return line
    if line.startswith(old):
        return new + line[len(old) :]
    return new + line.lstrip(" \t") if new else line.lstrip(" \t")


def ordered(regions: Sequence[Region]) -> bool:
    """Do the regions follow each other without overlap?"""
    return all(above.end <= below.start for above, below in pairwise(regions))
