"""Parts of a snippet that stand for nothing in the file, though they look like several things there: new siblings.

A route among routes, a test among tests, an element of a list: line by line such a part is nearest to one of its
look-alikes and would be read as a new version of it. But a new version is nearer to what it replaces than to the rest;
what is as near to two of them is neither. Knows outlines and one path of the alignment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from fastapply.align.chunks import CLOSES, Chunk, Outline
from fastapply.align.lattice import Step

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W_]")
_TIE = 0.75  # of the distance to the next sibling
_ALIKE = 0.6  # of the words of a line may differ from those of a sibling's


@dataclass(frozen=True)
class Part:
    """Lines [start, end) of an outline: a chunk, or one line of it. `head` is the line that tells it from others."""

    start: int
    end: int
    head: int
    parent: Chunk


def new_siblings(original: Outline, snippet: Outline, path: Sequence[Step]) -> list[tuple[Part, Part]]:
    """Such parts of the snippet that `path` takes for parts of the original, and those."""
    column_of = {step.row - 1: step.column for step in path if step.op in ("match", "replace")}
    found: list[tuple[Part, Part]] = []
    for part in _parts(snippet):
        taken = [column_of[line] for line in (part.head, *range(part.start, part.end)) if line in column_of]
        if not taken or any(outer.start <= part.start < outer.end for outer, _ in found):
            continue
        theirs = _part_around(original, taken[0], part.end - part.start > 1)
        if theirs is not None and _is_new(part, theirs, original, snippet):
            found.append((part, theirs))
    new = [part for part, _ in found]
    return [pair for pair in found if pair[0].end - pair[0].start > 2 or _at_a_marker(pair[0], new, snippet)]


def _at_a_marker(part: Part, found: Sequence[Part], snippet: Outline) -> bool:
    """Is there nothing but blank lines and other new parts between a marker and this one? What stands between known
    lines stands for what they stand around."""
    new = {line for other in found for line in range(other.start, other.end)}

    def reached(lines: range) -> bool:
        first = next((k for k in lines if k not in new and snippet.stripped[k]), None)
        return first is not None and first in snippet.markers

    return reached(range(part.end, len(snippet.lines))) or reached(range(part.start - 1, -1, -1))


def _is_new(part: Part, theirs: Part, original: Outline, snippet: Outline) -> bool:
    """Is the part as near to a sibling as to `theirs`, by the words of its head and by its other lines?"""
    others = [other for other in _siblings(original, theirs) if other != theirs]
    if not others or snippet.stripped[part.head] in original.stripped:
        return False
    info = snippet.info[part.head]
    if info.is_definition and any(info.name == chunk.name for chunk in original.definitions):
        return False
    words = _words(snippet, part.head)
    distance = Levenshtein.distance(words, _words(original, theirs.head))
    next_best = min(Levenshtein.distance(words, _words(original, other.head)) for other in others)
    if distance < _TIE * next_best or next_best > _ALIKE * len(words):
        return False
    missing = [_missing(snippet, part, original, other) for other in (theirs, *others)]
    return missing[0] >= min(missing[1:])


def _missing(snippet: Outline, part: Part, original: Outline, theirs: Part) -> int:
    """How many lines of the part, its head aside, the other one does not have."""
    have = {original.stripped[line] for line in range(theirs.start, theirs.end)}
    rest = (snippet.stripped[k] for k in range(part.start, part.end) if k != part.head)
    return sum(text not in have for text in rest if _WORD.search(text))


def _parts(snippet: Outline) -> Iterator[Part]:
    """Chunks without markers, outer ones first, and lone lines."""
    for chunk in snippet.chunks[1:]:
        if not any(chunk.start <= line < chunk.end for line in snippet.markers):
            yield _of_chunk(snippet, chunk)
    for line in range(len(snippet.lines)):
        if line not in snippet.markers and (part := _of_line(snippet, line)) is not None:
            yield part


def _of_chunk(outline: Outline, chunk: Chunk) -> Part:
    assert chunk.parent is not None
    inside = range(max(chunk.header, chunk.start), chunk.end)
    head = next((line for line in inside if _WORD.search(outline.stripped[line])), inside[0])
    start = chunk.start
    while start and _explains(outline, start - 1) and outline.chunk_of[start - 1] is chunk.parent:
        start -= 1
    return Part(start, chunk.end, head, chunk.parent)


def _explains(outline: Outline, line: int) -> bool:
    return outline.info[line].comment and line not in outline.markers


def _of_line(outline: Outline, line: int) -> Part | None:
    """The part that a line is by itself; None for one that opens, closes or explains others."""
    chunk, text, info = outline.chunk_of[line], outline.stripped[line], outline.info[line]
    if chunk.header == line or CLOSES.match(text) or not _WORD.search(text):
        return None
    return None if info.comment or info.inside or info.kind == "import" else Part(line, line + 1, line, chunk)


def _part_around(original: Outline, line: int, several: bool) -> Part | None:
    if not several:
        return _of_line(original, line)
    chunk = original.chunk_of[line]
    return _of_chunk(original, chunk) if chunk.parent is not None else None


def _siblings(original: Outline, part: Part) -> list[Part]:
    if part.end - part.start > 1:
        return [_of_chunk(original, chunk) for chunk in part.parent.children]
    lines = (line for line in range(part.parent.start, part.parent.end) if original.chunk_of[line] is part.parent)
    return [found for line in lines if (found := _of_line(original, line)) is not None]


def _words(outline: Outline, line: int) -> list[str]:
    return _WORD.findall(outline.stripped[line])
