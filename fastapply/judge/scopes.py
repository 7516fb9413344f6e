"""Names that a function goes on using after the line that sets them is deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from fastapply.align.chunks import Chunk, Outline
from fastapply.judge.twins import Line, subject
from fastapply.text.diff import lf_lines
from fastapply.types import Hunk

_NAME = re.compile(r"[A-Za-z_$][\w$]*")


class Scopes:
    """The functions of one file, and the names that their lines set and use."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._said = cache(_said)  # candidates share most of their lines

    def unset(self, hunks: Sequence[Hunk]) -> set[str]:
        """The names that a function uses and no longer sets, since the hunks delete the lines that did."""
        gone = {k for hunk in hunks for k in range(hunk.start_line, hunk.end_line)}
        went: dict[int, set[str]] = {}
        for k in gone:
            name, _ = self._said(self._outline.stripped[k])
            function = self._function_around(k) if name else None
            if function is not None and function.header not in gone:
                went.setdefault(function.index, set()).add(name)
        missing = (self._missing(self._outline.chunks[index], names, gone, hunks) for index, names in went.items())
        return set().union(*missing)

    def _function_around(self, line: int) -> Chunk | None:
        around = (c for c in self._outline.chunk_of[line].chain() if c.kind == "function")
        return next((c for c in around if c.header < line), None)

    def _missing(self, function: Chunk, names: set[str], gone: set[int], hunks: Sequence[Hunk]) -> set[str]:
        known, used = set(_NAME.findall(self._outline.stripped[function.header])), set[str]()  # parameters are known
        for text in self._lines(function, gone, hunks):
            name, words = self._said(text)
            known.add(name)
            used |= words
        return (names & used) - known

    def _lines(self, function: Chunk, gone: set[int], hunks: Sequence[Hunk]) -> Iterator[str]:
        """The lines of a function after the hunks, without its header."""
        yield from (self._outline.stripped[k] for k in range(function.header + 1, function.end) if k not in gone)
        inside = (hunk for hunk in hunks if function.header < hunk.start_line <= function.end)
        yield from (line.strip() for hunk in inside for line in lf_lines(hunk.new_text))


def _said(text: str) -> tuple[str, frozenset[str]]:
    """The name that a line sets, or "", and all names in it."""
    return name_set(text), frozenset(_NAME.findall(text))


def name_set(text: str) -> str:
    """The name set by an assignment or by a declaration with a value, or ""."""
    kind, name = subject(Line(text))
    return name if kind == "variable" and _NAME.fullmatch(name) else ""
