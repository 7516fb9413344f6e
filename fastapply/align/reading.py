"""A reading: for each part of a snippet the lines of the file that it stands for, and what goes besides.

Written out as text here: indentation, blank lines and the end of the file are settled in this module.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median_low

from fastapply.align.chunks import CLOSES, OPENER, Outline
from fastapply.align.field import Field
from fastapply.align.lines import Pairs
from fastapply.align.parts import Part, Parts
from fastapply.text.lines import indent_of

_CALL = re.compile(r"[\w.]+\(")
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


@dataclass(frozen=True)
class _Item:
    """One line of the result: a column of the file, a line of the snippet, or both."""

    column: int = -1
    line: int = -1
    region: Region | None = None


class Writer:
    """Writes readings of one snippet as texts, LF, without the last line break."""

    def __init__(self, field: Field, parts: Parts) -> None:
        self.field = field
        self.parts = parts

    def text(self, reading: Reading) -> str:
        """The whole file that a reading means."""
        items = list(self._items(reading))
        if not items:
            return ""
        shifts = self._shifts(reading)
        moved = self._moved_gaps(items, shifts)
        theirs = self.field.outline.lines
        lines = list(theirs[: self.field.solid[0]]) if items[0].column == 0 and self.field.solid else []
        for above, item, below in zip([None, *items], items, [*items[1:], None], strict=False):
            if above is not None:
                lines += self._gap(above, item)
            line = self._line(item, shifts)
            lines.append(shifted(line, moved.get(item.column, NO_SHIFT)) + self._comma(item, below))
        last = items[-1]
        tail = theirs[self.field.solid[-1] + 1 :] if self.field.solid else []
        return "\n".join([*lines, *tail]) if last else "\n".join(lines)

    def _items(self, reading: Reading) -> Iterator[_Item]:
        gone = {c for start, end in reading.gone for c in range(start, end)}
        at = 0
        for region in sorted(reading.regions, key=lambda region: (region.start, region.end, region.part.first)):
            yield from (_Item(c) for c in range(at, region.start) if c not in gone)
            for line, column in zip(region.part.lines, region.pairs, strict=True):
                yield _Item(column, line, region)
            at = max(at, region.end)
        yield from (_Item(c) for c in range(at, len(self.field)) if c not in gone)

    def _comma(self, item: _Item, below: _Item | None) -> str:
        """A last element of a list gets its comma when a new one comes below it."""
        field = self.field
        new = below is not None and below.column < 0 and not CLOSES.match(self.parts.outline.stripped[below.line])
        last = 0 <= item.column < len(field) - 1 and CLOSES.match(field.text[item.column + 1])
        if not (new and last):
            return ""
        text = field.text[item.column]
        if text[-1:] in ",;{[(:" or (item.line >= 0 and self.parts.outline.stripped[item.line] != text):
            return ""
        siblings = self._ends_beside(item.column)
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
        own = {region.part: self._votes([region]) for region in reading.regions}
        every = self._chosen(self._votes(reading.regions))
        found = {}
        for region in reading.regions:
            voted = self._chosen(own[region.part]) if own[region.part] else self._unvoted(region, every)
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
        """The shifts of lines that a marker stands for, where those above and below it are both indented anew."""
        found: dict[int, Shift] = {}
        gap: list[int] = []
        above = NO_SHIFT
        for item in items:
            if item.line < 0:
                gap.append(item.column)
                continue
            shift = self._indented_anew(item, shifts)
            if shift == above != NO_SHIFT:
                found |= dict.fromkeys(gap, shift)
            gap, above = [], shift
        return found

    def _indented_anew(self, item: _Item, shifts: dict[Part, Shift]) -> Shift:
        if item.column < 0:
            return NO_SHIFT
        old = indent_of(self.field.line(item.column))
        new = indent_of(self._line(item, shifts))
        return NO_SHIFT if old == new else difference(new, old)

    def shift_of(self, region: Region) -> Shift | None:
        """What the lines that both sides have say; None where there are none."""
        votes = self._votes([region])
        return self._chosen(votes) if votes else None

    def _votes(self, regions: Iterable[Region]) -> Counter[Shift]:
        """What the lines of least indentation in each part say: those inside may be indented anew on purpose. Where a
        part begins deeper than it ends, its first lines are heard too: it may be the others that are."""
        snippet, theirs = self.parts.outline, self.field
        votes: Counter[Shift] = Counter()
        for region in regions:
            lines = [line for line in region.part.lines if line != self.lost_indentation]
            outermost = min((snippet.width[line] for line in lines), default=0)
            inside, found = True, Counter[Shift]()
            for line, column in zip(region.part.lines, region.pairs, strict=True):
                if line == self.lost_indentation:
                    continue
                inside = inside and snippet.width[line] > outermost
                if column < 0 or (snippet.width[line] > outermost and not inside):
                    continue
                shift = difference(indent_of(theirs.line(column)), indent_of(snippet.lines[line]))
                found[shift] += 1 + (snippet.stripped[line] == theirs.text[column])
            votes += found
        return votes

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

    def _line(self, item: _Item, shifts: dict[Part, Shift]) -> str:
        snippet, theirs = self.parts.outline, self.field.outline.lines
        if item.line < 0:
            return theirs[self.field.solid[item.column]]
        assert item.region is not None
        ours = shifted(snippet.lines[item.line], shifts[item.region.part])
        if item.column < 0 or snippet.stripped[item.line] != self.field.text[item.column]:
            return ours
        own = theirs[self.field.solid[item.column]]
        indent = indent_of(ours)
        inside = snippet.info[item.line].inside and indent_of(snippet.lines[item.line]) == indent_of(own)
        if indent == indent_of(own) or inside or self._lost_its_blanks(item, indent):
            return own
        return indent + own.lstrip(" \t")

    def _lost_its_blanks(self, item: _Item, indent: str) -> bool:
        """The first line of an update is often sent without its indentation."""
        own = indent_of(self.field.line(item.column))
        return item.line == self.lost_indentation and len(indent) < len(own)

    # Blank lines -----------------------------------------------------------------------------------------------------

    def _gap(self, above: _Item, below: _Item) -> Sequence[str]:
        """The blank lines between two lines of the result."""
        number = self._blanks(above, below)
        if not number:
            return ()
        theirs = self.field.outline.lines
        own: list[str] = []
        if below.column >= 0:
            start = self.field.solid[below.column]
            own = theirs[start - min(self.field.blanks_above(below.column), number) : start]
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
        if above.column >= 0 and below.column >= 0:
            if below.column == above.column + 1:
                return field.blanks_above(below.column)
            first, last = field.blanks_above(above.column + 1), field.blanks_above(below.column)
            if field.depth(below.column) != field.depth(above.column):  # at an end of a block nothing is parted
                return first if field.depth(below.column) > field.depth(above.column) else last
            return max(first, last)
        if below.column < 0:
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

    def _among_imports(self, *items: _Item) -> bool:
        """Is one line put beside another, both of them imports? What parts one from a marker says nothing of that."""
        infos = (
            self.field.outline.info[self.field.solid[item.column]] if item.column >= 0 else self.outline.info[item.line]
            for item in items
        )
        return all(info.kind == "import" for info in infos)

    def _tight_below(self, part: Part, region: Region) -> bool:
        """Do the new lines at the start of a part stand right above the first one that the file has?"""
        at = next(i for i, column in enumerate(region.pairs) if column >= 0)
        return part.lines[at] - part.lines[at - 1] == 1

    def _below_new(self, above: _Item, below: _Item) -> int:
        """Between the last new line of a part and a line that stays."""
        region, field = above.region, self.field
        assert region is not None
        there = field.blanks_above(below.column)
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

    @cached_property
    def outline(self) -> Outline:
        return self.parts.outline


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
