"""New definitions beside a marker, read as additions.

"Here stays what was there, then this": line by line such a definition is nearest to its look-alikes, and would be read
as a new version of the one before (or, with the marker below it, of the one behind). Each reading here adds it instead;
between two markers it goes below the last definition beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median_low

from fastapply.align.alignment import KEEPING, Alignment
from fastapply.align.chunks import Chunk
from fastapply.align.lattice import Step
from fastapply.align.match import key_of, similarities
from fastapply.align.render import render
from fastapply.align.siblings import Part, new_siblings
from fastapply.align.spacing import blank_lines

_WRITES = ("insert", "match", "keep", "replace")
_WORD = re.compile(r"\w+")
_ADDED = -3.0  # nats by which an addition is likelier than what line by line is best
_SPACED = -0.1
_GUESSED = 0.5
_ALIKE = 0.7
_RENAMED = 1.0  # the same where all of its body stands in what it would replace: a new name may be all that is meant


def additions(alignment: Alignment) -> Iterator[tuple[str, float]]:
    """Texts that add what the likeliest one takes for a new version, and their costs beside its cost."""
    path = alignment.lattice.best_path
    if (text := _alone(alignment)) is not None:
        yield text, _ADDED
    elif parts := new_siblings(alignment.original, alignment.snippet, path):
        path_added = _with_siblings(alignment, parts)
        text, _ = render(alignment.original, alignment.snippet, path_added)[0]
        yield _with_comma(alignment, path_added, parts[0], text), _ADDED
    for first, end in _groups(alignment):
        if (found := _added(alignment, path, first, end)) is not None:
            steps, cost = found
            text, _ = render(alignment.original, alignment.snippet, steps)[0]
            yield text, cost
    for first, end in _enclosed(alignment):
        if (moved := _below_the_last(alignment, path, first, end)) is not None:
            text, _ = render(alignment.original, alignment.snippet, moved)[0]
            yield text, _ADDED
    for place in _guesses(alignment, path):
        step = path[place]
        beside = Step("insert", step.row, step.column, 0, 0.0), Step("keep", step.row, step.column, 0, 0.0)
        both = beside[::-1] if _keeps(alignment, step.row - 2) else beside
        text, _ = render(alignment.original, alignment.snippet, [*path[:place], *both, *path[place + 1 :]])[0]
        yield text, _GUESSED


def _alone(alignment: Alignment) -> str | None:
    """The original with the snippet's new definitions at its end or before its first definition, where the snippet has
    nothing else but a marker above or below them."""
    original, snippet, prices = alignment.original, alignment.snippet, alignment.prices
    items = [item for item in alignment.items[1:-1] if item.kind != "code" or snippet.stripped[item.line]]
    code = [item.line for item in items if item.kind == "code"]
    if len(items) != len(code) + 1 or not code or snippet.lines[code[0]][:1].isspace():
        return None
    if not all(prices.is_all_new(line) for line in code):
        return None
    starts = [chunk.start for chunk in original.definitions if not original.lines[chunk.start][:1].isspace()]
    gap = [""] * (prices.blanks_above(starts[-1]) if starts else 1)
    new, lines = snippet.lines[code[0] : code[-1] + 1], "\n".join(original.lines).rstrip("\n").split("\n")
    if items[0].kind in ("keep", "bare"):
        return "\n".join([*lines, *gap, *new])
    if items[-1].kind in ("keep", "bare") and starts:
        return "\n".join([*lines[: starts[0]], *new, *gap, *lines[starts[0] :]])
    return None


def _groups(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """Line ranges of the snippet: new definitions from a marker on to a line that is known, or the other way round,
    blank lines towards the marker included."""
    for first, end in _new_definitions(alignment):
        above, below = _above(alignment, first), _below(alignment, end)
        after, before = _keeps(alignment, above), _keeps(alignment, below)
        if after != before and (after or above >= 0):
            yield (above + 1, end) if after else (first, below)


def _enclosed(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """Line ranges of the snippet: new definitions between two markers."""
    for first, end in _new_definitions(alignment):
        if _keeps(alignment, _above(alignment, first)) and _keeps(alignment, _below(alignment, end)):
            yield first, _above(alignment, end) + 1


def _new_definitions(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """Line ranges of the snippet that hold new definitions, one below the other."""
    snippet = alignment.snippet
    done = 0
    for chunk in snippet.definitions:
        if chunk.start < done or not _is_new(alignment, chunk):
            continue
        first, end = chunk.start, chunk.end
        while follower := next((c for c in snippet.definitions if c.start == _below(alignment, end)), None):
            if not _is_new(alignment, follower):
                break
            end = follower.end
        done = end
        yield first, end


def _guesses(alignment: Alignment, path: list[Step]) -> Iterator[int]:
    """Steps in which a line beside a marker stands for another one that is not much like it."""
    original, snippet = alignment.original, alignment.snippet
    for place, step in enumerate(path):
        line = step.row - 1
        if step.op != "replace" or not (_keeps(alignment, line - 1) or _keeps(alignment, line + 1)):
            continue
        text, old, key = snippet.stripped[line], original.stripped[step.column], key_of(snippet, line)
        longer = set(_WORD.findall(old)) <= set(_WORD.findall(text))
        unlike = not longer and similarities(text, [old])[0] < _ALIKE
        if unlike and not snippet.info[line].is_definition and (not key or key != key_of(original, step.column)):
            yield place


def _is_new(alignment: Alignment, chunk: Chunk) -> bool:
    """Is the definition shown whole, and neither its name nor its header the original's?"""
    original, snippet = alignment.original, alignment.snippet
    if any(chunk.start <= line < chunk.end for line in snippet.markers):
        return False
    return snippet.stripped[chunk.header] not in original.stripped and all(
        chunk.name != theirs.name for theirs in original.definitions
    )


