"""Deleted lines with a new version in the same change (`judge/twins`), and lines that are only reindented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.reading import NO_SHIFT, Shift, difference
from fastapply.judge import twins
from fastapply.judge.entries import Entries, Why
from fastapply.judge.sides import Change, Original, Rewritten, Shown, telling
from fastapply.text.brackets import open_brackets
from fastapply.text.lines import indent_of

_NEAR = 12  # lines on either side of a change that are compared with the new ones
_NAME = re.compile(r"\w{3,}")
_MOST_PAIRS = 40_000  # deleted lines times inserted lines of one change


class Paired:
    """Writes the entries of such lines. `free` counts the new lines that are not yet matched to an old one."""

    def __init__(
        self, old: Original, new: Rewritten, shown: Shown, gone: frozenset[int], entries: Entries, free: Counter[str]
    ) -> None:
        self._old = old
        self._new = new
        self._shown = shown
        self._gone = gone
        self._entries = entries
        self._free = free
        self._names = {chunk.name for chunk in old.outline.definitions}

    def enter(self, change: Change) -> None:
        """Find twins, and lines whose text stays the same."""
        gone = [k for k in range(change.start, change.end) if self._old.said[k]]
        same = {self._old.said[k] for k in gone}  # perhaps with another comma, and not shown by the update
        come = range(change.new_start, change.new_end)
        new = [k for k in come if self._new.said[k] in same or self._shown.row_of(self._new.said[k]) is not None]
        if len(gone) * len(new) > _MOST_PAIRS or all(k in self._entries for k in gone):
            return
        ours, theirs = [self._old_line(k) for k in gone], [self._new_line(k) for k in new]
        held = self._held(change)
        stay = self._staying(change, held and not any(map(self._old.begins_entry, gone)))
        staying = [[self._old.said[k] for k in stay if self._may_be(k, self._new.said[n])] for n in new]
        found = twins.pairs(ours, theirs, staying, held=held)
        for i, j in found.items():
            if self._old.said[gone[i]] == self._new.said[new[j]]:
                if self._may_shift(change, gone[i], new[j]):
                    self._entries.add(gone[i], Why.REINDENTED)
            else:
                self._entries.add(gone[i], Why.TWIN)
                self._complete(gone[i], new[j])
            self._free[self._new.said[new[j]]] -= 1
        rest = [k for n, k in enumerate(gone) if n not in found]
        fresh = [k for n, k in enumerate(new) if n not in found.values()]
        if held:
            self._say_again(rest, [self._new.said[k] for k in fresh])
        self._head_again(rest, fresh)
        self._join(rest, [gone[i] for i in found], [new[j] for j in found.values()])

    def _complete(self, line: int, new: int) -> None:
        """If the twin holds all of a value that had several lines, the remaining old lines are replaced with the
        first."""
        text = self._old.said[line]
        if twins.subject(twins.Line(text))[0] not in ("key", "variable"):
            return
        ours, opened = open_brackets([self._new.said[new]]), open_brackets([text])
        rest = [] if opened else self._block_below(line, new)
        while len(opened) > len(ours):
            line += 1
            if line not in self._gone:
                return
            opened = open_brackets([self._old.said[line]], opened)
            rest.append(line)
        for each in rest if opened == ours else ():
            self._entries.add(each, Why.TWIN)

    def _block_below(self, line: int, new: int) -> list[int]:
        """The block that a line opens by its indentation, if all of it goes and the line's twin opens none."""
        chunk = self._old.outline.chunk_of[line]
        below = [k for k in range(line + 1, chunk.end) if self._old.said[k]]
        following = next((text for text in self._new.lines[new + 1 :] if text.strip()), "")
        opens = len(indent_of(following)) > len(indent_of(self._new.lines[new]))
        return below if chunk.header == line and not opens and self._gone.issuperset(below) else []

    def _may_shift(self, change: Change, old: int, new: int) -> bool:
        """Does the update show the line with its new indentation? A lone bracket shown elsewhere is no evidence for
        this one."""
        shift = difference(indent_of(self._new.lines[new]), indent_of(self._old.outline.lines[old]))
        if shift == NO_SHIFT:
            return True
        text = self._old.said[old]
        if self._shown.row_of(text) is None:  # a marker stands for it: it moves with the lines around that
            return shift in self._shifts(change)
        sure = telling(text) and self._old.counts[text] == 1
        others = (k for k in range(change.start, change.end) if k in self._entries)
        return sure or self._held(change) or any(telling(self._old.said[k]) for k in others)

    def _shifts(self, change: Change) -> set[Shift]:
        """The shifts of the lines of a change that the update shows."""
        ours = {self._old.said[k]: k for k in range(change.start, change.end) if telling(self._old.said[k])}
        pairs = ((ours.get(text := self._new.said[k]), k, text) for k in range(change.new_start, change.new_end))
        return {
            difference(indent_of(self._new.lines[new]), indent_of(self._old.outline.lines[old]))
            for old, new, text in pairs
            if old is not None and self._shown.row_of(text) is not None
        }

    def _join(self, rest: Sequence[int], paired: Sequence[int], new: Sequence[int]) -> None:
        """Lines whose words all went into the new versions of their neighbours: two lines became one."""
        free = Counter(word.lower() for k in new for word in twins.words(self._new.said[k]))
        free -= Counter(word.lower() for k in paired for word in twins.words(self._old.said[k]))
        for line in rest:
            needed = Counter(map(str.lower, twins.words(self._old.said[line])))
            if needed and needed <= free:
                free -= needed
                self._entries.add(line, Why.TWIN)

    def _say_again(self, rest: Sequence[int], new: Sequence[str]) -> None:
        """Lines all of whose words are in one new line that has no twin: `a in b` became `has(b, a)`."""
        said = [set(_NAME.findall(text)) for text in new]
        for line in rest:
            needed = set(_NAME.findall(self._old.said[line]))
            match = next((words for words in said if needed <= words), None)
            if match is not None and len(needed) > 1 and twins.subject(self._old_line(line))[0] != "key":
                said.remove(match)
                self._entries.add(line, Why.TWIN)

    def _head_again(self, rest: Sequence[int], new: Sequence[int]) -> None:
        """Lines that head a block of which all else stays, below a new head of the same kind."""
        for line in rest:
            body = list(self._below(line))
            if not body or self._old.outline.info[line].is_definition or not self._gone.isdisjoint(body):
                continue
            first = self._new.new_of(body[0])
            head = next((k for k in reversed(range(first or 0)) if self._new.said[k]), -1)
            same = twins.words(self._old.said[line])[:1] == twins.words(self._new.said[head])[:1]
            if head in new and same:
                self._entries.add(line, Why.TWIN)

    def _below(self, line: int) -> Iterator[int]:
        """The lines right below a line that are indented deeper."""
        widths = self._old.outline.width
        for k in range(line + 1, len(self._old.said)):
            if self._old.said[k]:
                if widths[k] <= widths[line]:
                    return
                yield k

    def _may_be(self, line: int, text: str) -> bool:
        """Do the blocks around a line have the headers of those that the update shows around a line with this text?
        Headers of new blocks do not count."""
        row = self._shown.row_of(text)
        if row is None:
            return True
        around = self._headers(self._old.outline, line)
        return all(head in around for head in self._headers(self._shown.outline, row) if self._old.counts[head])

    def _headers(self, outline: Outline, line: int) -> Iterator[str]:
        """The headers of the blocks around a line, the innermost first."""
        blocks = (chunk for chunk in outline.chunk_of[line].chain() if chunk.parent is not None)
        return (outline.stripped[chunk.header] for chunk in blocks if chunk.header not in (line, -1))

    def _staying(self, change: Change, within: bool) -> list[int]:
        """The unchanged lines near a change, in the same definition, or `within` the same block if one can tell it."""
        near = range(max(0, change.start - _NEAR), min(len(self._old.said), change.end + _NEAR))
        home, outline = home_of(self._old.outline, change.start), self._old.outline
        stay = (k for k in near if k not in self._gone and telling(self._old.said[k]))
        block = _block(outline, change.start)
        within = within and self._old.counts[outline.stripped[block.header]] == 1  # else which block is in doubt
        return [k for k in stay if home_of(outline, k) == home and (not within or block in outline.chunk_of[k].chain())]

    def _held(self, change: Change) -> bool:
        """Does the update show the new lines beside an unchanged neighbour of the deleted ones, or at the start of the
        file? Lone brackets between the two are skipped."""
        if change.start == 0 and self._shown.begins:
            return True
        above, below = self._new.around(change)
        return any(
            self._leads_to_neighbour(place, step, part, at)
            for place, step in ((above, -1), (below, 1))
            for part, at in self._shown.places(self._new.said_at(place))
            if self._is_shown(place - step, part, at - step)
        )

    def _leads_to_neighbour(self, place: int, step: int, part: int, at: int) -> bool:
        """Does the update show the lines from a place on as the rewrite has them, up to one that marks its place, or to
        an end of the file?"""
        while self._is_shown(place, part, at):
            if telling(self._new.said_at(place)):
                return True
            place, at = place + step, at + step
        shown = self._shown
        if place == 0:
            return shown.begins and (part, at) == (0, -1)
        last = len(shown.parts) - 1
        return (
            place == len(self._new.solid) - 1
            and shown.ends
            and self._new.keeps_last
            and (part, at) == (last, len(shown.parts[last]))
        )

    def _is_shown(self, place: int, part: int, at: int) -> bool:
        """Does the update show the line at a place of the rewrite in this place of this part?"""
        text = self._new.said_at(place)
        return bool(text) and 0 <= at < len(self._shown.parts[part]) and self._shown.is_at(text, part, at)

    def _old_line(self, line: int) -> twins.Line:
        info = self._old.outline.info[line]
        home = home_of(self._old.outline, line)
        return twins.Line(self._old.said[line], info.kind, info.name, home, self._old.begins_entry(line))

    def _new_line(self, line: int) -> twins.Line:
        row = self._shown.row_of(self._new.said[line])
        if row is None:
            return twins.Line(self._new.said[line], home="?")
        info, home = self._shown.outline.info[row], home_of(self._shown.outline, row)
        stranger = home and home not in self._names
        return twins.Line(self._new.said[line], info.kind, info.name, home if stranger else "")


def _block(outline: Outline, line: int) -> Chunk:
    """The innermost block around a line. A line that heads a block is not in it."""
    chunk = outline.chunk_of[line]
    return chunk.parent if chunk.header == line and chunk.parent is not None else chunk


def home_of(outline: Outline, line: int) -> str:
    """The name of the innermost definition around a line, or ""."""
    return next((chunk.name for chunk in outline.chunk_of[line].chain() if chunk.is_definition), "")
