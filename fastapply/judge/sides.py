"""The three texts that the ledger compares: the original, its rewrite, and what the update shows of it.

Lines are compared by what they say (`said`): white space and the comma or semicolon at their end aside.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from fastapply.align.chunks import Outline, file_outline
from fastapply.align.rows import read_snippet
from fastapply.text.diff import lf_lines, line_hunks
from fastapply.text.markers import inline_marker
from fastapply.types import Hunk

_CLOSER = re.compile(
    r"(?:[)\]}]+[;,)]*\s*)?(?:end|else|fi|done|esac|try|do|then|begin|finally|ensure|endif)?\s*[({:;,)\]]*"
    r"|</[\w.:-]*>[;,)]*|\W*[)\]}]\W*|\*/",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"[)\]}>]|</|(?:end|fi|done|esac)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_MOST = 0.5  # of a file's telling lines: an update that shows as many, and no marker, is the file


def said(line: str) -> str:
    """What a line says, for comparing."""
    return _SPACE.sub(" ", line.strip()).rstrip(",;")


def telling(text: str) -> bool:
    """Can a line tell a place? A lone bracket, an `end`, an `else:` cannot."""
    return bool(text) and not _CLOSER.fullmatch(text)


@dataclass(frozen=True, slots=True)
class Change:
    """A hunk: lines [start, end) of the original become [new_start, new_end) of the rewrite."""

    start: int
    end: int
    new_start: int
    new_end: int
    hunk: Hunk


class Original:
    """The original's lines, its outline, and how often each text stands in it."""

    def __init__(self, text: str, language: str | None) -> None:
        self.outline: Outline = file_outline(text.removesuffix("\n"), language)
        self.said = [said(line) for line in self.outline.lines]
        self.counts = Counter(self.said)
        self.places: dict[str, list[int]] = {}
        for number, line in enumerate(self.said):
            self.places.setdefault(line, []).append(number)

    def within(self, text: str, start: int, end: int) -> int:
        """How often `text` stands in the lines [start, end)."""
        places = self.places.get(text, [])
        return bisect_left(places, end) - bisect_left(places, start)


class Rewrite:
    """The rewrite's lines, and which line of the original each of them is, if it is one.

    `solid` are the numbers of the lines that are not blank; -1 and the number of lines stand for the file's ends.
    """

    def __init__(self, original: str, rewritten: str) -> None:
        self.lines = rewritten.removesuffix("\n").split("\n")
        self.said = [said(line) for line in self.lines]
        self.changes: list[Change] = []
        self.old_of: dict[int, int] = {}  # of the lines that stay
        self.new_of: dict[int, int] = {}
        length = len(original.removesuffix("\n").split("\n"))
        at = new_at = 0
        for hunk in line_hunks(original, rewritten):
            self._keep(at, hunk.start_line, new_at)
            new_start = new_at + hunk.start_line - at
            at, new_at = hunk.end_line, new_start + len(lf_lines(hunk.new_text))
            self.changes.append(Change(hunk.start_line, hunk.end_line, new_start, new_at, hunk))
        self._keep(at, length, new_at)
        self.old_of[-1], self.old_of[len(self.lines)] = -1, length
        self.solid = [-1, *(k for k, text in enumerate(self.said) if text), len(self.lines)]
        self.fresh = Counter(self.said[k] for c in self.changes for k in range(c.new_start, c.new_end))
        self.counts = Counter(self.said)

    def _keep(self, start: int, end: int, new_start: int) -> None:
        for step in range(end - start):
            self.old_of[new_start + step] = start + step
            self.new_of[start + step] = new_start + step

    def around(self, change: Change) -> tuple[int, int]:
        """Places in `solid` of the lines right above and right below a change."""
        return bisect_left(self.solid, change.new_start) - 1, bisect_left(self.solid, change.new_end)


@dataclass(frozen=True, slots=True)
class Block:
    """A definition or block of which the update shows all. `rows` are its lines that are not blank; `led`: decorators
    or comments above its header are among them."""

    kind: str
    name: str
    header: str
    rows: tuple[int, ...]
    led: bool


