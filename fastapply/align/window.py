"""The region of interest: the lines that any candidate touches, with their surroundings.

Only that goes through the model; the rest of the file is copied by construction, so the cost of an edit grows with
the edit and not with the file. Knows LF texts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapply.text.diff import lf_lines

MARGIN = 12  # lines of surroundings on each side
WORTHWHILE = 0.75  # a window larger than this share of the file saves too little


@dataclass(frozen=True, slots=True)
class Window:
    """`head` + rewritten window + `tail` is the whole file; `candidates` are cut to the window, as `original` is."""

    head: str
    original: str
    tail: str
    candidates: tuple[str, ...]


def whole_file(original: str, candidates: Sequence[str]) -> Window:
    return Window("", original, "", tuple(candidates))


def cut_window(original: str, candidates: Sequence[str]) -> Window:
    """The window around everything in which a candidate differs from the original; the whole file if that is small."""
    lines = lf_lines(original)
    texts = [lf_lines(candidate) for candidate in candidates]
    start = min((_common_prefix(lines, text) for text in texts), default=0)
    # What starts the same must not be counted as ending the same too.
    kept = min((_common_prefix(lines[start:][::-1], text[start:][::-1]) for text in texts), default=0)
    start, end = max(start - MARGIN, 0), min(len(lines) - kept + MARGIN, len(lines))
    if end - start > WORTHWHILE * len(lines):
        return whole_file(original, candidates)
    after = len(lines) - end
    return Window(
        "".join(lines[:start]),
        "".join(lines[start:end]),
        "".join(lines[end:]),
        tuple("".join(text[start : len(text) - after]) for text in texts),
    )


def _common_prefix(first: Sequence[str], second: Sequence[str]) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(first), len(second)))
