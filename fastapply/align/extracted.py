"""Extracted code: lines of the file that recur almost unchanged in a new definition of the snippet.

Authors who move code into a function show the function and the call. They often forget to say that the old lines are
deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.field import Field
from fastapply.align.match import similarities

_ALIKE = 0.75  # similarity to the old version, which may lack a `return` or use another variable name
_TELLS = 0.3  # the least weight of a telling line
_SHARE = 0.5  # of the telling lines of a run must recur: loops with the same head may do quite different things


def extracted(field: Field, snippet: Outline) -> list[range]:
    """The runs of columns that recur in new definitions. A run has at least two telling lines, or one that heads a
    block."""
    found: list[range] = []
    for chunk in snippet.definitions:
        if chunk.kind == "function" and chunk.name not in field.names and _called(snippet, chunk):
            hits = _hits(field, snippet, chunk)
            found += [run for run in _runs(field, hits) if run not in found and _recurs(field, run, hits)]
    return found


def _recurs(field: Field, run: range, hits: set[int]) -> bool:
    telling = [c for c in run if field.weights[c] >= _TELLS]
    return sum(c in hits for c in telling) >= _SHARE * len(telling)


def _called(snippet: Outline, chunk: Chunk) -> bool:
    """Does the snippet mention a definition outside its header?"""
    name = re.compile(rf"(?<!\w){re.escape(chunk.name.split(' ')[0])}(?!\w)")
    return any(name.search(t) for k, t in enumerate(snippet.stripped) if k != chunk.header)


def _hits(field: Field, snippet: Outline, chunk: Chunk) -> set[int]:
    """The telling columns that look like a line of the chunk's body."""
    if not len(field):
        return set()
    body = [text for text in snippet.stripped[chunk.header + 1 : chunk.end] if text]
    free = (field.weights >= _TELLS) & ~field.is_labelled
    return {int(c) for text in body for c in np.flatnonzero(free & (similarities(text, field.text) >= _ALIKE))}


def _runs(field: Field, hits: set[int]) -> Iterator[range]:
    start, end, count, heads = -1, -1, 0, False
    for column in sorted(hits):
        block = _headed(field, column)
        if start >= 0 and column > end and any(field.weights[c] >= _TELLS for c in range(end, column)):
            if count > 1 or heads:
                yield range(start, end)
            start, count, heads = -1, 0, False
        if start < 0:
            start = end = column
        count, heads = count + 1, heads or len(block) > 1
        end = max(end, block.stop)
    if start >= 0 and (count > 1 or heads):
        yield range(start, end)


def _headed(field: Field, column: int) -> range:
    """The columns of the block that a line heads, or the line alone if it heads none."""
    chunk = field.outline.chunks[field.chunk[column]]
    if chunk.header == field.solid[column]:
        return range(column, field.columns(chunk).stop)
    return range(column, column + 1)
