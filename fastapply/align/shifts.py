"""How the parts of a snippet are reindented, by the lines that the snippet and the file share."""

from __future__ import annotations

from collections import Counter
from functools import cache, cached_property
from math import inf

from fastapply.align.chunks import CLOSES, OPENER
from fastapply.align.field import Field
from fastapply.align.lines import Pairs
from fastapply.align.parts import Part, Parts
from fastapply.align.reading import NO_SHIFT, Reading, Region, Shift, difference
from fastapply.text.lines import indent_of


class Shifts:
    """The shifts of one snippet's regions."""

    def __init__(self, field: Field, parts: Parts) -> None:
        self.field = field
        self.parts = parts
        self._votes = cache(self._find_votes)

    def of(self, reading: Reading) -> dict[Part, Shift]:
        """The shift of each part, by its own shared lines, or else by those of all parts."""
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
        """The shift of a part without shared lines. It is not reindented if its depth equals that of what it
        replaces."""
        if region.start == region.end or not region.part.lines:
            return every
        ours = indent_of(self.parts.outline.lines[region.part.start])
        theirs = indent_of(self.field.line(region.start))
        return NO_SHIFT if ours == theirs else every

    def shift_of(self, region: Region) -> Shift | None:
        """The shift of a region. None if neither the region nor its lines determine one."""
        return region.shift if region.shift is not None else self.voted(region)

    def voted(self, region: Region) -> Shift | None:
        """The shift by the shared lines. None if there are none."""
        votes = self._votes(region.part.lines, region.pairs)
        return self._chosen(votes) if votes else None

    def shifts_of(self, region: Region) -> list[Shift]:
        """All shifts that the shared lines allow, the default first."""
        lines, pairs = region.part.lines, region.pairs
        votes = self._votes(lines, pairs)
        heads = Counter(shift for _, shift in self._heads(lines, pairs))
        fits = [NO_SHIFT] if self.edges_as_in_file(region) else []
        found = [self._chosen(votes), *(shift for shift, _ in heads.most_common()), *fits]
        return list(dict.fromkeys(found)) if votes else []

    def edges_as_in_file(self, region: Region) -> int:
        """How many of the first and the last line stand in the file as they are, indentation included. 0 if only the
        indentation of one differs."""
        ends = {(region.part.lines[i], region.pairs[i]) for i in ((0, -1) if region.pairs else ())}
        ours, theirs = self.parts.outline, self.field
        same = [(line, column) for line, column in ends if column >= 0 and ours.stripped[line] == theirs.text[column]]
        return len(same) * all(ours.lines[line] == theirs.line(column) for line, column in same)

    def _find_votes(self, lines: tuple[int, ...], pairs: Pairs) -> Counter[Shift]:
        """The votes of a part's outermost shared lines; among equally deep ones, the first votes. Later lines may be
        reindented on purpose, in a block that the edit opens or removes."""
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
        """The shared lines that no line above is further out than, as indices, with their shifts."""
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
        """The first line of the snippet, if it arrived without its indentation. Else -1."""
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
