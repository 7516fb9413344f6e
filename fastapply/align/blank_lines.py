"""The blank lines between two lines of a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median_low

from fastapply.align.chunks import CLOSES, Chunk
from fastapply.align.field import Field
from fastapply.align.parts import Part, Parts
from fastapply.align.reading import Region, Segment

_CALL = re.compile(r"[\w.]+(?:\(|(?=\s+[\"']))")


class BlankLines:
    """Blank lines for the results of one snippet."""

    def __init__(self, field: Field, parts: Parts) -> None:
        self.field = field
        self.parts = parts

    def between(self, above: Segment, below: Segment) -> Sequence[str]:
        """The blank lines between two segments of a result."""
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

    def _blanks(self, above: Segment, below: Segment) -> int:
        field = self.field
        together = above.region is not None and above.region is below.region
        next_there = 0 <= above.last == below.first - 1
        if together or (
            above.region is not None and below.region is not None and not self._between_marked(above, below)
        ):
            shown = below.line - above.line - 1 if together else self._shown_between(above, below)
            theirs = field.blanks_above(below.first) if next_there else 0
            return theirs if shown and theirs else shown  # fewer or more of them change nothing
        if above.last >= 0 and below.first >= 0:
            if next_there:
                return field.blanks_above(below.first)
            first, last = field.blanks_above(above.last + 1), field.blanks_above(below.first)
            if field.depth(below.first) != field.depth(above.last):  # no gap at the edge of a block
                return first if field.depth(below.first) > field.depth(above.last) else last
            return max(first, last)
        if below.first < 0:
            return self._above_new(above, below)
        return self._below_new(above, below)

    def _between_marked(self, above: Segment, below: Segment) -> bool:
        assert above.region is not None
        assert below.region is not None
        between = self.parts.units[above.region.part.last : below.region.part.first + 1]
        return not between or any(unit.marked for unit in between)

    def _shown_between(self, above: Segment, below: Segment) -> int:
        assert above.region is not None
        assert below.region is not None
        units = self.parts.units[above.region.part.last : below.region.part.first + 1]
        return max((unit.blanks for unit in units), default=0)

    def _above_new(self, above: Segment, below: Segment) -> int:
        """Their number between the first new line of a part and the line above it, which stays or ends another part."""
        region, field = below.region, self.field
        assert region is not None
        part = region.part
        first = region.first_pair
        replaces = region.start < (first if first >= 0 else region.end)
        if replaces and region.start <= len(field):
            return field.blanks_above(region.start)
        there = field.blanks_above(region.start)
        if first == region.start < region.end and below.line != part.lines[-1]:
            # The part shows the line below. The gap above that line becomes the gap above the new lines.
            tight = self._tight_below(part, region)
            return there if tight or there else max(part.blanks, self._apart(region))
        if self._among_imports(above, below):
            return 0
        described = len(part.lines) > 1 and self.parts.outline.info[part.start].comment and region.start == region.end
        return max(part.blanks, self._apart(region), there if described else 0)

    def _among_imports(self, above: Segment, below: Segment) -> bool:
        """Are both lines imports? Then the distance to a marker says nothing."""
        sides = (above.last, above.line), (below.first, below.line)
        theirs, ours = self.field, self.parts.outline
        infos = (theirs.outline.info[theirs.solid[column]] if column >= 0 else ours.info[k] for column, k in sides)
        return all(info.kind == "import" for info in infos)

    def _tight_below(self, part: Part, region: Region) -> bool:
        """Are the new lines at the start of a part directly above its first shared line?"""
        at = next(i for i, column in enumerate(region.pairs) if column >= 0)
        return part.lines[at] - part.lines[at - 1] == 1

    def _below_new(self, above: Segment, below: Segment) -> int:
        """Their number between the last new line of a part and a line that stays."""
        region, field = above.region, self.field
        assert region is not None
        there = field.blanks_above(below.first)
        if there:
            return there
        opened = region.end == region.start or region.last_pair == region.end - 1
        if self._among_imports(above, below) or not opened:
            return 0
        closes = CLOSES.match(field.text[below.first])  # the last one of its block
        apart = 0 if closes or self._goes_on(region.part) else self._apart(region)
        return max(self.parts.blanks_below(region.part), apart)

    def _goes_on(self, part: Part) -> bool:
        """Does the unit that a part begins go on below it?"""
        chunk = self._unit(part)
        return chunk is not None and any(self.parts.outline.stripped[part.end : chunk.end])

    def _unit(self, part: Part) -> Chunk | None:
        """The chunk that begins with a part."""
        return next((c for c in self.parts.outline.chunk_of[part.start].chain() if c.start == part.start), None)

    def _apart(self, region: Region) -> int:
        """The usual number between the definitions or calls beside a new one. 0 for other lines."""
        snippet, chunk = self.parts.outline, self._unit(region.part)
        if chunk is None or chunk.end - chunk.start < 2:
            return 0
        theirs = self.field.outline
        for outer in self.field.open_at[min(region.start, len(self.field))]:
            alike = [c for c in outer.children if c.is_definition == chunk.is_definition and c.end - c.start > 1]
            if not chunk.is_definition:  # tests and routes are calls; other blocks have no usual distance
                call = _CALL.match(snippet.stripped[chunk.header])
                alike = [c for c in alike if call and theirs.stripped[c.header].startswith(call[0])]
            gaps = [self.field.blanks_above(self.field.column_of[c.start]) for c in alike[1:]]
            if gaps:
                return median_low(gaps)
        return 0
