"""The ranges of columns that a part may replace, found from the lines that the file shares with it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

import numpy as np

from fastapply.align.chunks import Chunk
from fastapply.align.field import Ints
from fastapply.align.lines import Pairs
from fastapply.align.match import key_of
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.text.brackets import open_brackets

_SAME_LINES = 6  # places of one repeated line
_NOWHERE: Ints = np.empty(0, np.intp)
_LONGEST = 60  # lines that a single line may replace
_EXTEND = 3  # lines beside a range that its part may also replace
_OLD = 12  # lines beside a range that may include the old version of a seemingly new line, or the end of that version


class CoreRanges:
    """Ranges for the parts of one pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field

    def of(self, part: Part) -> Iterator[tuple[int, int]]:
        """Ranges of columns [start, end). Some come more than once."""
        for core in self.pairing.cores[part]:
            yield from self._cut_cores(part, core.pairs)
            starts, ends = self._starts(part, core.pairs), self._ends(part, core.pairs)
            yield from product(starts, ends)
            yield from ((start, end) for start in starts[:2] for end in self.pairing.wording.ends_below(part, start))
        yield from self.pairing.wording.runs(part)
        yield from self._hulls(part)

    def unwrapped(self, part: Part) -> Iterator[tuple[int, int]]:
        """Ranges with the head and the end of a block of which the part shows the whole inside, and neither of them:
        the snippet may take it out of the block."""
        for core in self.pairing.cores[part]:
            block = self.original.chunk_of[self.field.solid[core.start - 1]] if core.start else self.original.root
            columns = self.field.columns(block)
            if core.start - 1 == self.field.column_of.get(block.header) and columns.stop - block.closed <= core.end:
                yield core.start - 1, max(core.end, columns.stop)

    def _hulls(self, part: Part) -> Iterator[tuple[int, int]]:
        """Ranges from the first shared line of the part to the last, whatever lies between."""
        at = [self.field.columns_of.get(self.snippet.stripped[line], _NOWHERE) for line in part.lines]
        once = _ascending([int(columns[0]) for columns in at if len(columns) == 1])
        known = [k for k, columns in enumerate(at) if len(columns)]
        if not known:
            return
        if once:
            above, below = part.lines[: known[0]], part.lines[known[-1] + 1 :]
            starts, ends = self._around(part, above, below, once[0], once[1] + 1)
            yield from product(starts, ends)
        first, last = at[known[0]], at[known[-1]]
        for start in first[:_SAME_LINES]:
            yield from ((int(start), int(end) + 1) for end in last[last >= start][:1])
        for end in last[:_SAME_LINES]:
            yield from ((int(start), int(end) + 1) for start in first[first <= end][-1:])
        texts = {self.snippet.stripped[line] for line in part.lines}
        for core in self.pairing.cores[part][:2]:
            yield self._widened(core.start, core.end, texts)

    def _cut_cores(self, part: Part, pairs: Pairs) -> Iterator[tuple[int, int]]:
        """Ranges that leave the changed elements at an end of the part as insertions. A new element below the head of
        its list or above its end does not replace a sibling."""
        changed = [i for i, c in enumerate(pairs) if c < 0 or not self.pairing.same(part.lines[i], c)]
        if not changed or len(part.lines) < 2:
            return
        for inner in (False, True):
            first = self._begins(part, changed[0], inner)
            if first > 0 and pairs[first - 1] >= 0:
                kept = [c for c in pairs[:first] if c >= 0]
                yield kept[0], kept[-1] + 1
            after = self._ends_at(part, changed[-1], inner)
            if after < len(pairs) and pairs[after] >= 0:
                kept = [c for c in pairs[after:] if c >= 0]
                yield kept[0], kept[-1] + 1

    def _begins(self, part: Part, i: int, inner: bool) -> int:
        """The index of the first line of the element around line i of the part."""
        chunk = self._element(part, i, inner)
        return i if chunk is None else next(k for k, line in enumerate(part.lines) if line >= chunk.start)

    def _ends_at(self, part: Part, i: int, inner: bool) -> int:
        """The index below the last line of the element around line i of the part."""
        chunk = self._element(part, i, inner)
        ends = i + 1 if chunk is None else next((k for k, line in enumerate(part.lines) if line >= chunk.end), None)
        return len(part.lines) if ends is None else ends

    def _element(self, part: Part, i: int, inner: bool) -> Chunk | None:
        """The innermost or outermost chunk around line i that begins below the part's first line."""
        chain = self.snippet.chunk_of[part.lines[i]].chain()
        inside = [chunk for chunk in chain if chunk.parent is not None and chunk.start > part.start]
        return inside[0 if inner else -1] if inside else None

    def _starts(self, part: Part, pairs: Pairs) -> list[int]:
        """Columns at which the range of a core may begin."""
        found = [i for i, c in enumerate(pairs) if c >= 0]
        first = pairs[found[0]]
        starts = [first]
        exact = next((pairs[i] for i in found if self.pairing.same(part.lines[i], pairs[i])), None)
        if exact is not None:
            starts.append(exact)
        if not self.pairing.same(part.lines[found[0]], first):
            starts += self.pairing.wording.starts_above(part, first)
        leading = found[0]
        starts += [first - n for n in range(1, min(leading, _EXTEND) + 1) if first >= n]
        chunk = self.original.chunk_of[self.field.solid[first]]
        if leading and chunk.header == self.field.solid[first]:
            starts.append(self.field.columns(chunk).start)
        starts += self._around(part, part.lines[:leading], (), first, first)[0]
        return list(dict.fromkeys(starts))

    def _ends(self, part: Part, pairs: Pairs) -> list[int]:
        """Boundaries at which the range of a core may end."""
        found = [i for i, c in enumerate(pairs) if c >= 0]
        last = pairs[found[-1]]
        ends = [last + 1]
        exact = next((pairs[i] for i in reversed(found) if self.pairing.same(part.lines[i], pairs[i])), None)
        if exact is not None:
            ends.append(exact + 1)
        trailing = len(pairs) - 1 - found[-1]
        ends += [last + 1 + n for n in range(1, min(trailing, _EXTEND) + 1) if last + n < len(self.field)]
        if trailing:
            line = self.field.solid[last]
            for chunk in self.original.chunk_of[line].chain():
                if chunk.parent is not None and len(ends) < 8:
                    ends.append(self.field.columns(chunk).stop)
            ends.extend(self.field.unit_ends(last + 1))
            ends += self._around(part, (), part.lines[found[-1] + 1 :], last, last + 1)[1]
        if not self.pairing.same(part.lines[found[-1]], last):
            ends += self._closed_alike(part.lines[found[-1] :], last)
            ends += self._block_of(part.lines[found[-1]], last)
            ends += self.pairing.wording.ends_below(part, last + 1)
        return list(dict.fromkeys(ends))

    def _closed_alike(self, lines: Sequence[int], column: int) -> Iterator[int]:
        """Where the file closes as many brackets as the lines do. A list, call or condition may have become one
        line."""
        ours = open_brackets(self.snippet.stripped[line] for line in lines)
        theirs = ""
        for c in range(column, min(column + _LONGEST, len(self.field))):
            theirs = open_brackets((self.field.text[c],), theirs)
            if c > column and len(theirs) <= len(ours):
                if theirs == ours:
                    yield c + 1
                return

    def _block_of(self, line: int, column: int) -> Iterator[int]:
        """The end of the block that a column opens, if its new version opens none. A mapping value may have become one
        line."""
        theirs = self.original.chunk_of[self.field.solid[column]]
        if theirs.header == self.field.solid[column] and self.snippet.chunk_of[line].header != line:
            yield self.field.columns(theirs).stop

    def _around(
        self, part: Part, above: Sequence[int], below: Sequence[int], start: int, end: int
    ) -> tuple[list[int], list[int]]:
        """Starts and ends that extend a range over the old versions of the new lines `above` and `below`."""
        old = self._old_versions(below, range(end, min(end + _OLD, len(self.field))))
        starts = [start, *self._old_versions(above, self._above(start))]
        ends = [end, *(stop for c in old for stop in (c + 1, *self.field.unit_ends(c)))]
        starts += self.pairing.wording.starts_above(part, start) if above else ()
        ends += self.pairing.wording.ends_below(part, end) if below else ()
        return starts, ends

    def _above(self, start: int) -> Iterator[int]:
        """The columns of the last lines above a boundary, nearest first, and the heads of longer blocks that end
        there."""
        for c in range(start - 1, max(start - _LONGEST, -1), -1):
            if c >= start - _OLD or start - _OLD <= max(self.field.unit_ends(c), default=0) <= start:
                yield c

    def _old_versions(self, lines: Sequence[int], columns: Iterable[int]) -> list[int]:
        """The columns, nearest first, that share the text, key or name of one of the lines."""
        said = {self.snippet.stripped[line] for line in lines}
        keys = {key for line in lines if (key := key_of(self.snippet, line))}
        names = {name for line in lines if (name := self.snippet.info[line].name)}
        found = (
            c
            for c in columns
            if self.field.keys[c] in keys
            or self.original.info[self.field.solid[c]].name in names
            or (self.field.weights[c] > 0.1 and self.field.text[c] in said)
        )
        return list(islice(found, 2))

    def _widened(self, start: int, end: int, texts: set[str]) -> tuple[int, int]:
        """The range extended over neighbouring lines that the part has too, perhaps in another order."""
        while start and self.field.text[start - 1] in texts:
            start -= 1
        while end < len(self.field) and self.field.text[end] in texts:
            end += 1
        return start, end


def _ascending(columns: Sequence[int]) -> tuple[int, int] | None:
    """The first and last element of a longest ascending subsequence (Schensted 1961)."""
    firsts: list[int] = []  # for each length, the first element of the subsequence with the smallest end, and that end
    ends: list[int] = []
    for column in columns:
        k = bisect_left(ends, column)
        firsts[k : k + 1] = [firsts[k - 1] if k else column]
        ends[k : k + 1] = [column]
    return (firsts[-1], ends[-1]) if ends else None