class Shown:
    """The update's lines in parts: each part runs from one marker to the next, blank lines left out.

    `whole`: the update is the whole file, without a marker.
    """

    def __init__(self, update: str, language: str | None, old: Original) -> None:
        items, self.outline = read_snippet(update, language, old.outline)
        self.said = [said(line) for line in self.outline.lines]
        self.parts: list[list[int]] = [[]]
        self.removals: dict[int, str] = {}
        self.marked = False
        for item in items:
            if item.kind in ("keep", "bare"):
                self.marked = True
                self.parts.append([])
            elif item.kind == "remove":
                self.removals[item.line] = item.target
            elif item.kind == "code" and self.said[item.line]:
                self.parts[-1].append(item.line)
        self.kinds = {item.line: item.kind for item in items}
        self.texts = {self.said[row] for part in self.parts for row in part}
        self.row_of = {self.said[row]: row for part in self.parts for row in part}
        self.language = language
        self.share = self._share(old)
        self.whole = not self.marked and self._spans(old) and self.share >= _MOST
        self.blocks = self._blocks(old)
        self._places: dict[str, list[tuple[int, int]]] = {}
        for number, part in enumerate(self.parts):
            for at, row in enumerate(part):
                self._places.setdefault(self.said[row], []).append((number, at))
        self.holed = [  # rows with a marker inside: what stands around it
            (number, at, said(found.before), said(found.after))
            for number, part in enumerate(self.parts)
            for at, row in enumerate(part)
            if (found := inline_marker(self.outline.lines[row], language)) is not None
        ]

    def _share(self, old: Original) -> float:
        lines = [text for text in old.said if telling(text)]
        return sum(text in self.texts for text in lines) / len(lines) if lines else 1.0

    def _spans(self, old: Original) -> bool:
        """Does the update start and end like the file?"""
        theirs = [text for text in old.said if text]
        ours = [self.said[row] for row in self.parts[0]]
        return bool(ours and theirs) and ours[0] in theirs[:3] and ours[-1] in theirs[-3:]

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where a line of the rewrite stands in the update: numbers of the part, and of the row in it."""
        holed = [(n, at) for n, at, before, after in self.holed if text.startswith(before) and text.endswith(after)]
        return self._places.get(text, []) + holed

    def is_at(self, text: str, part: int, at: int) -> bool:
        if self.said[self.parts[part][at]] == text:
            return True
        return any(
            (n, k) == (part, at) and text.startswith(before) and text.endswith(after)
            for n, k, before, after in self.holed
        )

    @cached_property
    def pins(self) -> dict[int, str]:
        """Rows whose text stands once in the update."""
        counts = Counter(self.said[row] for part in self.parts for row in part)
        return {row: self.said[row] for part in self.parts for row in part if counts[self.said[row]] == 1}

    def _blocks(self, old: Original) -> list[Block]:
        """Those of which the update shows all; what is no definition is known by its first line, which must be the
        only one of its kind."""
        found = []
        for chunk in self.outline.chunks[1:]:
            rows = tuple(k for k in range(chunk.start, chunk.end) if self.said[k] and k not in self.removals)
            if any(self.kinds.get(k) != "code" for k in rows) or len(rows) < 2 or not self._ends(rows, chunk.header):
                continue
            if any(inline_marker(self.outline.lines[k], self.language) for k in rows):
                continue
            header = self.said[chunk.header]
            if chunk.is_definition or (telling(header) and self.pins.get(chunk.header) and old.counts[header] == 1):
                found.append(Block(chunk.kind, chunk.name, header, rows, rows[0] < chunk.header))
        return found

    def _ends(self, rows: tuple[int, ...], header: int) -> bool:
        """Does the update show the end of a block: a bracket that closes it, or what comes below it?"""
        widths = self.outline.width
        if _CLOSES.match(self.said[rows[-1]]) and widths[rows[-1]] <= widths[header]:
            return True
        below = next((k for k in range(rows[-1] + 1, len(self.said)) if self.said[k]), None)
        if below is None or self.kinds.get(below) == "code":
            return True
        return below > rows[-1] + 1 and widths[below] <= widths[header]
