"""A reading: the region of the file that each part of a snippet replaces, and the columns deleted in addition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fastapply.align.lines import Pairs
from fastapply.align.parts import Part

Shift = tuple[str, str]  # (old, new): the snippet's indentation `old` becomes `new` in the file
NO_SHIFT: Shift = ("", "")
Counts = dict[str, float]  # what a reading does, by feature name


@dataclass(frozen=True, eq=False)  # found by identity, like its part
class Region:
    """The columns [start, end) that a part replaces. `pairs` has the partner of each line of the part, or -1.

    `shift` is None if the lines that both sides have determine it.
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
    """Regions in file order, and the ranges of columns deleted in addition."""

    regions: tuple[Region, ...]
    gone: tuple[tuple[int, int], ...] = ()

    @property
    def only_inserts(self) -> bool:
        return not self.gone and all(region.start == region.end for region in self.regions)

    def taken(self) -> set[int]:
        """The columns that are deleted or changed."""
        kept = {c for region in self.regions for c in region.pairs if c >= 0}
        inside = {c for region in self.regions for c in range(region.start, region.end)}
        return (inside - kept) | {c for start, end in self.gone for c in range(start, end)}


class Segment(NamedTuple):
    """A line of the snippet with its partner (or -1), or a run of columns that stay."""

    first: int = -1  # columns, [first, last]
    last: int = -1
    line: int = -1
    region: Region | None = None


def difference(theirs: str, ours: str) -> Shift:
    """The shift from the snippet's indentation `ours` to the file's `theirs`."""
    if theirs.endswith(ours):
        return "", theirs[: len(theirs) - len(ours)]
    if ours.endswith(theirs):
        return ours[: len(ours) - len(theirs)], ""
    return ours, theirs


def shifted(line: str, shift: Shift) -> str:
    """The line with its indentation replaced. A line that is indented less than `old` loses all of its indentation."""
    old, new = shift
    if old == new:
        return line
    if line.startswith(old):
        return new + line[len(old) :]
    return new + line.lstrip(" \t") if new else line.lstrip(" \t")
