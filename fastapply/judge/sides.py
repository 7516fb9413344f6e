"""The three texts that the ledger compares: the original, its rewrite, and what the update shows.

Lines are compared by what they say (`said`), regardless of white space and a final comma or semicolon.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from fastapply.align.chunks import Chunk, Outline, file_outline
from fastapply.align.extracted import extracted
from fastapply.align.field import Field
from fastapply.align.rows import read_snippet
from fastapply.align.whole import shown_line_for_line
from fastapply.text.diff import line_hunks
from fastapply.text.markers import inline_marker
from fastapply.types import Hunk

_CLOSER = re.compile(
    r"(?:[)\]}]+[;,)]*\s*)?(?:end|else|fi|done|esac|try|do|then|begin|finally|ensure|endif)?\s*[({:;,)\]]*"
    r"|</[\w.:-]*>[;,)]*|#\s*(?:endif|else|endregion)|\W*",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"[)\]}>]|</|(?:end|fi|done|esac)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure)\b")
_OPENS = re.compile(r"(?:[{(\[:]|\b(?:then|do|else|ensure|finally|rescue\b.*))$")
_HEADER_GOES_ON = re.compile(r"where\b")  # of Rust and C#
PLAIN_STRING = re.compile(r"\"[^\"{}$#\n]*\"|'[^'{}$#\n]*'")  # without interpolation: its words use no names
_MOST = 0.5  # share of a file's telling lines; an update without markers that shows as many may be the whole file


def said(line: str) -> str:
    """The part of a line that is compared."""
    return " ".join(line.split()).rstrip(",;")


@lru_cache(maxsize=1 << 14)  # called repeatedly for the same lines
def telling(text: str) -> bool:
    """Can a line mark a place? A lone bracket, `end`, `else:` or fence cannot."""
    return bool(text) and not _CLOSER.fullmatch(text)


@dataclass(frozen=True, slots=True)
class Change:
    """A hunk: lines [start, end) of the original become [new_start, new_end) of the rewrite."""

    start: int
    end: int
    new_start: int
    new_end: int
    hunk: Hunk


@dataclass(frozen=True, slots=True)
class Block:
    """A definition or block that the update shows whole. `rows` are its solid lines. `led`: they include decorators or
    comments above the header. `around`: the header of the enclosing chunk, "" if the update does not show it. `ends`:
    its end is among the rows or right below; otherwise the update ends with it."""

    kind: str
    name: str
    header: str
    rows: tuple[int, ...]
    led: bool
    around: str
    ends: bool = True


class Original:
    """The original's lines and outline, and where each text occurs."""

    def __init__(self, text: str, language: str | None) -> None:
        self.text = text
        self.outline: Outline = file_outline(text.removesuffix("\n"), language)
        self.said = [said(line) for line in self.outline.lines]
        self.solid = [k for k, line in enumerate(self.said) if line]
        self.counts = Counter(self.said)
        self.places: dict[str, list[int]] = {}
        for number, line in enumerate(self.said):
            self.places.setdefault(line, []).append(number)
        self._headed: dict[str, list[Chunk]] = {}
        self._named: dict[tuple[str, str], list[Chunk]] = {}
        for chunk in self.outline.chunks[1:]:
            self._headed.setdefault(self.said[chunk.header], []).append(chunk)
            self._named.setdefault((chunk.kind, chunk.name), []).append(chunk)

    def alike(self, block: Block) -> list[Chunk]:
        """The chunks with the header of a block, or its kind and name, inside the chunk that the update shows around
        it."""
        same = self._headed.get(block.header, [])
        named = self._named.get((block.kind, block.name), []) if block.name else []
        found = {chunk.index: chunk for chunk in (*same, *named)}.values()
        return [chunk for chunk in found if block.around in ("", self._around(chunk))]

    def _around(self, chunk: Chunk) -> str:
        return self.said[chunk.parent.header] if chunk.parent and chunk.parent.header >= 0 else "?"

    def headed(self, line: int) -> bool:
        """Is a line the header of a chunk?"""
        return any(chunk.header == line for chunk in self._headed.get(self.said[line], []))

    def begins_entry(self, line: int) -> bool:
        """Is a line the first of an entry, such as `- name: wraps`, or `name: "wraps",` below a lone bracket?"""
        above = next((self.said[k] for k in range(line - 1, -1, -1) if self.said[k]), "")
        return self.said[line].startswith("- ") or above in ("{", "[", "(", "- {")

    def after(self, text: str, line: int) -> int | None:
        """The first line below `line` that says `text`."""
        places = self.places.get(text, [])
        at = bisect_right(places, line)
        return places[at] if at < len(places) else None

    def within(self, text: str, start: int, end: int) -> int:
        """How often `text` occurs in the lines [start, end)."""
        places = self.places.get(text, [])
        return bisect_left(places, end) - bisect_left(places, start)


