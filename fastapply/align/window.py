"""The region of interest: the lines that any candidate touches, with their surroundings.

Only that goes through the model; the rest of the file is copied by construction, so the cost of an edit grows with
the edit and not with the file. Knows LF texts only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapply.text.diff import diff_lines, lf_lines
from fastapply.types import Hunk

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


def cut_choice(original: str, candidates: Sequence[str]) -> Window:
    """The window around everything in which the candidates differ from *each other*: what there is to choose.

    Its `original` is the stretch that corresponds; `head` and `tail` are those of the candidates.
    """
    texts = [lf_lines(candidate) for candidate in candidates]
    best, lines = texts[0], lf_lines(original)
    start = min((_common_prefix(best, text) for text in texts[1:]), default=len(best))
    kept = min((_common_prefix(best[start:][::-1], text[start:][::-1]) for text in texts[1:]), default=0)
    pairs = list(_kept_pairs(lines, best))
    first = max((pair for pair in pairs if pair[1] <= start - MARGIN), default=(0, 0))
    last = min((pair for pair in pairs if pair[1] >= len(best) - kept + MARGIN), default=(len(lines), len(best)))
    after = len(best) - last[1]
    return Window(
        "".join(best[: first[1]]),
        "".join(lines[first[0] : last[0]]),
        "".join(best[last[1] :]),
        tuple("".join(text[first[1] : len(text) - after]) for text in texts),
    )


def _kept_pairs(lines: Sequence[str], best: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(line of the original, line of the candidate) for each line that both have, ascending."""
    at, shift = 0, 0
    for hunk in (*diff_lines(lines, best), Hunk(len(lines), len(lines), "")):
        yield from ((line, line + shift) for line in range(at, hunk.start_line))
        at = hunk.end_line
        shift += len(lf_lines(hunk.new_text)) - (hunk.end_line - hunk.start_line)


def _common_prefix(first: Sequence[str], second: Sequence[str]) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(first), len(second)))
