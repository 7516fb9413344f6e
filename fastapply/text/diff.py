"""Line diffs: minimal hunks between two texts, all at once, and as a unified diff.

Knows LF text only: a line ends at "\\n" and nowhere else, as for git, so other line ends are simply part of a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import LCSseq

from fastapply.types import Hunk

_CONTEXT = 3
_FIRST_ID = 0xE000  # above the surrogates, so that every id is a valid character


def lf_lines(text: str) -> list[str]:
    """The lines of `text` with their "\\n"; the last one may lack it."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def line_hunks(original: str, rewritten: str) -> tuple[Hunk, ...]:
    """The hunks that turn `original` into `rewritten`; they keep as many lines as any diff can."""
    return tuple(diff_lines(lf_lines(original), lf_lines(rewritten)))


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
    """One character a line, equal where the lines are."""
    return "".join(ids.setdefault(line, chr(_FIRST_ID + len(ids))) for line in lines)


def _changed_ranges(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """The maximal ranges (old start, old end, new start, new end) between the common lines."""
    if not old or not new:  # nothing in common, and no need to ask
        if old or new:
            yield 0, len(old), 0, len(new)
        return
    old_at = new_at = 0
    for block in LCSseq.opcodes(old, new).as_matching_blocks():  # its last block is empty and stands at both ends
        if block.a > old_at or block.b > new_at:
            yield old_at, block.a, new_at, block.b
        old_at, new_at = block.a + block.size, block.b + block.size


def apply_hunks(original: str, hunks: Sequence[Hunk]) -> str:
    """`original` with ascending hunks applied. Raises ValueError where they overlap, descend or are out of range."""
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
    """The difference as `git apply` and `patch` take it, three lines of context; "" where there is none."""
    lines = lf_lines(original)
    groups = list(_groups(line_hunks(original, rewritten)))
    if not groups:
        return ""
    name = path.lstrip("/") + ("\t" if " " in path else "")  # git ends a name that holds a space with a tab
    out = [f"--- a/{name}\n", f"+++ b/{name}\n"]
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


def _groups(hunks: Sequence[Hunk]) -> Iterator[list[Hunk]]:
    """Hunks whose contexts touch, together."""
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk.start_line - group[-1].end_line > 2 * _CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


def _range(start: int, count: int) -> str:
    """A range of a hunk header: counted from 1, but an empty range names the line before it."""
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
