"""One rewrite of one document, from the request until each of its hunks is accepted, rejected or lost.

Keeps the hunks on the document as it is now, whatever was typed since. Knows neither the wire nor the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from fastapply.text.lines import BOM, split_lines
from fastapply.types import Alternative, Hunk
from fastapply_lsp.documents import Document
from fastapply_lsp.failures import content_modified, invalid_params, invalid_request
from fastapply_lsp.rebase import fits, moved, rebase, rebase_through


class Phase(StrEnum):
    RUNNING = "running"
    OPEN = "open"  # the rewrite is there and its hunks wait to be decided
    CLOSED = "closed"


class NumberedHunk(NamedTuple):
    """A hunk on the document as it is now, with the name that the client knows it by."""

    id: str
    hunk: Hunk


class Session:
    """`lines` are those that may be rewritten: all, or a selection."""

    def __init__(self, id: str, document: Document, lines: tuple[int, int]) -> None:
        self.id = id
        self.document = document
        self.phase = Phase.RUNNING
        self.previewed = False  # whether the client follows it by `fastapply/preview`
        self.hunks: list[NumberedHunk] = []
        self.deciding = asyncio.Lock()  # one accept after the other: each waits for the document to follow
        self._lines = lines
        self._changes: list[Hunk] = []  # of the document since the request
        self._ids: dict[Hunk, str] = {}  # by the hunk as it came
        self._aside: list[NumberedHunk] = []  # being accepted
        self._lost: set[str] = set()
        self._decided: set[str] = set()
        self.alternatives: tuple[Alternative, ...] = ()
        self.reading = 1  # which one the hunks are of
        self._first: tuple[Hunk, ...] = ()  # reading 1
        self._text = document.text

    @property
    def original(self) -> str:
        """What is to be rewritten: the document, or the selected lines, when the request came."""
        lines = split_lines(self._text.removeprefix(BOM))
        if self._lines == (0, len(lines)):
            return self._text
        return "".join(lines[slice(*self._lines)])

    def settle(self, hunks: Iterable[Hunk]) -> list[NumberedHunk]:
        """Take hunks of the original that settled; return them on the document as it is. Raises ContentModified."""
        found = self.place(hunks)
        self.hunks += found
        return found

    def place(self, hunks: Iterable[Hunk]) -> list[NumberedHunk]:
        """Hunks of the original on the document as it is, with names of their own. Raises ContentModified."""
        return [self._numbered(hunk) for hunk in hunks]

    def finish(self, hunks: tuple[Hunk, ...], alternatives: tuple[Alternative, ...] = ()) -> None:
        """The final hunks are there, tidier perhaps than those that settled. Raises ContentModified."""
        self.hunks = self.place(hunks)
        self._first, self.alternatives = hunks, alternatives
        if not alternatives:  # else another reading may still be taken, on the document as it is then
            self._ids.clear()
            self._changes.clear()
        self.phase = Phase.OPEN

    def take_reading(self, number: int) -> None:
        """Put the hunks of another reading in place of those that are open. What was decided stays decided.

        Raises:
            InvalidRequest, InvalidParams: there is nothing to decide yet; no such reading.
            ContentModified: the document was changed where that reading changes it.
        """
        self._refuse_unless_open()
        known = {other.number: other.hunks for other in self.alternatives}
        if self.alternatives:
            known[1] = self._first
        if number not in known:
            numbers = ", ".join(map(str, sorted(known))) or "none but the one that is open"
            raise invalid_params(f"reading {number}: no such reading; there are: {numbers}")
        done = self._decided | self._lost
        self.hunks = self.place(hunk for hunk in known[number] if self._ids.get(hunk) not in done)
        self.reading = number

    def rewritten(self) -> str:
        """The document as it is now with all open hunks."""
        lines = self.document.lines()
        for _, hunk in reversed(self.hunks):
            lines[hunk.start_line : hunk.end_line] = [hunk.new_text]
        return BOM * self.document.text.startswith(BOM) + "".join(lines)

    def change(self, changes: Sequence[Hunk]) -> bool:
        """The document has changed. Whether any hunk has moved or is lost.

        Raises:
            ContentModified: while the rewrite runs, if a settled hunk is overlapped.
        """
        if self.phase is Phase.RUNNING or self.alternatives:
            self._changes += changes
        before = self.hunks
        lines = self.document.lines()
        self.hunks = self._moved(self.hunks, changes, lines)
        self._aside = self._moved(self._aside, changes, lines)
        lost = {numbered.id for numbered in before} - {numbered.id for numbered in self.hunks}
        self._lost |= lost
        if lost and self.phase is Phase.RUNNING:
            raise self._modified()
        return self.hunks != before

    def take(self, ids: Sequence[str] | None) -> list[NumberedHunk]:
        """Set hunks aside to accept or reject them; None: all.

        Raises:
            InvalidRequest, InvalidParams: there is nothing to decide yet; no such hunk.
            ContentModified: its lines were changed.
        """
        self._refuse_unless_open()
        wanted = [numbered.id for numbered in self.hunks] if ids is None else ids
        known = {numbered.id for numbered in self.hunks}
        for name in wanted:
            if name in self._lost:
                raise content_modified(f"hunk {name} is lost: its lines were changed meanwhile")
            if name not in known:
                raise invalid_params(f"hunk {name}: no such hunk, or already decided")
        taken = [numbered for numbered in self.hunks if numbered.id in wanted]
        self.hunks = [numbered for numbered in self.hunks if numbered.id not in wanted]
        self._aside += taken
        return taken

    def aside(self, taken: Sequence[NumberedHunk]) -> list[Hunk]:
        """What was taken, on the document as it is now. Raises ContentModified if some of it is lost."""
        ids = {numbered.id for numbered in taken}
        hunks = [numbered.hunk for numbered in self._aside if numbered.id in ids]
        if len(hunks) < len(ids) or self.phase is Phase.CLOSED:  # what is closed does not follow the document
            raise self._modified()
        return hunks

    def settle_taken(self, taken: Sequence[NumberedHunk], *, back: bool) -> None:
        """The end of a `take`. `back`: the client did not apply them, they are open again."""
        ids = {numbered.id for numbered in taken}
        if back:
            again = [numbered for numbered in self._aside if numbered.id in ids]
            self.hunks = sorted([*self.hunks, *again], key=lambda numbered: numbered.hunk.start_line)
        else:
            self._decided |= ids
        self._aside = [numbered for numbered in self._aside if numbered.id not in ids]

    def _refuse_unless_open(self) -> None:
        if self.phase is Phase.RUNNING:
            raise invalid_request("the rewrite still runs: wait for its answer, or cancel it")
        if self.phase is Phase.CLOSED:
            raise invalid_request("the edit is no longer open: ask again")

    def _numbered(self, hunk: Hunk) -> NumberedHunk:
        start = self._lines[0]
        name = self._ids.setdefault(hunk, f"{self.id}-{len(self._ids) + 1}")
        there = rebase_through(moved(hunk, start), self._changes)
        if there is None or (self._changes and not fits(there, self.document.lines())):
            raise self._modified()
        return NumberedHunk(name, there)

    def _moved(
        self, hunks: Sequence[NumberedHunk], changes: Sequence[Hunk], lines: Sequence[str]
    ) -> list[NumberedHunk]:
        kept: list[NumberedHunk] = []
        for numbered in hunks:
            moved: Hunk | None = numbered.hunk
            for change in changes:
                moved = moved and rebase(moved, change)
            if moved is not None and fits(moved, lines):
                kept.append(NumberedHunk(numbered.id, moved))
        return kept

    def _modified(self) -> Exception:
        return content_modified("the lines of the edit were changed meanwhile: nothing was applied; ask again")
