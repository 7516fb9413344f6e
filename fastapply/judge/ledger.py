"""The ledger: why each line of the original goes that a rewrite takes away or changes.

An auditor of its own: it does not ask how the rewrite came about, but reads the three texts (the original, the rewrite,
the update) and looks for a reason in what the update shows. A line without one was lost.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from fastapply.align.chunks import Outline
from fastapply.align.reading import NO_SHIFT, Shift, difference
from fastapply.align.told import identity
from fastapply.judge import twins
from fastapply.judge.asked import Asked
from fastapply.judge.neighbours import neighbours
from fastapply.judge.sides import Block, Change, Original, Rewrite, Shown, extent, said, telling
from fastapply.text.brackets import open_brackets
from fastapply.text.lines import indent_of
from fastapply.text.markers import classify
from fastapply.text.replacements import Replacement
from fastapply.types import Check, Hunk, Reason


class Why(StrEnum):
    """Why a line goes."""

    NAMED = "named"
    REPLACED = "replaced"
    BETWEEN = "between"
    REMOVED = "removed"
    TWIN = "twin"
    MOVED = "moved"
    REINDENTED = "reindented"
    BLANK = "blank"


SENTENCES = {
    Why.NAMED: "The update names the line as one that goes.",
    Why.REPLACED: "The update shows the whole of {0}, which stands in its place.",
    Why.BETWEEN: "The update shows {0} and {1} side by side, without a marker between.",
    Why.REMOVED: "The update or the instruction asks that it goes.",
    Why.TWIN: "Its new version stands in its place.",
    Why.MOVED: "The same line stands elsewhere now.",
    Why.REINDENTED: "Only its indentation or its last comma changes.",
    Why.BLANK: "It is blank.",
}

_Entry = tuple[Why, str]  # the reason and its sentence
_NEAR = 12  # lines on either side of a change that may look like what is new
_MOST_PAIRS = 40_000  # lines that go times lines that come in one change
_NEARLY = 0.8  # how much a line must look like one that a diff takes away
_UNSURE = (Why.TWIN, Why.MOVED)  # not enough where the definition around it goes without a reason


@dataclass(frozen=True, slots=True)
class Ledger:
    """The hunks of a rewrite with their reasons, and the lines [start, end) that go without one."""

    hunks: tuple[Hunk, ...]
    lost: tuple[tuple[int, int], ...]

    def check(self, original: str) -> Check:
        """The check `accounted`."""
        if not self.lost:
            return Check("accounted", True, "Every line that goes has a reason.")
        lines = original.split("\n")
        start, end = self.lost[0]
        where = f"line {start + 1} goes" if end == start + 1 else f"lines {start + 1}-{end} go"
        more = sum(b - a for a, b in self.lost[1:])
        others = f"; {more} more in other places" if more else ""
        text = next((line.strip() for line in lines[start:end] if line.strip()), "")
        return Check("accounted", False, f"{where} and nothing in the update says so: `{text[:60]}`{others}")


def account(
    original: str,
    rewritten: str,
    update: str,
    language: str | None = None,
    instruction: str = "",
    replacements: Sequence[Replacement] = (),
) -> Ledger:
    """The ledger of a rewrite. LF texts; `update` is a snippet, `replacements` are those of a diff."""
    return _Auditor(original, rewritten, update, language, instruction, replacements).ledger()


@lru_cache(maxsize=2)
def _original(text: str, language: str | None) -> Original:
    """All candidates of one update are held against the same file, ..."""
    return Original(text, language)


@lru_cache(maxsize=2)
def _shown(update: str, language: str | None, original: str) -> Shown:
    """... and the same update."""
    return Shown(update, language, _original(original, language))


class _Auditor:
    """Looks for the reasons. Each method that finds some writes them into `entries`, line of the original -> entry."""

    def __init__(
        self,
        original: str,
        rewritten: str,
        update: str,
        language: str | None,
        instruction: str,
        replacements: Sequence[Replacement],
    ) -> None:
        self._old = _original(original, language)
        self._new = Rewrite(self._old, original, rewritten)
        self._names = {chunk.name for chunk in self._old.outline.definitions}
        self._gone = frozenset(k for change in self._new.changes for k in range(change.start, change.end))
        self._entries: dict[int, _Entry] = {}
        self._diff = bool(replacements)  # then nothing goes but what it names
        self._minus = _minus_lines(replacements)
        self._elided = {k for part in replacements for k in _elided(part, self._old, language)}
        self._minus.update(self._old.said[k] for k in self._elided - self._gone)  # a line diff may say it of their like
        self._free = Counter(self._new.fresh)  # new lines that no moved line has taken yet
        if self._gone:
            self._shown = _shown(update, language, original)
            self._asked = Asked(instruction, self._shown, self._old)

    def ledger(self) -> Ledger:
        if self._gone:
            for change in self._new.changes:
                self._name(change)
            if not self._diff:
                self._replace()
                self._extract()
            for change in self._new.changes:
                self._explain(change)
            self._doubt_definitions()
            for change in self._new.changes:
                self._follow(change)
        hunks = tuple(dataclasses.replace(c.hunk, reasons=tuple(self._reasons(c))) for c in self._new.changes)
        lost = sorted(k for k in self._gone if k not in self._entries)
        return Ledger(hunks, tuple(_runs(lost)))

    def _explain(self, change: Change) -> None:
        """Give the lines of one change that have no reason yet theirs, the surest first."""
        if not any(self._old.said[k] for k in range(change.start, change.end)):
            return
        if not self._diff:
            self._show(change)
        self._remove(change)
        self._move(change)

    def _show(self, change: Change) -> None:
        """The reasons that a snippet gives by what it shows."""
        for slid, back in self._slides(change):
            if all(back[k] in self._entries or not self._old.said[k] for k in range(slid.start, slid.end)):
                break
            found = neighbours(slid, self._old, self._new, self._shown)
            if found is not None:
                self._between(slid, back, found)
                break
        self._pair(change)

    def _set(self, line: int, why: Why, *names: str) -> None:
        if self._old.said[line]:
            self._entries.setdefault(line, (why, SENTENCES[why].format(*names)))

    # The reasons --------------------------------------------------------------------------------------------------

    def _name(self, change: Change) -> None:
        """The lines that a diff takes away; then those that it quotes nearly, or in part."""
        for line in range(change.start, change.end):
            text = self._old.said[line]
            if self._minus[text] > 0 or line in self._elided:
                self._minus[text] -= 1
                self._set(line, Why.NAMED)
        for line in range(change.start, change.end) if self._diff else ():
            text = self._old.said[line]
            if telling(text) and line not in self._entries:
                near = next((t for t, n in self._minus.items() if n > 0 and _quotes(t, text)), None)
                if near is not None:
                    self._minus[near] -= 1
                    self._set(line, Why.NAMED)
                elif self._free[text] > 0:
                    self._free[text] -= 1
                    self._set(line, Why.REINDENTED)

    def _replace(self) -> None:
        """The lines in whose place the update shows a whole block, wherever a diff of the lines puts them."""
        for block in self._shown.blocks:
            for start, end in self._standing(block):
                for line in self._replaced_by(block, start, end):
                    if line in self._gone:
                        self._set(line, Why.REPLACED, f"`{(block.name or block.header)[:60]}`")

    def _extract(self) -> None:
        """The lines that a new definition has now."""
        for line in self._shown.extracted & self._gone:
            self._set(line, Why.MOVED)

    def _standing(self, block: Block) -> Iterator[tuple[int, int]]:
        """Lines [start, end) of the rewrite that are the block."""
        texts = [self._shown.said[row] for row in block.rows]
        solid, lines = self._new.solid, self._new.said
        for place in self._new.places(texts[0]):
            numbers = solid[place : place + len(texts)]
            if numbers[-1] < len(lines) and [lines[k] for k in numbers] == texts:
                yield numbers[0], numbers[-1] + 1

    def _replaced_by(self, block: Block, start: int, end: int) -> range:
        """The lines of the original in whose place the block stands, lines [start, end) of the rewrite."""
        texts = {self._shown.said[row] for row in block.rows}
        found: list[tuple[int, range]] = []
        for chunk in self._old.alike(block):
            if not self._stands_at(chunk.header, start, end):
                continue
            body = [self._old.said[k] for k in range(chunk.start, chunk.end) if telling(self._old.said[k])]
            alike = sum(text in texts for text in body)
            members = any(child.is_definition for child in chunk.children)
            if members and 2 * alike < len(body):
                continue
            lines = range(chunk.start if block.led else chunk.header, chunk.end)
            found.append((2 * alike + (self._old.said[chunk.header] == block.header), lines))
        return max(found, key=lambda pair: pair[0])[1] if found else self._unparsed(block, start, end)

    def _stands_at(self, header: int, start: int, end: int) -> bool:
        """Is a header of the original in the lines [start, end) of the rewrite, or in a change there?"""
        if (stays := self._new.new_of(header)) is not None:
            return start <= stays < end
        change = next((change for change in self._new.changes if change.start <= header < change.end), None)
        return change is not None and change.new_start <= end and change.new_end >= start

    def _unparsed(self, block: Block, start: int, end: int) -> range:
        """The block of the same header in a region that the grammar does not read, a script in a page say."""
        header = next(iter(self._old.places.get(block.header, ())), None)
        if header is None or self._old.counts[block.header] > 1 or not self._stands_at(header, start, end):
            return range(0)
        if self._old.headed(header):
            return range(0)
        lines = [k for k in range(header, len(self._old.said)) if self._old.said[k]]
        count, ended = extent(lines, self._old.said, self._old.outline.width)
        return range(header, lines[count - 1] + 1) if ended else range(0)

    def _slides(self, change: Change) -> Iterator[tuple[Change, dict[int, int]]]:
        """A change, and where it only deletes, the other places where it may as well stand: a deletion of `a b` before
        another `a` is one of `b a`. With each goes which line of the change each of its lines is."""
        yield change, {k: k for k in range(change.start, change.end)}
        if change.new_start < change.new_end:
            return
        lines, size = self._old.outline.lines, change.end - change.start
        for step in (1, -1):
            start = change.start
            while True:
                out, into = (start, start + size) if step > 0 else (start + size - 1, start - 1)
                if not 0 <= into < len(lines) or lines[out] != lines[into] or into in self._gone:
                    break
                start += step
                place = change.new_start + start - change.start
                back = {k: change.start + (k - change.start) % size for k in range(start, start + size)}
                yield Change(start, start + size, place, place, change.hunk), back

    def _between(self, change: Change, back: dict[int, int], found: tuple[int, int]) -> None:
        upper, lower = (self._place(line) for line in found)
        sure = all(self._old.counts[self._old.said[line]] == 1 for line in found if 0 <= line < len(self._old.said))
        for line in range(change.start, change.end):
            if not self._dropped_unasked(line) and (sure or not self._tells_apart(line)):
                self._set(back[line], Why.BETWEEN, upper, lower)

    def _tells_apart(self, line: int) -> bool:
        """Is it the line by which an entry, a test or a case is told from its siblings, and no line of the update?"""
        said_ = identity(self._old.outline.stripped[line])
        return bool(said_) and not any(said_ in text for text in self._shown.texts)

    def _place(self, line: int) -> str:
        if line < 0:
            return "the start of the file"
        if line >= len(self._old.said):
            return "its end"
        return f"`{self._old.outline.stripped[line][:40]}`"

    def _dropped_unasked(self, line: int) -> bool:
        """Is it a comment, or a line of a definition, that an update without any marker leaves out, though it shows
        less than most of the file? Then the marker may have been forgotten."""
        if self._shown.marked or self._shown.whole:
            return False
        if self._old.outline.info[line].comment:
            return True
        around = (c for c in self._old.outline.chunk_of[line].chain() if c.is_definition)
        gone = (c for c in around if c.header in self._gone and c.name not in self._shown.names)
        return any(not self._asked.names(c) for c in gone)

    def _remove(self, change: Change) -> None:
        for line in range(change.start, change.end):
            if self._old.said[line] and self._asked.wants(line, self._gone):
                self._set(line, Why.REMOVED)

    def _pair(self, change: Change) -> None:
        """Twins, and lines of which nothing but the indentation changes."""
        gone = [k for k in range(change.start, change.end) if self._old.said[k]]
        same = {self._old.said[k] for k in gone}  # with another comma, say, though the update does not show them
        come = range(change.new_start, change.new_end)
        new = [k for k in come if self._new.said[k] in same or self._shown.row_of(self._new.said[k]) is not None]
        if len(gone) * len(new) > _MOST_PAIRS or all(k in self._entries for k in gone):
            return
        ours, theirs = [self._old_line(k) for k in gone], [self._new_line(k) for k in new]
        found = twins.pairs(ours, theirs, self._staying(change), held=self._held(change))
        for i, j in found.items():
            if self._old.said[gone[i]] == self._new.said[new[j]]:
                if self._may_shift(change, gone[i], new[j]):
                    self._set(gone[i], Why.REINDENTED)
            else:
                self._set(gone[i], Why.TWIN)
                self._complete(gone[i], new[j])
            self._free[self._new.said[new[j]]] -= 1
        rest = [k for n, k in enumerate(gone) if n not in found]
        self._join(rest, [gone[i] for i in found], [new[j] for j in found.values()])

    def _complete(self, line: int, new: int) -> None:
        """The rest of a value of several lines, a list or a call, goes with its first line, if the twin of that holds
        all of the new one."""
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
            self._set(each, Why.TWIN)

    def _block_below(self, line: int, new: int) -> list[int]:
        """The lines of the block that a line opens by their indentation, if all go and its twin opens none."""
        chunk = self._old.outline.chunk_of[line]
        below = [k for k in range(line + 1, chunk.end) if self._old.said[k]]
        following = next((text for text in self._new.lines[new + 1 :] if text.strip()), "")
        opens = len(indent_of(following)) > len(indent_of(self._new.lines[new]))
        return below if chunk.header == line and not opens and self._gone.issuperset(below) else []

    def _may_shift(self, change: Change, old: int, new: int) -> bool:
        """Does the update show a line with its new indentation? A lone bracket that it shows elsewhere says nothing of
        this one."""
        shift = difference(indent_of(self._new.lines[new]), indent_of(self._old.outline.lines[old]))
        if shift == NO_SHIFT:
            return True
        text = self._old.said[old]
        if self._shown.row_of(text) is None:  # a marker stands for it: it moves with what is shown around that
            return shift in self._shifts(change)
        sure = telling(text) and self._old.counts[text] == 1
        others = (k for k in range(change.start, change.end) if k in self._entries)
        return sure or self._held(change) or any(telling(self._old.said[k]) for k in others)

    def _shifts(self, change: Change) -> set[Shift]:
        """How lines of a change that the update shows are indented anew."""
        ours = {self._old.said[k]: k for k in range(change.start, change.end) if telling(self._old.said[k])}
        pairs = ((ours.get(text := self._new.said[k]), k, text) for k in range(change.new_start, change.new_end))
        return {
            difference(indent_of(self._new.lines[new]), indent_of(self._old.outline.lines[old]))
            for old, new, text in pairs
            if old is not None and self._shown.row_of(text) is not None
        }

    def _join(self, rest: Sequence[int], paired: Sequence[int], new: Sequence[int]) -> None:
        """Lines whose words all went into the new lines of their neighbours: two became one."""
        free = Counter(word for k in new for word in twins.words(self._new.said[k]))
        free -= Counter(word for k in paired for word in twins.words(self._old.said[k]))
        for line in rest:
            needed = Counter(twins.words(self._old.said[line]))
            if needed and needed <= free:
                free -= needed
                self._set(line, Why.TWIN)

    def _staying(self, change: Change) -> list[str]:
        """What lines say that stay near a change, in the same definition."""
        near = range(max(0, change.start - _NEAR), min(len(self._old.said), change.end + _NEAR))
        home, outline = _home(self._old.outline, change.start), self._old.outline
        stay = (k for k in near if k not in self._gone and telling(self._old.said[k]))
        return [self._old.said[k] for k in stay if _home(outline, k) == home]

    def _held(self, change: Change) -> bool:
        """Does the update show what is new beside a line that stands beside what goes?"""
        above, below = self._new.around(change)
        solid, said_, shown = self._new.solid, self._new.said, self._shown
        for place, step in ((above, 1), (below, -1)):
            number = solid[place]
            if not (0 <= number < len(said_) and telling(said_[number]) and 0 < place + step < len(solid) - 1):
                continue
            beside = said_[solid[place + step]]
            for part, at in shown.places(said_[number]):
                if 0 <= at + step < len(shown.parts[part]) and shown.is_at(beside, part, at + step):
                    return True
        return False

    def _old_line(self, line: int) -> twins.Line:
        info = self._old.outline.info[line]
        home = _home(self._old.outline, line)
        return twins.Line(self._old.said[line], info.kind, info.name, home, self._old.begins_entry(line))

    def _new_line(self, line: int) -> twins.Line:
        row = self._shown.row_of(self._new.said[line])
        if row is None:
            return twins.Line(self._new.said[line], home="?")
        info, home = self._shown.outline.info[row], _home(self._shown.outline, row)
        stranger = home and home not in self._names
        return twins.Line(self._new.said[line], info.kind, info.name, home if stranger else "")

    def _move(self, change: Change) -> None:
        """Lines that the update shows elsewhere in the same definition, or with the definition that moved. What stands
        more than once in the file says nothing."""
        for line in range(change.start, change.end):
            text = self._old.said[line]
            if line in self._entries or self._free[text] <= 0:
                continue
            if self._diff and self._new.counts[text] >= self._old.counts[text]:
                self._free[text] -= 1
                self._set(line, Why.MOVED)
            if not telling(text) or self._old.counts[text] > 1:
                continue
            row = self._shown.row_of(text)
            if row is not None and _home(self._old.outline, line) == _home(self._shown.outline, row):
                self._free[text] -= 1
                self._set(line, Why.MOVED)

    # What follows from them ---------------------------------------------------------------------------------------

    def _doubt_definitions(self) -> None:
        """Where the head of a definition goes without a reason, its lines have no twins: it made way for another."""
        for chunk in self._old.outline.definitions:
            if chunk.header in self._gone and chunk.header not in self._entries:
                for line in range(chunk.start, chunk.end):
                    if self._entries.get(line, (Why.BLANK, ""))[0] in _UNSURE:
                        del self._entries[line]

    def _follow(self, change: Change) -> None:
        """Blank lines go with the lines around them, lone brackets with what is asked to go, or moved."""
        lines = range(change.start, change.end)
        strong = [k for k in lines if telling(self._old.said[k])]
        blank = (Why.BLANK, SENTENCES[Why.BLANK])
        if not strong:
            for k in lines:
                if not self._old.said[k]:
                    self._entries.setdefault(k, blank)
            return
        for k in lines:
            if k in self._entries or k in strong:
                continue
            above = next((s for s in reversed(strong) if s < k), None)
            below = next((s for s in strong if s > k), None)
            near = [self._entries[s] for s in (above, below) if s is not None and s in self._entries]
            if not self._old.said[k]:
                self._entries[k] = near[0] if near else blank
            elif near and near[0][0] in (Why.REMOVED, Why.MOVED) and not self._diff:
                self._entries[k] = near[0]

    def _reasons(self, change: Change) -> Iterator[Reason]:
        start = change.start
        while start < change.end:
            entry = self._entries.get(start)
            end = start + 1
            while end < change.end and self._entries.get(end) == entry:
                end += 1
            if entry is not None:
                yield Reason(start, end, entry[0].value, entry[1])
            start = end


def _home(outline: Outline, line: int) -> str:
    """The name of the innermost definition around a line."""
    return next((chunk.name for chunk in outline.chunk_of[line].chain() if chunk.is_definition), "")


def _quotes(quoted: str, text: str) -> bool:
    return twins.looks(text, quoted) >= _NEARLY or (telling(quoted) and quoted in text)


def _minus_lines(replacements: Sequence[Replacement]) -> Counter[str]:
    """The lines that a diff or search blocks take away, and how often."""
    gone = Counter[str]()
    for part in replacements:
        gone += Counter(map(said, part.before)) - Counter(map(said, part.after))
    return gone


def _elided(part: Replacement, old: Original, language: str | None) -> Iterator[int]:
    """The lines for which a marker stands that only the old side has: those between the lines shown around it."""
    before = [line for line in part.before if line.strip()]
    markers = [k for k, line in enumerate(before) if classify(line, language) is not None and line not in part.after]
    for above, number, below in zip([-1, *markers], markers, [*markers[1:], len(before)], strict=False):
        upper = [said(line) for line in before[above + 1 : number]]
        lower = [said(line) for line in before[number + 1 : below]]
        if upper and lower:
            starts = [lines[-1] + 1 for lines in _places(upper, old)]
            ends = [lines[0] for lines in _places(lower, old)]
            pairs = [(start, min(later)) for start in starts if (later := [end for end in ends if end >= start])]
            if len(pairs) == 1:
                yield from range(*pairs[0])


def _places(texts: Sequence[str], old: Original) -> Iterator[list[int]]:
    """The lines of the original, blank ones aside, that read like the texts."""
    for start in old.places.get(texts[0], ()):
        lines = list(islice((k for k in range(start, len(old.said)) if old.said[k]), len(texts)))
        if [old.said[k] for k in lines] == list(texts):
            yield lines


def _runs(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for line in lines:
        if line != end:
            if start >= 0:
                yield start, end
            start = line
        end = line + 1
    if start >= 0:
        yield start, end
