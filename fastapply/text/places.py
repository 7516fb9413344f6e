"""The places of an update's old rows in a file, found exactly at first and then more and more leniently.

A *place* gives each old row its line of the file, or None if the file has no such line (often a blank one).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import fuzz

from fastapply.text.lines import brief, indent_of
from fastapply.text.rows import ELIDED, Role, Row

Place = tuple[int | None, ...]
_Normal = Callable[[str], str]

NEARLY = 85.0  # per cent: the average similarity that a block must have to the file
_ALIKE = 60.0  # per cent: lines less similar than this are different
_GAP, _ABSENT = 0.05, 0.5  # in lines: the costs of skipping lines of the file, and of a row that it lacks
_SHIFTED = 0.1  # in lines: the cost of different white space
_MARGIN = 0.25  # places within this cost of the best are equally likely
_MOST_CELLS = 600_000  # of the table for a lenient search: about a second
_MOST_PLACES = 200
_MOST_MOVED = 6
_CUT, _CUT_COSTS = 6, 0.05  # characters that identify a line by its beginning, and the cost of omitting the rest
_LONE_CLOSER = re.compile(r"\W*(?:(?:end|fi|done|esac)\b\W*)?")  # does not mark its place
_FOLDED = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"'))


def without_blanks(line: str) -> str:
    """A line without white space, and with plain dashes and quotes."""
    return "".join(without_signs(line).split())


def without_signs(line: str) -> str:
    """A line with plain dashes, quotes and blanks."""
    return line if line.isascii() else unicodedata.normalize("NFKC", line.translate(_FOLDED))


def in_own_signs(snippet: str, original: str) -> str:
    """A snippet whose lines keep the file's own dashes, quotes and blanks where they differ from it in nothing else."""
    if snippet.isascii() and original.isascii():
        return snippet
    own: dict[str, set[str]] = {}
    for line in original.split("\n"):
        own.setdefault(without_blanks(line), set()).add(line.strip())
    lines = snippet.split("\n")
    for k, line in enumerate(lines):
        theirs = own.get(without_blanks(line), set())
        if line.strip() in theirs or len(theirs) != 1:
            continue
        text = next(iter(theirs))
        if not (line.isascii() and text.isascii()) and _plain(line) == _plain(text):  # plain blanks are meant as sent
            lines[k] = indent_of(line) + text
    return "\n".join(lines)


def _plain(line: str) -> str:
    """A line with plain signs and single blanks."""
    return " ".join(without_signs(line).split())


def without_comma(line: str) -> str:
    return line.strip().removesuffix(",").rstrip()


class Level(NamedTuple):
    """How two lines are compared. `blank_lines`: blank lines count. `indented`: equal lines have equal indentation."""

    normal: _Normal
    blank_lines: bool
    indented: bool


LEVELS = (
    Level(str, True, True),
    Level(str.rstrip, True, True),
    Level(str.strip, True, False),
    Level(str.rstrip, False, True),
    Level(str.strip, False, False),
    Level(without_blanks, False, False),
    Level(without_comma, False, False),
)


