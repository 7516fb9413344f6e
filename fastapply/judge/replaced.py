"""`replaced`: lines of the original that a whole block of the update replaces."""

from __future__ import annotations

from collections.abc import Iterator

from fastapply.judge.sides import Block, Original, Rewritten, Shown, extent, telling


class Replaced:
    """Finds the replaced lines, wherever the line diff places the block."""

    def __init__(self, old: Original, new: Rewritten, shown: Shown) -> None:
        self._old = old
        self._new = new
        self._shown = shown

    def lines(self, block: Block) -> Iterator[int]:
        """The lines of the original that one block replaces."""
        for start, end in self._standing(block):
            yield from self._replaced_by(block, start, end)

    def _standing(self, block: Block) -> Iterator[tuple[int, int]]:
        """Ranges of lines [start, end) of the rewrite that are the block."""
        texts = [self._shown.said[row] for row in block.rows]
        solid, lines = self._new.solid, self._new.said
        for place in self._new.places(texts[0]):
            numbers = solid[place : place + len(texts)]
            if numbers[-1] < len(lines) and [lines[k] for k in numbers] == texts:
                yield numbers[0], numbers[-1] + 1

    def _replaced_by(self, block: Block, start: int, end: int) -> range:
        """The lines of the original replaced by the block at lines [start, end) of the rewrite."""
        texts = {self._shown.said[row] for row in block.rows}
        found: list[tuple[int, range]] = []
        for chunk in self._old.alike(block):
            if not self._stands_at(chunk.header, start, end):
                continue
            body = [self._old.said[k] for k in range(chunk.start, chunk.end) if telling(self._old.said[k])]
            alike = sum(text in texts for text in body)
            members = chunk.kind == "type" and any(child.is_definition for child in chunk.children)
            if members and 2 * alike < len(body):
                continue
            lines = range(chunk.start if block.led else chunk.header, chunk.end)
            found.append((2 * alike + (self._old.said[chunk.header] == block.header), lines))
        return max(found, key=lambda pair: pair[0])[1] if found else self._unparsed(block, start, end)

    def _stands_at(self, header: int, start: int, end: int) -> bool:
        """Is a header of the original within lines [start, end) of the rewrite, or in a change there?"""
        if (stays := self._new.new_of(header)) is not None:
            return start <= stays < end
        change = next((change for change in self._new.changes if change.start <= header < change.end), None)
        return change is not None and change.new_start <= end and change.new_end >= start

    def _unparsed(self, block: Block, start: int, end: int) -> range:
        """The block with the same header in a region that the grammar does not parse, such as a script in a page."""
        header = next(iter(self._old.places.get(block.header, ())), None)
        if header is None or self._old.counts[block.header] > 1 or not self._stands_at(header, start, end):
            return range(0)
        if self._old.headed(header):
            return range(0)
        lines = [k for k in range(header, len(self._old.said)) if self._old.said[k]]
        count, ended = extent(lines, self._old.said, self._old.outline.width)
        return range(header, lines[count - 1] + 1) if ended else range(0)
