"""Definitions that the snippet shows whole in another place than the file has them: they are moved there.

Line by line every line of such a definition is found where it was, or new though the file has it, both dear; in the
file without it, it is a new definition like others. Knows outlines only.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.prices import Prices

_SAME = 0.8  # the least share of the lines that both have


def moved_lines(prices: Prices) -> list[range]:
    """Such definitions: their lines in the original, with the blank ones that part them from their neighbours."""
    original, snippet = prices.original, prices.snippet
    return [
        range(theirs.start - prices.blanks_above(theirs.start), theirs.end)
        for ours, theirs in _pairs(original, snippet)
        if _is_elsewhere(original, theirs, snippet, ours)
    ]


def _pairs(original: Outline, snippet: Outline) -> Iterator[tuple[Chunk, Chunk]]:
    """Definitions that both sides have once, without a marker and nearly the same."""
    for ours in snippet.definitions:
        named = [[chunk for chunk in side.definitions if chunk.name == ours.name] for side in (snippet, original)]
        if [len(chunks) for chunks in named] != [1, 1] or snippet.markers & set(range(ours.start, ours.end)):
            continue
        theirs = named[1][0]
        lines = [text for text in original.stripped[theirs.start : theirs.end] if text]
        shown = set(snippet.stripped[ours.start : ours.end])
        if len(lines) > 1 and sum(text in shown for text in lines) >= _SAME * len(lines):
            yield ours, theirs


def _is_elsewhere(original: Outline, theirs: Chunk, snippet: Outline, ours: Chunk) -> bool:
    """Does the snippet show a line right above or below it that the original has once, at another place?"""
    above = _next(snippet, range(ours.start - 1, -1, -1)), _next(original, range(theirs.start - 1, -1, -1))
    below = (
        _next(snippet, range(ours.end, len(snippet.lines))),
        _next(original, range(theirs.end, len(original.lines))),
    )
    sides = [(beside, there) for beside, there in (above, below) if original.stripped.count(beside) == 1]
    return bool(sides) and all(beside != there for beside, there in sides)


def _next(outline: Outline, lines: range) -> str:
    """The first of these lines that is not blank; an empty text if that is a marker."""
    line = next((k for k in lines if outline.stripped[k]), None)
    return outline.stripped[line] if line is not None and line not in outline.markers else ""
