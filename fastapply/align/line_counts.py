"""One line of the snippet beside the line of the file that it stands for, or at the place where it is new."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import NamedTuple

from fastapply.align.pairing import Pairing
from fastapply.align.told import identity

_NAME = re.compile(r"[A-Za-z_]\w*")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")


class LinePair(NamedTuple):
    """A line of the snippet and its column. `same`: they have the same text. If so, `cost` says how badly their places
    agree, else how unlike the texts are. `astray`: the column lies outside the chunk that the snippet shows. `lost`:
    the share of the column's names that the line lacks. `heads_block`: the column begins a block without a name."""

    same: bool
    cost: float
    renamed: bool
    other_identity: bool
    other_key: bool
    astray: bool
    lost: float = 0.0
    heads_block: bool = False


class LineCounts:
    """The lines of one pairing. Regions share most of their pairs, so these are cached."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.places = pairing.places
        self.shown_around = cache(self._shown_around)
        self.pair = cache(self._pair)
        self.is_astray = cache(self._is_astray)

    def _pair(self, line: int, column: int) -> LinePair:
        ours, theirs = self.snippet.stripped[line], self.field.text[column]
        home, shown = self.original.chunk_of[self.field.solid[column]], self.shown_around(line)
        astray = bool(shown) and not any(outer.index in shown for outer in home.chain())
        if ours == theirs:
            place = min(float(self.places.cost[self.snippet.chunk_of[line].index, self.field.chunk[column]]), 3.0)
            return LinePair(True, place * (0.3 + float(self.field.weights[column])), False, False, False, astray)
        info, label = self.snippet.info[line], self.field.labels[column]
        return LinePair(
            False,
            1 - self.pairing.lines.similarity(line, column),
            info.is_definition and bool(label) and label != info.label,
            identity(ours) != identity(theirs),
            bool(self.pairing.keys[line]) and self.pairing.keys[line] != self.field.keys[column] != "",
            astray,
            _names_lost(theirs, ours),
            home.header == self.field.solid[column] and home.kind == "block",
        )

    def _is_astray(self, line: int, boundary: int) -> bool:
        """Is a new line at a boundary outside the chunk that the snippet shows around it?"""
        shown, options = self.shown_around(line), self.field.open_at[boundary]
        return bool(shown) and not any(outer.index in shown for option in options for outer in option.chain())

    def _shown_around(self, line: int) -> set[int]:
        """The file's chunks that the snippet shows around a line, by the innermost chunk that shows any."""
        chunk = self.snippet.chunk_of[line]
        if line == chunk.start and chunk.parent is not None and chunk.header == line:
            chunk = chunk.parent
        for outer in chunk.chain():
            if outer.parent is not None and outer.index in self._shown_by:
                return self._shown_by[outer.index]
        return set()

    @cached_property
    def _shown_by(self) -> dict[int, set[int]]:
        """Chunk of the snippet -> the file's chunks that it shows."""
        found: dict[int, set[int]] = {}
        for theirs, claimers in enumerate(self.places.claimers):
            for ours in claimers:
                found.setdefault(ours, set()).add(theirs)
        return found


def _names_lost(theirs: str, ours: str) -> float:
    """The share of the names in their line that are not in ours, strings aside."""
    old, new = ({*_NAME.findall(_STRING.sub("", text))} for text in (theirs, ours))
    return len(old - new) / len(old) if old else 0.0
