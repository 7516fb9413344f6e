"""Line diffs: minimal hunks between two texts, complete or streaming, and unified diffs.

LF texts: as in git, a line ends only at "\\n", and other line ends are part of the line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from rapidfuzz.distance import LCSseq

from fastapply.types import Hunk

_CONTEXT = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FIRST_ID = 0xE000  # above the surrogates, so that every id is a valid character
_MOST_CELLS = 400_000_000  # of the table for a minimal diff: 50 MB, a fraction of a second
_SURE = 4  # the weight of a telling line in StreamingDiff; a blank one or a lone bracket weighs 1
_RIVAL_LINES = 4  # further lines that must match if another place matches too
_STARTS = 16  # the nearest places where a line may start a run
_MOST_RUNS = 48
_T = TypeVar("_T", str, bytes)


def lf_lines(text: str) -> list[str]:
    """The lines of `text` with their "\\n", which the last one may lack."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def is_telling(line: str) -> bool:
    """Does a line have letters or digits that mark its place? Blank lines and lone brackets occur everywhere."""
    return sum(map(str.isalnum, line)) >= 3


@lru_cache(maxsize=4)  # the checks and the judge share them
def line_hunks(original: str, rewritten: str) -> tuple[Hunk, ...]:
    """The hunks that turn `original` into `rewritten`.

    They keep as many lines as possible, unless more than about 20,000 lines lie between the first and the last
    difference. Then lines that are unique on both sides are matched first.
    """
    head, tail = common_ends(original, rewritten)
    head = original.rfind("\n", 0, head) + 1  # whole lines
    cut = original.find("\n", max(len(original) - tail, head)) + 1
    tail = len(original) - cut if cut else 0
    old, new = original[head : len(original) - tail], rewritten[head : len(rewritten) - tail]
    return tuple(diff_lines(lf_lines(old), lf_lines(new), original.count("\n", 0, head)))


def common_ends(first: _T, second: _T) -> tuple[int, int]:
    """The length of the common prefix of two texts, and of the common suffix of the rest."""
    limit = min(len(first), len(second))
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if first[low:middle] == second[low:middle] else (low, middle - 1)
    start, low, high = low, 0, limit - low
    ends = len(first), len(second)
    while low < high:
        middle = (low + high + 1) // 2
        same = first[ends[0] - middle : ends[0] - low] == second[ends[1] - middle : ends[1] - low]
        low, high = (middle, high) if same else (low, middle - 1)
    return start, low


def diff_lines(old: Sequence[str], new: Sequence[str], offset: int = 0) -> Iterator[Hunk]:
    """`line_hunks` over lines with their ends. `offset` is the number of `old[0]` in its file."""
    head = 0
    limit = min(len(old), len(new))
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    limit -= head
    while tail < limit and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    ids: dict[str, str] = {}
    inner_old = _as_characters(old[head : len(old) - tail], ids)
    inner_new = _as_characters(new[head : len(new) - tail], ids)
    for start, end, new_start, new_end in _changed_ranges(inner_old, inner_new):
        text = "".join(new[head + new_start : head + new_end])
        yield Hunk(offset + head + start, offset + head + end, text)


def _as_characters(lines: Sequence[str], ids: dict[str, str]) -> str:
    """One character per line, the same for equal lines."""
    return "".join(ids.setdefault(line, chr(_FIRST_ID + len(ids))) for line in lines)