def _keeps(alignment: Alignment, line: int) -> bool:
    return 0 <= line < len(alignment.snippet.lines) and alignment.items[line + 1].kind in ("keep", "bare")


def _above(alignment: Alignment, line: int) -> int:
    return next((k for k in range(line - 1, -1, -1) if alignment.snippet.stripped[k]), -1)


def _below(alignment: Alignment, line: int) -> int:
    lines = alignment.snippet.stripped
    return next((k for k in range(line, len(lines)) if lines[k]), len(lines))


def _with_siblings(alignment: Alignment, parts: list[tuple[Part, Part]]) -> list[Step]:
    """The likeliest path in which these parts are new, as far apart from their siblings as those are."""
    lines = frozenset(line for part, _ in parts for line in range(part.start, part.end))
    path = alignment.adding(lines).lattice.best_path
    for part, theirs in parts:
        siblings = [chunk.start for chunk in theirs.parent.children] if part.end - part.start > 1 else []
        apart = median_low(map(alignment.prices.blanks_above, siblings[1:])) if siblings[1:] else 0
        width = alignment.original.width[theirs.start]
        rows = [k for k, step in enumerate(path) if step.op == "insert" and part.start < step.row <= part.end]
        below = _missing_blanks(alignment, path[rows[-1] + 1 :], apart, width)
        above = _missing_blanks(alignment, path[: rows[0]][::-1], apart, width)
        path = [*path[: rows[0]], *above, *path[rows[0] : rows[-1] + 1], *below, *path[rows[-1] + 1 :]]
    return path


def _with_comma(alignment: Alignment, path: list[Step], added: tuple[Part, Part], text: str) -> str:
    """A last element without a comma gets one, where its siblings have theirs and something comes after it now."""
    part, theirs = added
    original, ends = alignment.original, [chunk.end - 1 for chunk in theirs.parent.children if chunk.end < theirs.end]
    written = [step for step in path if step.op in _WRITES]
    above = next(k for k, step in enumerate(written) if step.op == "insert" and step.row > part.start) - 1
    if above < 0 or not ends or not all(original.stripped[line].endswith(",") for line in ends):
        return text
    step = written[above]
    if step.op not in ("keep", "match") or step.column != theirs.end - 1 or original.stripped[step.column][-1:] == ",":
        return text
    lines = text.split("\n")
    lines[above] += ","
    return "\n".join(lines)


def _missing_blanks(alignment: Alignment, steps: list[Step], apart: int, width: int) -> list[Step]:
    """What `apart` lacks to what comes first in `steps`, unless that stands further out than `width`."""
    blanks = 0
    for step in steps:
        if step.op not in _WRITES:
            continue
        theirs = step.op in ("keep", "match")
        if alignment.original.stripped[step.column] if theirs else alignment.snippet.stripped[step.row - 1]:
            outside = theirs and alignment.original.width[step.column] < width
            return [] if outside else blank_lines(alignment, apart - blanks)
        blanks += 1
    return []


