"""Replacements: "these lines become those", found in the original by their content.

Knows nothing of the format they came in. Line numbers are hints only, as models miscount them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from fastapply.errors import RejectedError
from fastapply.text.diff import apply_hunks, diff_lines, lf_lines
from fastapply.text.lines import indent_of, match_final_newline
from fastapply.types import Hunk


@dataclass(frozen=True, slots=True)
class Replacement:
    """The lines `before` become `after` (without line ends; context stands in both).

    `line_hint`: where `before` is said to start, from 0. `anchors`: lines to find first, one after the other, above
    the place (the `@@ def f():` of a patch).
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    line_hint: int | None = None
    anchors: tuple[str, ...] = ()


def apply_replacements(original: str, replacements: Sequence[Replacement]) -> str:
    """The LF text with all replacements made; the final newline stays as the original has it.

    Each block is looked for as it stands, then without trailing whitespace, then without indentation (the new lines
    are indented like the place), then with context that is nearly the same.

    Raises RejectedError where a block is not found, or found in several places with nothing to tell which, or where
    two blocks overlap.
    """
    lines = original.removesuffix("\n").split("\n") if original else []
    hunks: list[Hunk] = []
    taken: list[range] = []
    drift = 0  # how far the last place was from its hint: wrong line numbers are usually all wrong by the same
    for number, replacement in enumerate(replacements, 1):
        cursor = taken[-1].stop if taken else 0
        start, same = _locate(lines, replacement, number, cursor, drift, taken)
        if replacement.line_hint is not None:
            drift = start - replacement.line_hint
        taken.append(range(start, start + len(replacement.before)))
        hunks.extend(_changes(replacement, lines[start : taken[-1].stop], start, same))
    rewritten = apply_hunks("".join(line + "\n" for line in lines), sorted(hunks, key=lambda hunk: hunk.start_line))
    return match_final_newline(original, rewritten) if original else rewritten


NEARLY = 85.0  # per cent: how much of the lines of a block must be in the file, on average
_Normal = Callable[[str], str]
_LEVELS: tuple[_Normal, ...] = (str, str.rstrip, str.strip)


def _locate(
    lines: Sequence[str], wanted: Replacement, number: int, cursor: int, drift: int, taken: Sequence[range]
) -> tuple[int, _Normal]:
    """Where the block stands, and what two equal lines have in common there."""
    floor = _after_anchors(lines, wanted.anchors, cursor, number)
    if not wanted.before:
        return _insertion_place(lines, wanted, number, floor), str
    for normal in _LEVELS:
        places = _free(_places(lines, wanted.before, normal, floor), len(wanted.before), taken)
        if places:
            return _choose(places, wanted, number, drift), normal
    near = _free(_near_places(lines, wanted, floor), len(wanted.before), taken)
    if len(near) == 1:
        return near[0], str.strip
    first = next((line.strip() for line in wanted.before if line.strip()), "")
    raise RejectedError(f"block {number} of the update is not in the file: its first line is {first[:60]!r}")


def _places(lines: Sequence[str], before: Sequence[str], normal: _Normal, floor: int) -> list[int]:
    have, want = [normal(line) for line in lines], [normal(line) for line in before]
    return [
        i for i in range(floor, len(have) - len(want) + 1) if have[i] == want[0] and have[i : i + len(want)] == want
    ]


def _free(places: Iterable[int], length: int, taken: Sequence[range]) -> list[int]:
    """Those that no other block covers."""
    return [p for p in places if not any(p < other.stop and other.start < p + length for other in taken)]


def _near_places(lines: Sequence[str], wanted: Replacement, floor: int) -> Iterator[int]:
    """Where the lines to be replaced stand as they are, and those around them nearly: models retype context."""
    have, want = [line.strip() for line in lines], [line.strip() for line in wanted.before]
    sure = _lines_that_matter(wanted)
    for place in range(floor, len(have) - len(want) + 1) if sure else ():
        if all(have[place + i] == want[i] for i in sure):
            alike = [fuzz.ratio(have[place + i], line) for i, line in enumerate(want)]
            if sum(alike) >= NEARLY * len(alike):
                yield place


def _lines_that_matter(wanted: Replacement) -> set[int]:
    """Numbers of the old lines that are replaced, and of those between which something is inserted."""
    found: set[int] = set()
    for hunk in diff_lines([line + "\n" for line in wanted.before], [line + "\n" for line in wanted.after]):
        insertion = hunk.start_line == hunk.end_line
        found.update(range(hunk.start_line - insertion, hunk.end_line + insertion))
    return {number for number in found if 0 <= number < len(wanted.before)}


def _choose(places: Sequence[int], wanted: Replacement, number: int, drift: int) -> int:
    if len(places) == 1 or wanted.anchors:
        return places[0]
    if wanted.line_hint is not None:
        expected = wanted.line_hint + drift
        best = sorted(places, key=lambda place: abs(place - expected))
        if abs(best[0] - expected) < abs(best[1] - expected):
            return best[0]
    numbers = ", ".join(str(place + 1) for place in places[:5])
    raise RejectedError(
        f"block {number} of the update fits {len(places)} places (lines {numbers}): give it more lines of context"
    )


def _after_anchors(lines: Sequence[str], anchors: Sequence[str], cursor: int, number: int) -> int:
    """The line after the anchors; 0 where there are none, so that blocks without them may come in any order."""
    if not anchors:
        return 0
    for anchor in anchors:
        found = next((i for i in range(cursor, len(lines)) if lines[i].strip() == anchor.strip()), None)
        if found is None:
            raise RejectedError(f"block {number} of the update belongs below {anchor.strip()[:60]!r}, not in the file")
        cursor = found + 1
    return cursor


def _insertion_place(lines: Sequence[str], wanted: Replacement, number: int, floor: int) -> int:
    """A block without old lines goes to its hint, below its anchors, or into an empty file."""
    if wanted.line_hint is not None:
        return min(max(wanted.line_hint, 0), len(lines))
    if wanted.anchors or not any(lines):
        return floor
    raise RejectedError(f"block {number} of the update names no lines to replace, and the file is not empty")


def _changes(wanted: Replacement, found: Sequence[str], start: int, same: _Normal) -> Iterator[Hunk]:
    """The hunks of one replacement: lines that stand in `before` and `after` keep the original's bytes."""
    indents: dict[str, str] = {}
    if same is str.strip:
        for theirs, ours in zip(wanted.before, found, strict=True):
            if theirs.strip():
                indents.setdefault(indent_of(theirs), indent_of(ours))
    for hunk in diff_lines([line + "\n" for line in wanted.before], [line + "\n" for line in wanted.after], start):
        new = (_reindented(line, indents) for line in lf_lines(hunk.new_text))
        yield Hunk(hunk.start_line, hunk.end_line, "".join(new))


def _reindented(line: str, indents: dict[str, str]) -> str:
    """The line with the longest known part of its indentation exchanged: tabs and spaces become those of the place."""
    if not indents or not line.strip():
        return line
    indent = indent_of(line)
    known = max((old for old in indents if indent.startswith(old)), key=len, default=None)
    if known is None:
        # Shallower than all that is known: as far out of the place as it is in the update.
        shallow = min(indents, key=len)
        cut = len(shallow) - len(indent)
        ours = indents[shallow]
        return ours[: max(0, len(ours) - cut)] + line[len(indent) :]
    return indents[known] + line[len(known) :]
