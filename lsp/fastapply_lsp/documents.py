"""The documents that a client has open, kept up to date with its changes.

pygls has such a store too, but it splits lines where no editor does (form feed, U+2028, ...). Positions are computed
only in `fastapply.text.offsets`.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from fastapply.align.languages import ALIASES, detect
from fastapply.text.diff import diff_lines
from fastapply.text.lines import BOM, split_lines
from fastapply.text.offsets import Encoding, LineIndex
from fastapply.types import Hunk
from fastapply_lsp.failures import request_failed

_MOST_GONE = 200

ContentChange = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument

_DRIVE = re.compile(r"^file:///[A-Za-z]:(?=/)")


class Document:
    """One open document. `version` is the client's."""

    def __init__(self, item: types.TextDocumentItem, encoding: Encoding) -> None:
        self.uri = item.uri
        self.version = item.version
        self.language_id = item.language_id
        self.text = item.text
        self._encoding = encoding
        self._index: LineIndex | None = None
        self._changed = asyncio.Event()

    @property
    def index(self) -> LineIndex:
        if self._index is None:
            self._index = LineIndex(self.text)
        return self._index

    @property
    def path(self) -> str:
        """The path of the URI, which is the name of an untitled document."""
        return unquote(urlsplit(self.uri).path)

    @property
    def language(self) -> str | None:
        """The language's tree-sitter name, from the file's name or else from the client."""
        return detect(self.path, self.text) or ALIASES.get(self.language_id, self.language_id) or None

    def touched(self, start: types.Position, end: types.Position) -> tuple[int, int]:
        """The half-open range of lines that a selection touches. A selection does not touch a line at whose start it
        ends."""
        first, last = (self.index.position_at(offset) for offset in sorted((self.offset(start), self.offset(end))))
        stop = last.line if last.character == 0 and last.line > first.line else last.line + 1
        count = len(self.lines())
        return min(first.line, count), min(stop, count)

    def lines(self) -> list[str]:
        """The lines with their ends and without a BOM, as hunks count them."""
        return split_lines(self.text.removeprefix(BOM))

    def offset(self, position: types.Position) -> int:
        return self.index.offset_at(position.line, position.character, self._encoding)

    def position(self, offset: int) -> types.Position:
        return types.Position(*self.index.position_at(offset, self._encoding))

    def line_start(self, line: int) -> types.Position:
        """Where a line begins, after a BOM if there is one. One past the last line is the end of the text."""
        offset = self.index.offset_at(line, 0, self._encoding)
        return self.position(max(offset, len(BOM) if self.text.startswith(BOM) else 0))

    def change(self, version: int, changes: Iterable[ContentChange]) -> list[Hunk]:
        """Apply the client's changes. Returns them as hunks of whole lines, each relative to the text after the one
        before."""
        hunks: list[Hunk] = []
        for change in changes:
            hunks += self._replace(change)
        self.version = version
        self._changed.set()
        self._changed = asyncio.Event()
        return hunks

    async def changed_from(self, version: int, seconds: float) -> bool:
        """Wait until the client changes the document. Returns False if it does not in that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.version == version:
                    await self._changed.wait()
        return self.version != version

    def _replace(self, change: ContentChange) -> Iterator[Hunk]:
        old = split_lines(self.text)
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = sorted((self.offset(change.range.start), self.offset(change.range.end)))
            first, last = self.index.position_at(start).line, self.index.position_at(end).line
            new_text = self.text[:start] + change.text + self.text[end:]
        else:
            first, last, new_text = 0, len(old), change.text
        self.text, self._index = new_text, None
        new = split_lines(new_text)
        if first and old[first - 1].endswith("\r"):
            first -= 1  # the change may have turned it into "\r\n"
        after = len(old) - min(last + 1, len(old))  # unchanged lines after the change
        found = list(diff_lines(old[first : len(old) - after], new[first : len(new) - after], first))
        return reversed(found)  # last to first, so that each is relative to the text after the previous one


class Documents:
    """All open documents of one client, and for some time the reasons why others are not open."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}
        self._gone: OrderedDict[str, str] = OrderedDict()

    def __iter__(self) -> Iterator[Document]:
        return iter(self._open.values())

    def open(self, item: types.TextDocumentItem, encoding: Encoding) -> Document:
        document = self._open[_key(item.uri)] = Document(item, encoding)
        self._gone.pop(_key(item.uri), None)
        return document

    def find(self, uri: str) -> Document | None:
        return self._open.get(_key(uri))

    def get(self, uri: str) -> Document:
        """An open document. Raises RequestFailed, with the reason, if it is not open."""
        document = self.find(uri)
        if document is None:
            why = self._gone.get(_key(uri), "is not open: open it first (textDocument/didOpen)")
            raise request_failed(f"{name_of(uri)} {why}")
        return document

    def close(self, uri: str) -> Document | None:
        return self._open.pop(_key(uri), None)

    def gone(self, uri: str, why: str) -> None:
        """Remember why a document is not open. A later reason replaces an earlier one."""
        self._gone[_key(uri)] = why
        self._gone.move_to_end(_key(uri))
        while len(self._gone) > _MOST_GONE:
            self._gone.popitem(last=False)


def name_of(uri: str) -> str:
    """A document's name for messages to a person."""
    return PurePosixPath(unquote(urlsplit(uri).path)).name or uri


def _key(uri: str) -> str:
    """A normalised URI. Clients differ in escaping and in how they write drives: `file:///c%3A/a.py`, `file:///C:/a.py`."""
    return _DRIVE.sub(lambda found: found[0].lower(), unquote(uri))