def _changed_ranges(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """The maximal ranges (old start, old end, new start, new end) between the common lines."""
    if not old or not new:  # nothing in common
        if old or new:
            yield 0, len(old), 0, len(new)
        return
    if len(old) * len(new) > _MOST_CELLS:
        yield from _between_anchors(old, new)
        return
    old_at = new_at = 0
    for block in LCSseq.opcodes(old, new).as_matching_blocks():  # the last block is empty, at both ends
        if block.a > old_at or block.b > new_at:
            yield old_at, block.a, new_at, block.b
        old_at, new_at = block.a + block.size, block.b + block.size


def _between_anchors(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """`_changed_ranges` of each gap between lines that are unique on both sides."""
    anchors = _unique_in_both(old, new)
    if not anchors:
        yield 0, len(old), 0, len(new)
        return
    old_at = new_at = 0
    for a, b in [*anchors, (len(old), len(new))]:
        for start, end, new_start, new_end in _changed_ranges(old[old_at:a], new[new_at:b]):
            yield old_at + start, old_at + end, new_at + new_start, new_at + new_end
        old_at, new_at = a + 1, b + 1


def _unique_in_both(old: str, new: str) -> list[tuple[int, int]]:
    """The longest ascending sequence of places of lines that are unique in both texts (patience sorting)."""
    counts = Counter(old), Counter(new)
    places = {line: b for b, line in enumerate(new) if counts[0][line] == counts[1][line] == 1}
    pairs = [(a, places[line]) for a, line in enumerate(old) if line in places]
    tops: list[int] = []  # for each length, the smallest last place of an ascending run
    ends: list[int] = []  # the pair at the end of that run
    before: list[int] = []  # for each pair, its predecessor in the longest run that ends with it
    for number, (_, b) in enumerate(pairs):
        length = bisect_left(tops, b)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1], ends[length : length + 1] = [b], [number]
    run: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


class Excerpt(NamedTuple):
    """Lines of the original, and their new version."""

    before: str
    after: str


def windows(lines: Sequence[str], hunks: Sequence[Hunk], is_edge: Callable[[str], bool]) -> Iterator[Excerpt]:
    """Each hunk with the lines up to the nearest edge above and below. Hunks whose windows overlap share one."""
    spans: list[tuple[int, int, list[Hunk]]] = []
    for hunk in hunks:
        start = next((k for k in range(hunk.start_line - 1, -1, -1) if is_edge(lines[k])), 0)
        end = next((k + 1 for k in range(hunk.end_line, len(lines)) if is_edge(lines[k])), len(lines))
        inside = [hunk]
        while spans and start < spans[-1][1]:
            above = spans.pop()
            start, inside = min(start, above[0]), [*above[2], *inside]
        spans.append((start, end, inside))
    for start, end, inside in spans:
        moved = [Hunk(hunk.start_line - start, hunk.end_line - start, hunk.new_text) for hunk in inside]
        before = "".join(lines[start:end])
        yield Excerpt(before, apply_hunks(before, moved))


def apply_hunks(original: str, hunks: Sequence[Hunk]) -> str:
    """`original` with ascending hunks applied. Raises ValueError if they overlap, descend or are out of range."""
    lines = lf_lines(original)
    pieces: list[str] = []
    done = 0
    for hunk in hunks:
        if not done <= hunk.start_line <= hunk.end_line <= len(lines):
            raise ValueError(f"hunk {hunk.start_line}:{hunk.end_line} overlaps or leaves 0:{len(lines)}")
        pieces.extend(lines[done : hunk.start_line])
        pieces.append(hunk.new_text)
        done = hunk.end_line
    pieces.extend(lines[done:])
    return "".join(pieces)


def unified_diff(original: str, rewritten: str, path: str) -> str:
    """The difference in the format of `git apply` and `patch`, with three lines of context. "" if there is none."""
    lines = lf_lines(original)
    groups = list(_groups(line_hunks(original, rewritten)))
    if not groups:
        return ""
    name = path.lstrip("/")
    tab = "\t" if " " in path else ""  # git ends a name that holds a space with a tab
    out = [f"--- {quoted(f'a/{name}')}{tab}\n", f"+++ {quoted(f'b/{name}')}{tab}\n"]
    shift = 0
    for group in groups:
        start = max(0, group[0].start_line - _CONTEXT)
        end = min(len(lines), group[-1].end_line + _CONTEXT)
        grown = sum(len(lf_lines(h.new_text)) - (h.end_line - h.start_line) for h in group)
        old_range, new_range = _range(start, end - start), _range(start + shift, end - start + grown)
        out.append(f"@@ -{old_range} +{new_range} @@\n")
        out.extend(_body(lines, group, start, end))
        shift += grown
    return "".join(out)


def quoted(name: str) -> str:
    """A name in a diff's header, in quotes if it holds control characters, as git writes it."""
    if not _CONTROL.search(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _CONTROL.sub(lambda found: f"\\{ord(found[0]):03o}", escaped) + '"'


def _groups(hunks: Sequence[Hunk]) -> Iterator[list[Hunk]]:
    """Hunks grouped so that contexts touch only within a group."""
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk.start_line - group[-1].end_line > 2 * _CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


def _range(start: int, count: int) -> str:
    """A range of a hunk header. It counts from 1, and an empty range names the line before it."""
    return f"{start + 1 if count else start},{count}"


def _body(lines: Sequence[str], group: Sequence[Hunk], start: int, end: int) -> Iterator[str]:
    at = start
    for hunk in group:
        yield from (_prefixed(" ", line) for line in lines[at : hunk.start_line])
        yield from (_prefixed("-", line) for line in lines[hunk.start_line : hunk.end_line])
        yield from (_prefixed("+", line) for line in lf_lines(hunk.new_text))
        at = hunk.end_line
    yield from (_prefixed(" ", line) for line in lines[at:end])


def _prefixed(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


class StreamingDiff:
    """A diff against a text that is still arriving: `push` chunks, take hunks as they settle, then `finish`.

    Law: all hunks together, applied to the original, give exactly the pushed text, however it is chunked. They ascend,
    do not overlap, and are never taken back. A hunk settles when the stream has followed the original again for long
    enough. That takes longer the more lines the hunk would delete and the more places look alike.

    Limit: a settled hunk is a minimal diff, but the place where the stream meets the original again is chosen without
    seeing the rest. The result may be less minimal than `line_hunks` of the whole, but is never wrong. If the stream
    meets nothing for long, everything waits for `finish`.

    Work per line is bounded by a constant, except for the diff of what just settled.
    """

    def __init__(self, original: str) -> None:
        self._lines = lf_lines(original)
        self._places: dict[str, list[int]] = {}  # line -> its places in the original, ascending
        for number, line in enumerate(self._lines):
            self._places.setdefault(line, []).append(number)
        self._done = 0  # original lines before this one are settled, kept or replaced
        self._pending: list[str] = []  # lines that arrived since; empty while the stream follows the original
        self._runs: dict[int, _Run] = {}  # the line that must come next -> a run that the last line continued
        self._partial: list[str] = []  # pieces of the unfinished line

    @property
    def original_lines_done(self) -> int:
        """How many lines of the original are settled, for a progress bar."""
        return self._done

    def push(self, chunk: str) -> list[Hunk]:
        """Take more of the text. Return the hunks that it settled."""
        head, *rest = chunk.split("\n")
        self._partial.append(head)
        settled: list[Hunk] = []
        for piece in rest:
            settled += self._take("".join(self._partial) + "\n")
            self._partial = [piece]
        return settled

    def finish(self) -> list[Hunk]:
        """The text is complete: return the remaining hunks. The rest of the original is deleted."""
        last = "".join(self._partial)
        settled = self._take(last) if last else []
        settled += diff_lines(self._lines[self._done :], self._pending, self._done)
        self._done, self._pending, self._partial = len(self._lines), [], []
        return settled

    def _take(self, line: str) -> list[Hunk]:
        if not self._pending and self._done < len(self._lines) and self._lines[self._done] == line:
            self._done += 1
            return []
        self._pending.append(line)
        self._extend_runs(line)
        return self._settle()

    def _extend_runs(self, line: str) -> None:
        places = self._places.get(line, ())
        weight = _SURE if is_telling(line) else 1
        old, self._runs = self._runs, {}
        for number, run in old.items():
            if number < len(self._lines) and self._lines[number] == line:
                self._runs[number + 1] = _Run(run.length + 1, run.weight + weight)
        first = bisect_left(places, self._done)
        for number in places[first : first + _STARTS]:
            if number + 1 not in self._runs and len(self._runs) < _MOST_RUNS:
                self._runs[number + 1] = _Run(1, weight)

    def _settle(self) -> list[Hunk]:
        """Return the pending hunks if a run along the original is long enough to be trusted."""
        if not self._runs:
            return []
        end = min(self._runs, key=lambda number: (-self._runs[number].weight, number))
        run = self._runs[end]
        rivals = sum(other.weight == run.weight for other in self._runs.values()) - 1
        skipped = end - run.length - self._done
        lost = max(0, skipped - (len(self._pending) - run.length))  # lines deleted beyond those replaced
        lines = 2 + lost.bit_length() + skipped.bit_length() // 3 + (_RIVAL_LINES if rivals else 0)
        needed = lines * _SURE
        if run.weight < needed:
            return []
        new = self._pending[: -run.length]
        settled = list(diff_lines(self._lines[self._done : end - run.length], new, self._done))
        self._done, self._pending, self._runs = end, [], {}
        return settled


class _Run(NamedTuple):
    """The last pending lines, if they are consecutive in the original."""

    length: int
    weight: int