def _below_the_last(alignment: Alignment, path: list[Step], first: int, end: int) -> list[Step] | None:
    """The path with the snippet's lines [first, end) below the last definition that stands where the two markers are,
    as far apart from it as from each other those are."""
    above, below = _above(alignment, first) + 1, _below(alignment, end) + 1  # rows of the markers
    low = next(k for k, step in enumerate(path) if step.row >= above)
    high = next((k for k, step in enumerate(path) if step.row > below and step.state != KEEPING), len(path))
    columns = [step.column for step in path[low:high] if step.op not in ("insert", "drop", "")]
    beside = _beside(alignment, first, range(columns[0], columns[-1] + 1)) if columns else []
    if not beside:
        return None
    place, apart = beside[-1].end, alignment.prices.blanks_above(beside[-1].start) if len(beside) > 1 else 1
    before, behind = (
        [Step("keep", row, column, 0, 0.0) for column in columns if (column >= place) == later]
        for row, later in ((above, False), (below, True))
    )
    new = [Step("insert", line + 1, place, 0, 0.0) for line in range(first, end)]
    return [*path[:low], *before, *blank_lines(alignment, apart), *new, *behind, *path[high:]]


def _beside(alignment: Alignment, line: int, kept: range) -> list[Chunk]:
    """The definitions of the original, among the lines that are kept, that a new one at `line` is to stand beside:
    in what the snippet shows around it, or indented like it; none if these have different parents."""
    original, snippet = alignment.original, alignment.snippet
    parent = snippet.chunk_of[line].parent
    inside = [chunk for chunk in original.definitions if chunk.start in kept and chunk.end - 1 in kept]
    if parent is not None and parent.parent is not None:
        claimed = alignment.prices.claimed.get(parent.index, [])
        return [chunk for chunk in inside if chunk.parent is not None and chunk.parent.index in claimed]
    alike = [chunk for chunk in inside if _indent(original.lines[chunk.header]) == _indent(snippet.lines[line])]
    return alike if len({chunk.parent.index for chunk in alike if chunk.parent is not None}) == 1 else []


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _definition_near(alignment: Alignment, column: int) -> int:
    """Where the definition at `column` begins, else the next one: how far apart definitions stand shows above it."""
    starts = [chunk.start for chunk in alignment.original.definitions]
    return min((start for start in starts if start >= column), default=column)


def _added(alignment: Alignment, path: list[Step], first: int, end: int) -> tuple[list[Step], float] | None:
    """The path with the snippet's lines [first, end) all new, beside what it took them for."""
    rows = range(first + 1, end + 1)
    places = [k for k, step in enumerate(path) if step.row in rows and step.op in ("match", "replace", "insert")]
    if not places:
        return None
    low, high = places[0], places[-1] + 1
    while high < len(path) and (path[high].op == "delete" or not path[high].op):
        high += 1
    taken = [step.column for step in path[low:high] if step.op not in ("insert", "drop", "")]
    original, snippet = alignment.original, alignment.snippet
    theirs = {original.stripped[column] for column in taken if original.stripped[column]}
    ours = [text for text in snippet.stripped[first:end] if text]
    kept = [Step("keep", rows[0], column, 0, 0.0) for column in taken]
    new = [Step("insert", line + 1, path[low].column, 0, 0.0) for line in range(first, end)]
    if not theirs:  # it is one already: only the blank lines that the marker swallowed come back
        return [*path[:low], *new, *path[high:]], _SPACED
    neighbour = _definition_near(alignment, next(column for column in taken if original.stripped[column]))
    gap = [Step("keep", rows[0], neighbour - 1, 0, 0.0)] * alignment.prices.blanks_above(neighbour)
    if _keeps(alignment, first - 1):
        there = next(k for k, column in enumerate(reversed(taken)) if original.stripped[column])
        blanks = first + len(gap) - _below(alignment, first) - there
        beside = [*kept, *gap[: max(0, blanks)], *new]
    else:
        blanks = len(gap) - (end - 1 - _above(alignment, end))
        beside = [*new, *gap[: max(0, blanks)], *kept]
    renamed = all(text in theirs for text in ours[1:])
    return [*path[:low], *beside, *path[high:]], _RENAMED if renamed else _ADDED
