"""The ledger: the reason for every line of the original that a rewrite deletes or changes.

It is an independent audit. It does not know how the rewrite was made, and looks for reasons in the original, the
rewrite and the update alone. A deleted line without a reason was lost.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fastapply.align.told import identity
from fastapply.judge.asked import Asked
from fastapply.judge.entries import SENTENCES, Entries, Why
from fastapply.judge.named import deleted_lines, elided_lines, quotes
from fastapply.judge.neighbours import Neighbours, neighbours, slides
from fastapply.judge.paired import Paired, home_of
from fastapply.judge.renames import renamed_lines
from fastapply.judge.replaced import Replaced
from fastapply.judge.sides import Change, Original, Rewritten, Shown, telling
from fastapply.judge.twins import Line, subject
from fastapply.judge.unused import enter_unused
from fastapply.text.replacements import Replacement, spelt_out
from fastapply.types import Check, Hunk, Reason

_GIVEN = (Why.NAMED, Why.REPLACED, Why.BETWEEN, Why.REMOVED)
_UNSURE = (Why.TWIN, Why.MOVED, Why.UNUSED)  # too weak if the definition around the line is deleted without a reason


@dataclass(frozen=True, slots=True)
class Ledger:
    """The hunks of a rewrite with their reasons, and the ranges of lines [start, end) deleted without one."""

    hunks: tuple[Hunk, ...]
    lost: tuple[tuple[int, int], ...]

    def explained(self) -> frozenset[int]:
        """The lines for whose deletion the update or the instruction gives a reason."""
        reasons = (reason for hunk in self.hunks for reason in hunk.reasons if reason.reason in _GIVEN)
        return frozenset(line for reason in reasons for line in range(reason.start_line, reason.end_line))

    def check(self, original: str) -> Check:
        """The check `accounted`."""
        if not self.lost:
            return Check("accounted", True, "Every deleted line has a reason.")
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
    """The ledger of a rewrite. LF texts. `update` is a snippet. `replacements` are those of a diff."""
    return _Auditor(original, rewritten, update, language, instruction, replacements).ledger()


@lru_cache(maxsize=2)
def _original(text: str, language: str | None) -> Original:
    """The original with a cache: all candidates of an update share it."""
    return Original(text, language)


@lru_cache(maxsize=2)
def _shown(update: str, language: str | None, original: str) -> Shown:
    """The update with a cache: all candidates share it."""
    return Shown(update, language, _original(original, language))


@lru_cache(maxsize=2)
def _asked(instruction: str, update: str, language: str | None, original: str) -> Asked:
    """What is to be deleted, with a cache."""
    return Asked(instruction, _shown(update, language, original), _original(original, language))


class _Auditor:
    """Finds the reasons and writes them into `entries`."""

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
        self._new = Rewritten(self._old, original, rewritten)
        self._gone = frozenset(k for change in self._new.changes for k in range(change.start, change.end))
        self._entries = Entries(self._old.said)
        self._diff = bool(replacements)  # a diff deletes only the lines that it names
        replacements = [spelt_out(part, self._old.outline.lines) for part in replacements]
        self._minus = deleted_lines(replacements)
        self._elided = {k for part in replacements for k in elided_lines(part, self._old, language)}
        self._minus.update(self._old.said[k] for k in self._elided - self._gone)  # equal lines may have gone instead
        self._free = Counter(self._new.fresh)  # new lines not yet matched to a moved line
        if self._gone:
            self._shown = _shown(update, language, original)
            self._asked = _asked(instruction, update, language, original)
            self._paired = Paired(self._old, self._new, self._shown, self._gone, self._entries, self._free)

    def ledger(self) -> Ledger:
        if self._gone:
            for change in self._new.changes:
                self._name(change)
            if self._diff:
                for change in self._new.changes:
                    self._name_nearly(change)
            else:
                self._replace()
                self._extract()
                self._rename()
            for change in self._new.changes:
                self._explain(change)
            if not self._diff:
                enter_unused(self._old, self._new, self._gone, self._entries)
            self._doubt_definitions()
            for change in self._new.changes:
                self._follow(change)
        hunks = tuple(dataclasses.replace(c.hunk, reasons=tuple(self._reasons(c))) for c in self._new.changes)
        lost = sorted(k for k in self._gone if k not in self._entries)
        return Ledger(hunks, tuple(_runs(lost)))

    def _explain(self, change: Change) -> None:
        """Look for reasons for the remaining lines of one change, the surest first."""
        if not any(self._old.said[k] for k in range(change.start, change.end)):
            return
        if not self._diff:
            self._show(change)
        self._remove(change)
        self._move(change)

    def _show(self, change: Change) -> None:
        """Reasons from what a snippet shows."""
        for slid, back in slides(change, self._old, self._gone):
            if all(back[k] in self._entries or not self._old.said[k] for k in range(slid.start, slid.end)):
                break
            found = neighbours(slid, self._old, self._new, self._shown)
            if found is not None:
                self._between(slid, back, found)
                break
        self._paired.enter(change)

    # The reasons --------------------------------------------------------------------------------------------------

    def _name(self, change: Change) -> None:
        """Lines that a diff deletes."""
        for line in range(change.start, change.end):
            text = self._old.said[line]
            if line in self._elided:
                self._entries.add(line, Why.NAMED)
            elif self._minus[text] > 0:
                self._minus[text] -= 1
                self._entries.add(line, Why.NAMED)

    def _name_nearly(self, change: Change) -> None:
        """Lines that a diff only indents anew, and lines that it deletes though it quotes them inexactly."""
        for line in range(change.start, change.end):
            text = self._old.said[line]
            if not text or line in self._entries:
                continue
            if self._free[text] > 0:
                self._free[text] -= 1
                self._entries.add(line, Why.REINDENTED)
                continue
            near = next((t for t, n in self._minus.items() if n > 0 and telling(text) and quotes(t, text)), None)
            if near is not None:
                self._minus[near] -= 1
                self._entries.add(line, Why.NAMED)

    def _replace(self) -> None:
        """Lines that a whole block of the update replaces."""
        replaced = Replaced(self._old, self._new, self._shown)
        for block in self._shown.blocks:
            lines = list(replaced.lines(block))
            for line in filter(self._gone.__contains__, lines):
                unnamed = block.kind == "type" and self._in_unnamed(line)
                cut = not block.ends and block.kind != "function" and self._in_dropped_end(line, max(lines) + 1)
                if not (unnamed or cut):
                    self._entries.add(line, Why.REPLACED, f"`{(block.name or block.header)[:60]}`")

    def _in_unnamed(self, line: int) -> bool:
        """Is a line in a function that neither the update nor the instruction names? A type that is shown without a
        marker may still not be all of it."""
        around = (c for c in self._old.outline.chunk_of[line].chain() if c.kind == "function")
        return any(c.name not in self._shown.names and not self._asked.names(c) for c in around)

    def _in_dropped_end(self, line: int, end: int) -> bool:
        """Is a line in an entry that the update does not mention and with which everything up to `end` goes? An author
        who shows only the beginning of a block may have left out the marker."""
        entries = (c for c in self._old.outline.chunk_of[line].chain() if c.kind == "value" and c.header in self._gone)
        texts = self._shown.texts
        return any(
            all(k in self._gone or not self._old.said[k] for k in range(c.start, end))
            and not any(c.name in text for text in texts)
            for c in entries
        )

    def _extract(self) -> None:
        """Lines that moved into a new definition."""
        for line in self._shown.extracted & self._gone:
            self._entries.add(line, Why.MOVED)

    def _rename(self) -> None:
        """Lines in which only a name changes, as it does in other places."""
        for line in renamed_lines(self._old, self._new):
            self._entries.add(line, Why.TWIN)

    def _between(self, change: Change, back: dict[int, int], found: Neighbours) -> None:
        upper, lower = self._place(found.upper), self._place(found.lower)
        at_end = found.lower >= len(self._old.said)
        for line in range(change.start, change.end):
            unsure = self._tells_apart(line) or self._in_one_of_several(line)
            if not self._dropped_unasked(line, at_end) and (found.sure or not unsure):
                self._entries.add(back[line], Why.BETWEEN, upper, lower)

    def _tells_apart(self, line: int) -> bool:
        """Does the line identify an entry, test or case that the update does not mention?"""
        said_ = identity(self._old.outline.stripped[line])
        return bool(said_) and not any(said_ in text for text in self._shown.texts)

    def _in_one_of_several(self, line: int) -> bool:
        """Is the line in a block such as `ingress {` of which the file has several, and does what stays of it say which
        one it is? Else the update may show a new one."""
        block, old = self._old.outline.chunk_of[line], self._old
        header = old.said[block.header]
        if old.counts[header] == 1 or block.is_definition or subject(Line(header))[0] == "statement":
            return False
        body = [k for k in range(block.header + 1, block.end) if telling(old.said[k])]
        stays = [old.said[k] for k in body if k not in self._gone]
        return 2 * len(stays) <= len(body) and all(old.counts[text] > 1 for text in stays)

    def _place(self, line: int) -> str:
        if line < 0:
            return "the start of the file"
        if line >= len(self._old.said):
            return "its end"
        return f"`{self._old.outline.stripped[line][:40]}`"

    def _dropped_unasked(self, line: int, at_end: bool) -> bool:
        """Is it a comment or part of a definition that an update without markers leaves out, or part of a definition at
        the end of the file? If the update shows less than most of the file, its author may have forgotten the
        marker."""
        if self._shown.whole or (self._shown.marked and not at_end):
            return False
        if self._old.outline.info[line].comment and not self._shown.marked:
            return True
        around = (c for c in self._old.outline.chunk_of[line].chain() if c.is_definition)
        gone = (c for c in around if c.header in self._gone and c.name not in self._shown.names)
        return any(not self._asked.names(c) for c in gone)

    def _remove(self, change: Change) -> None:
        for line in range(change.start, change.end):
            if self._old.said[line] and self._asked.wants(line, self._gone):
                self._entries.add(line, Why.REMOVED)

    def _move(self, change: Change) -> None:
        """Lines that the update shows elsewhere in the same definition, or in a definition that moved, and lines that
        follow one there. Repeated lines alone are no evidence."""
        moved = -1  # the new place of the line above
        for line in (k for k in range(change.start, change.end) if self._old.said[k]):
            text = self._old.said[line]
            moved = self._follows(moved, text)
            if line in self._entries:
                moved = self._only_new(text) if self._entries[line][0] is Why.MOVED else moved
                continue
            if self._free[text] <= 0:
                continue
            if moved >= 0:
                self._free[text] -= 1
                self._entries.add(line, Why.MOVED)
                continue
            if self._diff and self._new.counts[text] >= self._old.counts[text]:
                self._free[text] -= 1
                self._entries.add(line, Why.MOVED)
            if not telling(text) or self._old.counts[text] > 1:
                continue
            row = self._shown.row_of(text)
            if row is not None and home_of(self._old.outline, line) == home_of(self._shown.outline, row):
                self._free[text] -= 1
                self._entries.add(line, Why.MOVED)
                moved = self._only_new(text)

    def _only_new(self, text: str) -> int:
        """The only new line that says `text`, or -1."""
        found = [k for c in self._new.changes for k in range(c.new_start, c.new_end) if self._new.said[k] == text]
        return found[0] if len(found) == 1 else -1

    def _follows(self, above: int, text: str) -> int:
        """The line of the rewrite below `above` if it says `text`, or -1."""
        below = next((k for k in range(above + 1, len(self._new.said)) if self._new.said[k]), -1) if above >= 0 else -1
        return below if below >= 0 and self._new.said[below] == text else -1

    # What follows from them ---------------------------------------------------------------------------------------

    def _doubt_definitions(self) -> None:
        """Withdraw weak reasons inside a definition whose header is deleted without one: another definition replaced
        it."""
        for chunk in self._old.outline.definitions:
            if chunk.header in self._gone and chunk.header not in self._entries:
                for line in range(chunk.start, chunk.end):
                    if self._entries.get(line, (Why.BLANK, ""))[0] in _UNSURE:
                        del self._entries[line]

    def _follow(self, change: Change) -> None:
        """Blank lines take the reason of the lines around them, lone brackets that of lines that are removed or
        moved."""
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
