"""One rewrite of one document, from the request until each of its hunks is accepted, rejected or lost.

Rebases the hunks whenever the document changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from fastapply.text.lines import BOM, patched, split_lines
from fastapply.types import Alternative, Hunk
from fastapply_lsp.documents import Document
from fastapply_lsp.failures import content_modified, invalid_params, invalid_request
from fastapply_lsp.rebase import fits, moved, rebase_through


class Phase(StrEnum):
    RUNNING = "running"
    OPEN = "open"  # the rewrite is finished, and hunks are left to accept or reject
    CLOSED = "closed"


class NumberedHunk(NamedTuple):
    """A hunk of the current document, with the id that the client knows."""

    id: str
    hunk: Hunk


class Session:
    """A rewrite of `lines`, which are all lines of the document or a selection."""

    def __init__(self, id: str, document: Document, lines: tuple[int, int]) -> None:
        self.id = id
        self.document = document
        self.phase = Phase.RUNNING
        self.previewed = False  # whether the client follows it by `fastapply/preview`
        self.hunks: list[NumberedHunk] = []
        self.deciding = asyncio.Lock()  # serialises accepts, each of which waits until the document has changed
        self._lines = lines
        self._changes: list[Hunk] = []  # changes of the document since the request
        self._ids: dict[Hunk, str] = {}  # id of each hunk of the original
        self._aside: list[NumberedHunk] = []  # hunks that are being accepted
        self._lost: set[str] = set()
        self._decided: set[str] = set()
        self.alternatives: tuple[Alternative, ...] = ()
        self.reading = 1  # the number of the reading shown
        self._first: tuple[Hunk, ...] = ()  # the hunks of reading 1
        self._text = document.text

    @property
    def original(self) -> str:
        """The text to rewrite: the document, or its selected lines, at the time of the request."""
        lines = split_lines(self._text.removeprefix(BOM))
        if self._lines == (0, len(lines)):
            return self._text
        return "".join(lines[slice(*self._lines)])

    def settle(self, hunks: Iterable[Hunk]) -> list[NumberedHunk]:
        """Add settled hunks of the original. Returns them as hunks of the current document. Raises ContentModified."""
        found = self.place(hunks)
        self.hunks += found
        return found

    def place(self, hunks: Iterable[Hunk]) -> list[NumberedHunk]:
        """Hunks of the original as hunks of the current document, with ids. Raises ContentModified."""
        return [self._numbered(hunk) for hunk in hunks]

    def finish(self, hunks: tuple[Hunk, ...], alternatives: tuple[Alternative, ...] = ()) -> None:
        """Replace the settled hunks by the final ones, which may be tidier. Raises ContentModified."""
        self.hunks = self.place(hunks)
        self._first, self.alternatives = hunks, alternatives
        if not alternatives:  # otherwise another reading may still be placed on the document
            self._ids.clear()
            self._changes.clear()
        self.phase = Phase.OPEN

    def take_reading(self, number: int) -> None:
        """Replace the open hunks by those of another reading. Decided hunks stay decided.

        Raises:
            InvalidRequest, InvalidParams: the session is not open; there is no such reading.
            ContentModified: the document has changed where that reading changes it.
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
        """The current document with all open hunks applied."""
        return patched(self.document.text, [hunk for _, hunk in self.hunks])

    def change(self, changes: Sequence[Hunk]) -> bool:
        """Rebase the hunks on a change of the document. Returns whether any hunk has moved or is lost.

        Raises:
            ContentModified: the rewrite is still running, and the change overlaps a settled hunk.
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
        """Set hunks aside to accept or reject them; None means all.

        Raises:
            InvalidRequest, InvalidParams: the session is not open; there is no such hunk.
            ContentModified: the lines of a hunk have changed.
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
        """Taken hunks as hunks of the current document. Raises ContentModified if one of them is lost."""
        ids = {numbered.id for numbered in taken}
        hunks = [numbered.hunk for numbered in self._aside if numbered.id in ids]
        if len(hunks) < len(ids) or self.phase is Phase.CLOSED:  # a closed session no longer rebases
            raise self._modified()
        return hunks

    def settle_taken(self, taken: Sequence[NumberedHunk], *, back: bool) -> None:
        """Finish a `take`. With `back`, the client did not apply the hunks, so they are open again."""
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
        there = [(name, rebase_through(hunk, changes)) for name, hunk in hunks]
        return [NumberedHunk(name, hunk) for name, hunk in there if hunk is not None and fits(hunk, lines)]

    def _modified(self) -> Exception:
        return content_modified("the lines of the edit were changed meanwhile: nothing was applied; ask again")