class Rewritten:
    """The rewrite's lines, and the line of the original that each unchanged line comes from.

    `solid` has the numbers of the lines that are not blank. -1 and the number of lines stand for the ends of the file.
    """

    def __init__(self, old: Original, original: str, rewritten: str) -> None:
        self._old = old
        self.lines: list[str] = []
        self.said: list[str] = []
        self.changes: list[Change] = []
        self.solid = [-1]
        at = 0
        for hunk in line_hunks(original, rewritten):
            self._keep(at, hunk.start_line)
            new_start, at = len(self.lines), hunk.end_line
            self._add(hunk.new_text)
            self.changes.append(Change(hunk.start_line, hunk.end_line, new_start, len(self.lines), hunk))
        self._keep(at, len(old.said))
        self.solid.append(len(self.lines))
        self._starts = [change.start for change in self.changes]
        self._new_starts = [change.new_start for change in self.changes]
        self.fresh = Counter(self.said[k] for c in self.changes for k in range(c.new_start, c.new_end))

    def _keep(self, start: int, end: int) -> None:
        """Append the original's lines [start, end)."""
        shift, solid = len(self.lines) - start, self._old.solid
        self.lines += self._old.outline.lines[start:end]
        self.said += self._old.said[start:end]
        self.solid += [k + shift for k in solid[bisect_left(solid, start) : bisect_left(solid, end)]]

    def _add(self, text: str) -> None:
        """Append new lines."""
        new = text.removesuffix("\n").split("\n") if text else []
        self.solid += [len(self.lines) + k for k, line in enumerate(new) if said(line)]
        self.lines += new
        self.said += map(said, new)

    def old_of(self, line: int) -> int | None:
        """The line of the original for a line, or an end, of the rewrite. None if the line is new."""
        change = self.changes[at - 1] if (at := bisect_right(self._new_starts, line)) else None
        if change is None:
            return line
        return line - change.new_end + change.end if line >= change.new_end else None

    def new_of(self, line: int) -> int | None:
        """The line of the rewrite for a line of the original. None if it is deleted."""
        change = self.changes[at - 1] if (at := bisect_right(self._starts, line)) else None
        if change is None:
            return line
        return line - change.end + change.new_end if line >= change.end else None

    @cached_property
    def keeps_last(self) -> bool:
        """Is the original's last line that is not blank also the rewrite's?"""
        return len(self.solid) > 2 and bool(self._old.solid) and self.old_of(self.solid[-2]) == self._old.solid[-1]

    def said_at(self, place: int) -> str:
        """The text of the line at a place in `solid`. "" for the ends of the file."""
        return self.said[self.solid[place]] if 0 < place < len(self.solid) - 1 else ""

    def places(self, text: str) -> list[int]:
        """The places of a text in `solid`."""
        new = [k for c in self.changes for k in range(c.new_start, c.new_end) if self.said[k] == text]
        kept = [k for line in self._old.places.get(text, ()) if (k := self.new_of(line)) is not None]
        return [bisect_left(self.solid, k) for k in sorted([*new, *kept])]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(self.said)

    def around(self, change: Change) -> tuple[int, int]:
        """The places in `solid` of the lines right above and right below a change."""
        return bisect_left(self.solid, change.new_start) - 1, bisect_left(self.solid, change.new_end)


