"""What keep markers name, as in `# ... run() and the Crane stay the same ...`, looked up in the file."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, cached_property

from fastapply.align.chunks import Outline
from fastapply.align.field import Field
from fastapply.align.reading import Counts
from fastapply.align.told import identity
from fastapply.text.markers import keeps_docstring, kept_names

_FIRST = re.compile(r"\W*([\w$][\w$.-]*)")
_MOST_UNNAMED = 3
_PLACES = 3  # a name found in more places is ambiguous


class Kept:
    """The places of what the markers of one snippet name."""

    def __init__(self, field: Field, snippet: Outline) -> None:
        self.field = field
        self.snippet = snippet
        self._of = cache(self._find)

    def counts(self, markers: tuple[int, ...], start: int, end: int) -> Counts:
        """Counts of what the markers name among the columns [start, end) that they stand for."""
        named, docstring = self._of(markers)
        counts: Counts = {}
        if named:
            there = sum(bisect_left(columns, start) < bisect_left(columns, end) for columns in named)
            counts = {"named_kept": float(there), "named_missed": float(len(named) - there)}
            if len(named) > 1:
                counts["unnamed_kept"] = float(min(self._unnamed(named, start, end), _MOST_UNNAMED))
        if docstring and start < end:
            counts["beyond_docstring"] = float(not self._is_said(end - 1))
        return counts

    def _find(self, markers: tuple[int, ...]) -> tuple[list[list[int]], bool]:
        """The columns of each name in the markers, and whether the markers stand for a docstring only."""
        said = [self.snippet.stripped[line] for line in markers]
        names = dict.fromkeys(name for line in said for name in kept_names(line))
        found = [self._columns[name] for name in names if name in self._columns]
        few = [columns for columns in found if len(columns) <= _PLACES]
        return few, bool(said) and all(map(keeps_docstring, said))

    def _unnamed(self, named: list[list[int]], start: int, end: int) -> int:
        """How many of the columns [start, end) open an unnamed sibling of a named unit."""
        every = {c for columns in named for c in columns}
        homes = {home for c in every if start <= c < end and (home := self._home[c]) is not None}
        return sum(self._home[c] in homes for c in range(start, end) if c not in every) if homes else 0

    @cached_property
    def _home(self) -> list[int | None]:
        """For each column, the index of the chunk around the unit that it opens. None if it opens none."""
        chunks = ((line, self.field.outline.chunk_of[line]) for line in self.field.solid)
        return [chunk.parent.index if chunk.header == line and chunk.parent else None for line, chunk in chunks]

    @cached_property
    def _columns(self) -> dict[str, list[int]]:
        """Name -> the columns that define it, give it a value, or begin with it."""
        found: dict[str, list[int]] = {}
        for c, line in enumerate(self.field.solid):
            text, info = self.field.text[c], self.field.outline.info[line]
            first = _FIRST.match(text)
            key = self.field.keys[c].rpartition(" ")[2].strip("\"'`")
            names = {info.name, info.name.rsplit(".", 1)[-1].split(" ")[0], key, identity(text)}
            for name in names | {first[1] if first else ""}:
                if name:
                    found.setdefault(name, []).append(c)
        return found

    def _is_said(self, column: int) -> bool:
        """Does a line belong to a docstring or comment?"""
        info = self.field.outline.info[self.field.solid[column]]
        return info.inside or info.comment or self.field.text[column][:3] in ('"""', "'''", 'r""')
