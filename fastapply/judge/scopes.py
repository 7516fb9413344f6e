"""Names that a function goes on using after the line that sets them is deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from fastapply.align.chunks import Chunk, Outline
from fastapply.judge.twins import Line, subject
from fastapply.text.brackets import open_brackets
from fastapply.text.diff import lf_lines
from fastapply.types import Hunk

_NAME = re.compile(r"(?<![\w.$])[A-Za-z_$][\w$]*")  # not an attribute
_ASSIGNED = re.compile(r"(?P<left>[^=]*?[\w)\]}])\s*(?::[^=]*)?:?=(?![=~>])")
_BOUND = re.compile(r"\b(?:for|as|catch|let|const|var|of|in)\b\s*\(?(?:(?:let|const|var)\b\s*)?(?P<names>[\w$, ()]+)")
_COMMENT = re.compile(r"(?://|#(?!\[|include|define)|\*|/\*|--|<!--)")


class Scopes:
    """The functions of one file, and the names that their lines set and use."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._names = cache(_names)  # candidates share most of their lines

    def unset(self, hunks: Sequence[Hunk]) -> set[str]:
        """The names that a function uses and no longer sets, since the hunks delete the lines that did."""
        gone = {k for hunk in hunks for k in range(hunk.start_line, hunk.end_line)}
        went: dict[int, set[str]] = {}
        for k in gone:
            name = _own(self._outline.stripped[k])
            function = self._function_around(k) if name else None
            if function is not None and function.header not in gone:
                went.setdefault(function.index, set()).add(name)
        missing = (self._missing(self._outline.chunks[index], names, gone, hunks) for index, names in went.items())
        return set().union(*missing)

    def _function_around(self, line: int) -> Chunk | None:
        around = (c for c in self._outline.chunk_of[line].chain() if c.kind == "function")
        return next((c for c in around if c.header < line), None)

    def _missing(self, function: Chunk, names: set[str], gone: set[int], hunks: Sequence[Hunk]) -> set[str]:
        known, used = set(self._parameters(function)), set[str]()
        for text in self._lines(function, gone, hunks):
            bound, words = self._names(text)
            known |= bound
            used |= words
        return (names & used) - known

    def _parameters(self, function: Chunk) -> Iterator[str]:
        """The names in the head of a function, which may take several lines."""
        opened = ""
        for k in range(function.header, function.end):
            text = self._outline.stripped[k]
            yield from _NAME.findall(text)
            opened = open_brackets((text.removesuffix("{"),), opened)
            if not opened:
                return

    def _lines(self, function: Chunk, gone: set[int], hunks: Sequence[Hunk]) -> Iterator[str]:
        """The lines of a function after the hunks, without its header. New lines right below it may belong to it."""
        yield from (self._outline.stripped[k] for k in range(function.header + 1, function.end) if k not in gone)
        inside = (hunk for hunk in hunks if function.header < hunk.start_line <= function.end)
        yield from (line.strip() for hunk in inside for line in lf_lines(hunk.new_text))


def _names(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a line may bind, in any way, and all names in it. None for a comment."""
    if _COMMENT.match(text):
        return frozenset(), frozenset()
    assigned = _ASSIGNED.match(text)
    parts = [assigned["left"] if assigned else "", *(found["names"] for found in _BOUND.finditer(text))]
    return frozenset(name for part in parts for name in _NAME.findall(part)), frozenset(_NAME.findall(text))


def name_set(text: str) -> str:
    """The name set by an assignment or by a declaration with a value, or ""."""
    kind, name = subject(Line(text))
    return name if kind == "variable" and re.fullmatch(r"[A-Za-z_$][\w$]*", name) else ""


@lru_cache(maxsize=1 << 13)
def _own(text: str) -> str:
    """The variable that a line sets. "" for an attribute."""
    name = name_set(text)
    return name if name in _NAME.findall(text.partition("=")[0]) else ""