class Shown:
    """The update's lines in parts, which are separated by markers. Blank lines are left out.

    `whole`: the update is the whole file and has no marker. `begins`: a marker follows its first lines, so these may be
    the start of the file. `ends`: a marker comes before its last lines, so these may be its end.
    """

    def __init__(self, update: str, language: str | None, old: Original) -> None:
        rows, self.outline = read_snippet(update, language, old.outline)
        self.said = [said(line) for line in self.outline.lines]
        self.parts: list[list[int]] = [[]]
        self.removals: dict[int, str] = {}
        self.marked = False
        for shown in rows:
            if shown.kind in ("keep", "bare"):
                self.marked = True
                self.parts.append([])
            elif shown.kind == "remove":
                self.removals[shown.line] = shown.target
            elif shown.kind == "code" and self.said[shown.line]:
                self.parts[-1].append(shown.line)
        self.begins = self.marked and bool(self.parts[0])
        self.ends = self.marked and bool(self.parts[-1])
        self.kinds = {shown.line: shown.kind for shown in rows}
        self.counts = Counter(self.said[row] for part in self.parts for row in part)
        self.texts = {self.said[row] for part in self.parts for row in part}
        self.names = {chunk.name for chunk in self.outline.definitions}
        self._old = old
        self.language = language
        self.share = self._share(old)
        spans = self._spans(old) and self.share >= _MOST
        self.whole = not self.marked and (spans or shown_line_for_line(old.text, update, language) is not None)
        self.blocks = self._blocks(old)
        self._places: dict[str, list[tuple[int, int]]] = {}
        for number, part in enumerate(self.parts):
            for at, row in enumerate(part):
                self._places.setdefault(self.said[row], []).append((number, at))
        self.holed = [  # rows with a marker inside, and the code around it
            (number, at, said(found.before), said(found.after))
            for number, part in enumerate(self.parts)
            for at, row in enumerate(part)
            if (found := inline_marker(self.outline.lines[row], language)) is not None
        ]

    @cached_property
    def extracted(self) -> set[int]:
        """The lines of the original that moved into a new definition."""
        field = Field(self._old.outline)
        return {field.solid[column] for run in extracted(field, self.outline) for column in run}

    def _share(self, old: Original) -> float:
        lines = [text for text in old.said if telling(text)]
        return sum(text in self.texts for text in lines) / len(lines) if lines else 1.0

    def _spans(self, old: Original) -> bool:
        """Does the update start and end like the file?"""
        theirs = [text for text in old.said if text]
        ours = [self.said[row] for row in self.parts[0]]
        return bool(ours and theirs) and ours[0] in theirs[:3] and ours[-1] in theirs[-3:]

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where the update shows a line of the rewrite: the part, and the place in it."""
        holed = [(n, at) for n, at, before, after in self.holed if text.startswith(before) and text.endswith(after)]
        return self._places.get(text, []) + holed

    def row_of(self, text: str) -> int | None:
        """A row that shows a line of the rewrite."""
        return next((self.parts[part][at] for part, at in self.places(text)), None)

    def is_at(self, text: str, part: int, at: int) -> bool:
        hole = next(((before, after) for n, k, before, after in self.holed if (n, k) == (part, at)), None)
        if hole is None or text in self._old.counts:
            return self.said[self.parts[part][at]] == text
        return text.startswith(hole[0]) and text.endswith(hole[1]) and text != self.said[self.parts[part][at]]

    @cached_property
    def pins(self) -> dict[int, str]:
        """The rows whose text is unique in the update."""
        return {row: self.said[row] for part in self.parts for row in part if self.counts[self.said[row]] == 1}

    def _blocks(self, old: Original) -> list[Block]:
        """The blocks that the update shows whole. A block that is not a definition must have a unique first line."""
        chunks = {chunk.header: chunk for chunk in self.outline.chunks[1:]}
        found = []
        for number, part in enumerate(self.parts):
            for at, row in enumerate(part):
                info, header = self.outline.info[row], self.said[row]
                only = telling(header) and row in self.pins and old.counts[header] == 1
                end, ended = extent(part[at:], self.said, self.outline.width)
                rows = part[at : at + end]
                whole = end > 1 or (ended and self._is_alias(row))
                if not whole or not (info.is_definition or only) or self._holed(rows):
                    continue
                if not ended and not self._closed(rows[-1], row, last=number == len(self.parts) - 1):
                    continue
                chunk = chunks.get(row)
                outer = chunk.parent.header if chunk and chunk.parent else -1
                around = self.said[outer] if outer in part else ""
                led = chunk is not None and chunk.start < row and chunk.start in part
                found.append(Block(info.kind, info.name, header, tuple(rows), led, around, ended))
        return found

    def _is_alias(self, row: int) -> bool:
        """Is a row all of a type: `type Id = string`?"""
        return self.outline.info[row].kind == "type" and "=" in self.said[row] and not _OPENS.search(self.said[row])

    def _holed(self, rows: Sequence[int]) -> bool:
        return any(inline_marker(self.outline.lines[row], self.language) for row in rows)

    def _closed(self, row: int, header: int, *, last: bool) -> bool:
        """Does a block end with its part? It does at the end of the update, and if a blank line and a marker no deeper
        than its header follow. A marker left of the header will do if the author indents markers at all."""
        if last:
            return True
        widths = self.outline.width
        marker = next(k for k in range(row + 1, len(self.said)) if self.said[k])
        if widths[marker] < widths[header] and any(widths[k] for k in self.outline.markers):
            return True
        return marker > row + 1 and widths[marker] <= widths[header]


def extent(lines: Sequence[int], said: Sequence[str], widths: Sequence[int]) -> tuple[int, bool]:
    """The number of `lines`, from the first, that form a block by their indentation. The flag tells whether the block's
    end is among them or right below."""
    header = widths[lines[0]]
    for count, line in enumerate(lines[1:], 1):
        text = said[line]
        if widths[line] > header or (widths[line] == header and (text == "{" or _HEADER_GOES_ON.match(text))):
            continue
        if widths[line] < header or not (_CLOSES.match(text) or _GOES_ON.match(text)) or count == 1:
            return count, True
        if not _OPENS.search(text):
            return count + 1, True
    return len(lines), False
