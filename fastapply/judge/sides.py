"""The three texts that the ledger compares: the original, its rewrite, and what the update shows of it.

Lines are compared by what they say (`said`): white space and the comma or semicolon at their end aside.
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
_MOST = 0.5  # of a file's telling lines: an update that shows as many, and no marker, is the file


def said(line: str) -> str:
    """What a line says, for comparing."""
    return " ".join(line.split()).rstrip(",;")


@lru_cache(maxsize=1 << 14)  # asked of the lines of a file again and again
def telling(text: str) -> bool:
    """Can a line tell a place? A lone bracket, an `end`, an `else:`, a fence cannot."""
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
    """A definition or block of which the update shows all. `rows` are its lines that are not blank; `led`: decorators
    or comments above its header are among them. `around`: the header of what it stands in, "" if that is not shown."""

    kind: str
    name: str
    header: str
    rows: tuple[int, ...]
    led: bool
    around: str


class Original:
    """The original's lines, its outline, and how often each text stands in it."""

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
        """The chunks with the header of a block, or with its kind and name, in what it is shown to stand in."""
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
        """Is a line the first one of an entry: `- name: wraps`, or `name: "wraps",` below a lone bracket?"""
        above = next((self.said[k] for k in range(line - 1, -1, -1) if self.said[k]), "")
        return self.said[line].startswith("- ") or above in ("{", "[", "(", "- {")

    def after(self, text: str, line: int) -> int | None:
        """The first line below `line` that says `text`."""
        places = self.places.get(text, [])
        at = bisect_right(places, line)
        return places[at] if at < len(places) else None

    def within(self, text: str, start: int, end: int) -> int:
        """How often `text` stands in the lines [start, end)."""
        places = self.places.get(text, [])
        return bisect_left(places, end) - bisect_left(places, start)


class Rewrite:
    """The rewrite's lines, and which line of the original each of them is, if it is one.

    `solid` are the numbers of the lines that are not blank; -1 and the number of lines stand for the file's ends.
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
        """The original's lines [start, end) come next."""
        shift, solid = len(self.lines) - start, self._old.solid
        self.lines += self._old.outline.lines[start:end]
        self.said += self._old.said[start:end]
        self.solid += [k + shift for k in solid[bisect_left(solid, start) : bisect_left(solid, end)]]

    def _add(self, text: str) -> None:
        """New lines come next."""
        new = text.removesuffix("\n").split("\n") if text else []
        self.solid += [len(self.lines) + k for k, line in enumerate(new) if said(line)]
        self.lines += new
        self.said += map(said, new)

    def old_of(self, line: int) -> int | None:
        """The line of the original that a line, or an end, of the rewrite is."""
        change = self.changes[at - 1] if (at := bisect_right(self._new_starts, line)) else None
        if change is None:
            return line
        return line - change.new_end + change.end if line >= change.new_end else None

    def new_of(self, line: int) -> int | None:
        """The line of the rewrite that a line of the original is."""
        change = self.changes[at - 1] if (at := bisect_right(self._starts, line)) else None
        if change is None:
            return line
        return line - change.end + change.new_end if line >= change.end else None

    def places(self, text: str) -> list[int]:
        """Where in `solid` a text stands."""
        new = [k for c in self.changes for k in range(c.new_start, c.new_end) if self.said[k] == text]
        kept = [k for line in self._old.places.get(text, ()) if (k := self.new_of(line)) is not None]
        return [bisect_left(self.solid, k) for k in sorted([*new, *kept])]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(self.said)

    def around(self, change: Change) -> tuple[int, int]:
        """Places in `solid` of the lines right above and right below a change."""
        return bisect_left(self.solid, change.new_start) - 1, bisect_left(self.solid, change.new_end)


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
        self.holed = [  # rows with a marker inside: what stands around it
            (number, at, said(found.before), said(found.after))
            for number, part in enumerate(self.parts)
            for at, row in enumerate(part)
            if (found := inline_marker(self.outline.lines[row], language)) is not None
        ]

    @cached_property
    def extracted(self) -> set[int]:
        """The lines of the original that a new definition has now."""
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
        """Where a line of the rewrite stands in the update: numbers of the part, and of the row in it."""
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
        """Rows whose text stands once in the update."""
        return {row: self.said[row] for part in self.parts for row in part if self.counts[self.said[row]] == 1}

    def _blocks(self, old: Original) -> list[Block]:
        """Those of which the update shows all; what is no definition is known by its first line, which must be the
        only one of its kind."""
        chunks = {chunk.header: chunk for chunk in self.outline.chunks[1:]}
        found = []
        for number, part in enumerate(self.parts):
            for at, row in enumerate(part):
                info, header = self.outline.info[row], self.said[row]
                only = telling(header) and row in self.pins and old.counts[header] == 1
                end, ended = extent(part[at:], self.said, self.outline.width)
                rows = part[at : at + end]
                if end < 2 or not (info.is_definition or only) or self._holed(rows):
                    continue
                if not ended and not self._closed(rows[-1], row, last=number == len(self.parts) - 1):
                    continue
                chunk = chunks.get(row)
                outer = chunk.parent.header if chunk and chunk.parent else -1
                around = self.said[outer] if outer in part else ""
                led = chunk is not None and chunk.start < row and chunk.start in part
                found.append(Block(info.kind, info.name, header, tuple(rows), led, around))
        return found

    def _holed(self, rows: Sequence[int]) -> bool:
        return any(inline_marker(self.outline.lines[row], self.language) for row in rows)

    def _closed(self, row: int, header: int, *, last: bool) -> bool:
        """Does a block end with its part? So it does with the update, and where a blank line and a marker that stands
        no deeper than its header follow."""
        if last:
            return True
        widths = self.outline.width
        marker = next(k for k in range(row + 1, len(self.said)) if self.said[k])
        return marker > row + 1 and widths[marker] <= widths[header]


def extent(lines: Sequence[int], said: Sequence[str], widths: Sequence[int]) -> tuple[int, bool]:
    """How many of `lines` the block takes that the first one heads, by their indentation, and whether its end is among
    them or comes right after."""
    header = widths[lines[0]]
    for count, line in enumerate(lines[1:], 1):
        text = said[line]
        if widths[line] > header or (count == 1 and text == "{"):
            continue
        if widths[line] < header or not (_CLOSES.match(text) or _GOES_ON.match(text)) or count == 1:
            return count, True
        if not _OPENS.search(text):
            return count + 1, True
    return len(lines), False
