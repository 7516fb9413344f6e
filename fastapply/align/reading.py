"""A reading: for each part of a snippet the region of the file that it replaces, and the lines deleted besides.

Lines of the file are counted in columns (`align/field`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fastapply.align.lines import Pairs
from fastapply.align.parts import Part

Shift = tuple[str, str]  # the snippet's indentation `old` stands for the file's `new`
NO_SHIFT: Shift = ("", "")


@dataclass(frozen=True)
class Region:
    """A part stands for the columns [start, end). `pairs`: the partner of each of its lines, or -1.

    `shift` is None where the lines that both sides have tell it.
    """

    part: Part
    start: int
    end: int
    pairs: Pairs
    shift: Shift | None = None

    @property
    def first_pair(self) -> int:
        return next((c for c in self.pairs if c >= 0), self.end)

    @property
    def last_pair(self) -> int:
        return next((c for c in reversed(self.pairs) if c >= 0), self.start - 1)


@dataclass(frozen=True)
class Reading:
    """Regions in the order of the file, and ranges of columns that go besides."""

    regions: tuple[Region, ...]
    gone: tuple[tuple[int, int], ...] = ()

    @property
    def only_inserts(self) -> bool:
        return not self.gone and all(region.start == region.end for region in self.regions)

    def taken(self) -> set[int]:
        """The columns that go, or change."""
        kept = {c for region in self.regions for c in region.pairs if c >= 0}
        inside = {c for region in self.regions for c in range(region.start, region.end)}
        return (inside - kept) | {c for start, end in self.gone for c in range(start, end)}


class Item(NamedTuple):
    """A line of the snippet, with its column of the file where it has one; or a run of columns that stay."""

    first: int = -1  # columns, [first, last]
    last: int = -1
    line: int = -1
    region: Region | None = None


def difference(theirs: str, ours: str) -> Shift:
    """What the snippet's indentation `ours` lacks or has too much."""
    if theirs.endswith(ours):
        return "", theirs[: len(theirs) - len(ours)]
    if ours.endswith(theirs):
        return ours[: len(ours) - len(theirs)], ""
    return ours, theirs


def shifted(line: str, shift: Shift) -> str:
    """The line with its indentation exchanged; one that stands further out than `old` goes as far as it can."""
    old, new = shift
    if old == new:
        return line
    if line.startswith(old):
        return new + line[len(old) :]
    return new + line.lstrip(" \t") if new else line.lstrip(" \t")