@dataclass(frozen=True)
class _View:
    """A file's lines at one level: their numbers, their normal forms, and where each form occurs."""

    numbers: Sequence[int]
    texts: Sequence[str]

    @cached_property
    def places_of(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, text in enumerate(self.texts):
            found.setdefault(text, []).append(at)
        return found

    def runs(self, wanted: Sequence[str]) -> list[int]:
        """Where `wanted` occurs as consecutive lines."""
        rare = min(range(len(wanted)), key=lambda i: len(self.places_of.get(wanted[i], ())))
        starts = (at - rare for at in self.places_of.get(wanted[rare], ()))
        return [at for at in starts if at >= 0 and list(self.texts[at : at + len(wanted)]) == list(wanted)]


class FileLines:
    """A file's lines, and the places of rows in them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._views: dict[Level, _View] = {}

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(line.strip() for line in self.lines)

    def _view(self, level: Level) -> _View:
        if level not in self._views:
            numbers = [n for n, line in enumerate(self.lines) if level.blank_lines or line.strip()]
            self._views[level] = _View(numbers, [level.normal(self.lines[n]) for n in numbers])
        return self._views[level]

    def places(self, old: Sequence[Row], level: Level, floor: int = 0) -> list[Place]:
        """All places of the old rows at or below the line `floor`. Parts between elisions follow each other."""
        parts = list(_parts(old, level))
        if not parts:
            return []
        view = self._view(level)
        spots = [view.runs([level.normal(old[i].text) for i in part]) for part in parts]
        found = []
        for start in spots[0][:_MOST_PLACES]:
            chain = self._chain(start, parts, spots, view) if view.numbers[start] >= floor else None
            if chain:
                lines: list[int | None] = [None] * len(old)
                for part, at in zip(parts, chain, strict=True):
                    for offset, row in enumerate(part):
                        lines[row] = view.numbers[at + offset]
                found.append(self._with_blanks(old, lines))
        return found

    def _chain(
        self, start: int, parts: Sequence[Sequence[int]], spots: Sequence[Sequence[int]], view: _View
    ) -> list[int] | None:
        """The nearest spot of each part below the one before. None if there is none, or if the next spot in the same
        block fits as well."""
        chain = [start]
        for part, at in zip(parts[1:], spots[1:], strict=True):
            end = chain[-1] + len(parts[len(chain) - 1])
            below = self._closing(view, chain, parts, [spot for spot in at if spot >= end])
            if not below:
                return None
            doubtful = len(below) > 1 and not self._ends_block(view, start, below[0] + len(part) - 1)
            if doubtful and self._same_block(view, below[0], below[1], len(part)):
                return None
            chain.append(below[0])
        return chain

    def _closing(
        self, view: _View, chain: Sequence[int], parts: Sequence[Sequence[int]], below: list[int]
    ) -> list[int]:
        """The spots of a part. For a lone closer, those as deep as the beginning of what is above it."""
        length = len(parts[len(chain)])
        if not below or not _only_closes(view.texts[below[0] : below[0] + length]):
            return below
        above = [view.numbers[at + i] for at, part in zip(chain, parts, strict=False) for i in range(len(part))]
        depth = min(len(indent_of(self.lines[number])) for number in above)
        level = [spot for spot in below if len(indent_of(self.lines[view.numbers[spot]])) == depth]
        return level or below

    def _ends_block(self, view: _View, first: int, last: int) -> bool:
        """Is one line the lone closer of what the other begins?"""
        head, closer = (self.lines[view.numbers[at]] for at in (first, last))
        return bool(closer.strip()) and _only_closes([closer]) and indent_of(head) == indent_of(closer)

    def _same_block(self, view: _View, first: int, second: int, length: int) -> bool:
        texts = [self.lines[view.numbers[at]] for at in range(first, second)]
        if _only_closes(texts[:length]):
            return False  # a lone closer ends the block above it
        depth = len(indent_of(texts[0]))
        return not any(text.strip() and len(indent_of(text)) < depth for text in texts)

    def _with_blanks(self, old: Sequence[Row], lines: list[int | None]) -> Place:
        """Match blank rows with the blank lines beside the same neighbour."""
        for i, row in enumerate(old):
            above = lines[i - 1] if i else None
            if lines[i] is None and row.role not in ELIDED and not row.text.strip() and above is not None:
                lines[i] = self._blank(above + 1, lines)
        for i in range(len(old) - 2, -1, -1):
            below = lines[i + 1]
            if lines[i] is None and old[i].role not in ELIDED and not old[i].text.strip() and below:
                lines[i] = self._blank(below - 1, lines)
        return tuple(lines)

    def _blank(self, number: int, taken: Sequence[int | None]) -> int | None:
        free = 0 <= number < len(self.lines) and not self.lines[number].strip() and number not in taken
        return number if free else None

    def near(self, old: Sequence[Row], floor: int, exact: frozenset[int]) -> list[Place]:
        """Places that nearly match: rows may be retyped or missing, and lines of the file may be skipped.

        `exact`: rows that must match. Returns one place, or the best two if nothing distinguishes them.
        """
        filled = [i for i, row in enumerate(old) if row.role in ELIDED or row.text.strip()]
        lines = [n for n, line in enumerate(self.lines) if n >= floor and line.strip()]
        if not filled or len(filled) * len(lines) > _MOST_CELLS:
            return []
        table = _RowAlignment(
            [old[i] for i in filled], [self.lines[n] for n in lines], {filled.index(i) for i in exact}
        )
        best = table.path()
        if best is None:
            return []
        found = [best, *(other for other in table.others(best[1]) if other[0] <= best[0] + _MARGIN)][:2]
        places = []
        for _, path in found:
            place: list[int | None] = [None] * len(old)
            for row, line in path.items():
                place[filled[row]] = lines[line]
            places.append(self._with_blanks(old, place))
        return places


def _only_closes(texts: Sequence[str]) -> bool:
    return all(_LONE_CLOSER.fullmatch(text) for text in texts)


def _parts(old: Sequence[Row], level: Level) -> Iterator[list[int]]:
    """The numbers of the rows that must be consecutive, one list per part between elisions."""
    part: list[int] = []
    for i, row in enumerate(old):
        if row.role in ELIDED:
            if part:
                yield part
            part = []
        elif level.blank_lines or row.text.strip():
            part.append(i)
    if part:
        yield part


class _RowAlignment:
    """The cheapest alignment of rows with lines. A cost of 1 is a whole line."""

    def __init__(self, rows: Sequence[Row], lines: Sequence[str], exact: set[int]) -> None:
        self.exact = exact
        self._rows, self._lines = rows, [without_blanks(line) for line in lines]
        self._raw = [line.rstrip() for line in lines]
        self._brief = [brief(line.strip()) for line in lines]
        self._costs = [self._row_costs(i) for i in range(len(rows))]

    def _row_costs(self, row: int) -> dict[int, float]:
        """The cost of each line that can be the row."""
        if self._rows[row].role in ELIDED:
            return {}
        text = self._rows[row].text
        bare, stripped = without_blanks(text), text.strip()
        same = {at: 0.0 for at, line in enumerate(self._lines) if line == bare}
        if row == len(self._rows) - 1 and self._rows[row].role is Role.CONTEXT and len(bare) >= _CUT:
            # The last line of a search is often cut off.
            same = {at: _CUT_COSTS * (line != bare) for at, line in enumerate(self._lines) if line.startswith(bare)}
        if row in self.exact:
            return same
        alike = ((at, fuzz.ratio(brief(stripped), line, score_cutoff=_ALIKE)) for at, line in enumerate(self._brief))
        return {at: 1 - score / 100 for at, score in alike if score} | same

    def others(self, path: dict[int, int]) -> Iterator[tuple[float, dict[int, int]]]:
        """The best alignments with one of the exact rows at another line."""
        movable = [row for row in sorted(self.exact) if row in path and len(self._costs[row]) > 1]
        for row in movable[:_MOST_MOVED]:
            if other := self.path((row, path[row])):
                yield other

    def path(self, barred: tuple[int, int] | None = None) -> tuple[float, dict[int, int]] | None:
        """The cost, and the line of each row that has one. `barred`: a row and a line that it must not take."""
        infinite = float("inf")
        count = len(self._lines)
        # best[j]: the cheapest alignment of the rows so far that ends before line j. A gap is paid when it closes.
        best = [0.0] * (count + 1)
        steps: list[list[int]] = []
        first, elided = True, False
        for i, row in enumerate(self._rows):
            if row.role in ELIDED:
                elided = True
                steps.append([])
                continue
            gap = 0.0 if first or elided else _GAP
            reach, run, origin = infinite, -1, [-1] * (count + 1)
            absent = infinite if i in self.exact else _ABSENT
            following = [cost + absent for cost in best]
            for j in range(count):
                reach += gap
                if best[j] < reach:
                    reach, run = best[j], j
                cost = self._costs[i].get(j)
                if cost is None or (i, j) == barred:
                    continue
                cost += reach + _SHIFTED * (self._raw[j] != self._rows[i].text.rstrip())
                if cost < following[j + 1]:
                    following[j + 1], origin[j + 1] = cost, run
            steps.append(origin)
            best = following
            first, elided = False, False
        return self._walk(best, steps)

    def _walk(self, best: Sequence[float], steps: Sequence[Sequence[int]]) -> tuple[float, dict[int, int]] | None:
        end = min(range(len(best)), key=best.__getitem__)
        path: dict[int, int] = {}
        at = end
        for i in range(len(steps) - 1, -1, -1):
            if steps[i] and steps[i][at] >= 0:
                path[i] = at - 1
                at = steps[i][at]
        rows = [i for i in range(len(steps)) if steps[i]]
        misquoted = sum(self._costs[i].get(path[i], 1.0) if i in path else 1.0 for i in rows)
        if not path or misquoted > (1 - NEARLY / 100) * len(rows):
            return None
        return best[end], path
