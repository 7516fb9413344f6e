"""Windows: the lines that any candidate changes, with their surroundings.

Only windows go through the model. The rest of the file is copied, so that the cost of an edit grows with the edit and
not with the file. Regions far apart are joined into one short file. A *placeholder* line stands for the lines between
two regions. The model therefore reads the snippet once, and can choose between two distant places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapply.errors import RejectedError
from fastapply.text.comments import comment
from fastapply.text.diff import lf_lines, line_hunks
from fastapply.types import Hunk

MARGIN = 12  # lines of surroundings on each side
WORTHWHILE = 0.75  # windows larger than this share of the file save too little
_LEAST_GAP = 8  # lines; fewer are not worth a placeholder
_MOST_LINES = 240  # of the regions in one window, unless a candidate needs more of them together

_LOST = "the model lost the place of lines that it was not shown; use --model none (alignment alone)"

_Range = tuple[int, int]  # lines [start, end) of the original


@dataclass(frozen=True, slots=True)
class Window:
    """One rewrite: `head` is copied, `original` becomes one of `candidates`, `tail` is copied.

    `ways[k]` are the numbers of the whole candidates that look like `candidates[k]` here. The first candidate comes
    first. `left_out` pairs each placeholder with its text. The placeholders stand in this order in `original` and in
    every candidate.
    """

    head: str
    original: str
    tail: str
    candidates: tuple[str, ...]
    ways: tuple[tuple[int, ...], ...]
    left_out: tuple[tuple[str, str], ...] = ()


def whole_file(original: str, candidates: Sequence[str], language: str | None = None) -> list[Window]:
    """A single window around the whole file."""
    return [Window("", original, "", tuple(candidates), tuple((number,) for number in range(len(candidates))))]


def cut_windows(original: str, candidates: Sequence[str], language: str | None = None) -> list[Window]:
    """Windows around every difference between a candidate and the original, from top to bottom. If they cover most of
    the file, one window holds all of it. Regions in which the same candidate differs from the first share a window."""
    lines = lf_lines(original)
    edits = [line_hunks(original, candidate) for candidate in candidates]
    regions = _regions([hunk for hunks in edits for hunk in hunks], len(lines))
    if sum(end - start for start, end in regions) > WORTHWHILE * len(lines):
        return whole_file(original, candidates, language)
    ways = [_cut(lf_lines(text), hunks, regions) for text, hunks in zip(candidates, edits, strict=True)]
    taken = {*lines, *(line for way in ways for part in way for line in lf_lines(part))}
    windows: list[Window] = []
    done = 0
    for group in _groups(regions, ways):
        gaps = [(above, below) for (_, above), (below, _) in pairwise(regions[group.start : group.stop])]
        left_out = tuple((_placeholder(gap, language, taken), "".join(lines[slice(*gap)])) for gap in gaps)
        numbers: dict[str, list[int]] = {}
        for number, way in enumerate(ways):
            numbers.setdefault(_joined(way[group.start : group.stop], left_out), []).append(number)
        start, end = regions[group.start][0], regions[group.stop - 1][1]
        windows.append(
            Window(
                head="".join(lines[done:start]),
                original=_joined(["".join(lines[slice(*regions[k])]) for k in group], left_out),
                tail="".join(lines[end:]) if group.stop == len(regions) else "",
                candidates=tuple(numbers),
                ways=tuple(map(tuple, numbers.values())),
                left_out=left_out,
            )
        )
        done = end
    return windows


class Expander:
    """Replaces placeholders with the text they stand for while the rewrite streams in: `push` chunks, then `finish`.

    Raises RejectedError if the placeholders are missing or out of order. A model that writes freely may lose one, and
    then the place of the lines is unknown.
    """

    def __init__(self, window: Window) -> None:
        self._known = {line for line, _ in window.left_out}
        self._ahead = list(window.left_out)
        self._held = ""  # an unfinished line that may become a placeholder
        self._begun = False  # part of the unfinished line is already out

    def push(self, chunk: str) -> str:
        ready: list[str] = []
        for piece in lf_lines(chunk):
            line, self._held = self._held + piece, ""
            if not self._begun and not line.endswith("\n") and any(known.startswith(line) for known in self._known):
                self._held = line
                continue
            ready.append(line if self._begun else self._expanded(line))
            self._begun = not line.endswith("\n")
        return "".join(ready)

    def finish(self) -> str:
        if self._ahead:
            raise RejectedError(_LOST)
        return self._held

    def _expanded(self, line: str) -> str:
        if line not in self._known:
            return line
        if not self._ahead or self._ahead[0][0] != line:
            raise RejectedError(_LOST)
        return self._ahead.pop(0)[1]


def _regions(hunks: Sequence[Hunk], length: int) -> list[_Range]:
    """The surroundings of the hunks, ascending and disjoint. The end of the file if there are no hunks."""
    ranges = sorted((max(h.start_line - MARGIN, 0), min(h.end_line + MARGIN, length)) for h in hunks)
    regions: list[_Range] = []
    for start, end in ranges or [(max(length - MARGIN, 0), length)]:
        if regions and start - regions[-1][1] < _LEAST_GAP:
            regions[-1] = regions[-1][0], max(regions[-1][1], end)
        else:
            regions.append((start, end))
    return regions


def _cut(lines: Sequence[str], hunks: Sequence[Hunk], regions: Sequence[_Range]) -> list[str]:
    """The text of each region in a candidate. All its `hunks` lie inside regions."""
    parts: list[str] = []
    shift = at = 0  # how far the lines have moved, and the number of hunks counted
    for start, end in regions:
        own_start = start + shift
        while at < len(hunks) and hunks[at].end_line <= end:
            shift += len(lf_lines(hunks[at].new_text)) - (hunks[at].end_line - hunks[at].start_line)
            at += 1
        parts.append("".join(lines[own_start : end + shift]))
    return parts


def _groups(regions: Sequence[_Range], ways: Sequence[Sequence[str]]) -> Iterator[range]:
    """The regions of each window. Regions in which one candidate differs from the first stay together."""
    held = set[int]()  # regions that share a window with the next region
    for way in ways[1:]:
        other = [k for k, (part, first) in enumerate(zip(way, ways[0], strict=True)) if part != first]
        held.update(range(other[0], other[-1]) if other else ())
    first = size = 0
    for k, (start, end) in enumerate(regions):
        if k > first and k - 1 not in held and size + end - start > _MOST_LINES:
            yield range(first, k)
            first, size = k, 0
        size += end - start
    yield range(first, len(regions))


def _joined(parts: Sequence[str], left_out: Sequence[tuple[str, str]]) -> str:
    between = [*(line for line, _ in left_out), ""]
    return "".join(part + line for part, line in zip(parts, between, strict=True))


def _placeholder(gap: _Range, language: str | None, taken: set[str]) -> str:
    """A comment line that occurs nowhere else."""
    text = f"lines {gap[0] + 1} to {gap[1]} stand here"
    while (line := comment(language, text) + "\n") in taken:
        text += "."
    return line
