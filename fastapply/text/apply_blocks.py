"""Applies replacements. Each block is located in the original by its content, at strict levels first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fastapply.errors import RejectedError
from fastapply.text.diff import is_telling
from fastapply.text.lines import indent_of, match_final_newline, starts_of
from fastapply.text.placed import Edits, edits_of
from fastapply.text.places import LEVELS, FileLines, Level, Place, without_blanks
from fastapply.text.replacements import (
    Placing,
    Replacement,
    between_rests,
    changed_lines,
    changes,
    first_line,
    opened_by,
    rows_that_matter,
    spelt_out,
    with_forgotten_neighbour,
)
from fastapply.text.rows import ELIDED, Role, Row, rows_between

_MOSTLY = 0.8
_LEAST = 2  # telling lines of a new side that tell that it stands there already


def apply_replacements(original: str, replacements: Sequence[Replacement]) -> str:
    """The LF text with all replacements made and the original's final newline.

    Each block is searched for exactly, then without trailing whitespace, then without indentation (new lines are
    indented like the place), then with nearly equal context. Blocks that match exactly are placed first.

    Raises RejectedError if a block is not found, is found in several places with nothing to choose between them, or
    changes the same lines as another.
    """
    applied = apply_fitting(original, replacements)
    if applied.left:
        raise RejectedError(applied.why)
    return applied.text


@dataclass(frozen=True, slots=True)
class Applied:
    """The text with all blocks that fit, the blocks that do not, and why the first of these does not. `doubt`: what in
    the text is a guess."""

    text: str
    left: tuple[Replacement, ...]
    why: str = ""
    doubt: str = ""


def apply_fitting(original: str, replacements: Sequence[Replacement]) -> Applied:
    """`apply_replacements` for the blocks that have a sure place. The others are left out and affect none of these."""
    lines = original.removesuffix("\n").split("\n") if original else []
    search = _Search(FileLines(lines), [spelt_out(wanted, lines) for wanted in replacements])
    search.run()
    merged = Edits()
    for block in search.blocks:
        if block.edits:
            merged.add(block.edits)
    text = merged.applied(lines)
    left = [block for block in search.blocks if not block.edits]
    why = left[0].why if left else ""
    text = match_final_newline(original, text) if original else text
    return Applied(text, tuple(block.wanted for block in left), why, merged.doubt)


class _Search:
    """Locates all blocks, at strict levels first."""

    def __init__(self, file: FileLines, replacements: Sequence[Replacement]) -> None:
        self._file = file
        self.blocks = [
            Placing(wanted, number, rows_between(wanted.before, wanted.after, file.known))
            for number, wanted in enumerate(replacements, 1)
        ]
        opened = sum(map(opened_by, self.blocks))
        for block in self.blocks:
            # Insertions before a line often have that line in SEARCH only. Without it, its block would have no head.
            if opened and opened_by(block) == opened and not block.wanted.loose:
                block.rows = with_forgotten_neighbour(block.rows, opened)

    def run(self) -> None:
        for block in self.blocks:
            if (there := self._stands_already(block)) is not None:
                block.edits = Edits(start=there.start, end=there.stop)
            elif any(row.role is Role.CODE for row in block.wanted.rows):
                block.why = f"block {block.number} of the update has lines without a sign that may be old or new"
            elif not any(row.role not in ELIDED for row in block.old):
                self._insert(block)
        open_blocks = [block for block in self.blocks if not block.edits and not block.why]
        for level in LEVELS:
            open_blocks = self._at_level(open_blocks, level)
        for block in open_blocks:
            self._part_of_line(block) or self._apart(block) or self._below_heads(block) or self._near(block)
            if not block.edits and not block.why:
                first = next((line.strip() for line in block.wanted.before if line.strip()), "")
                block.why = f"block {block.number} of the update is not in the file: its first line is {first[:60]!r}"

    def _stands_already(self, block: Placing) -> range | None:
        """The lines that have the new side of a block already, if the old side stands nowhere else: agents send an edit
        twice."""
        after = [line.rstrip() for line in block.wanted.after]
        if sum(map(is_telling, after)) < _LEAST or any(row.role in ELIDED for row in block.rows):
            return None
        lines = self._file.lines
        starts = list(starts_of([line.strip() for line in after], [line.strip() for line in lines]))
        if len(starts) != 1 or not _one_deeper(after, lines[starts[0] : starts[0] + len(after)]):
            return None
        there = range(starts[0], starts[0] + len(after))
        places = (place for level in LEVELS for place in self._file.places(block.old, level))
        inside = all(line is None or line in there for place in places for line in place)
        return there if inside else None

    def _at_level(self, blocks: Sequence[Placing], level: Level) -> list[Placing]:
        """Place the blocks that this level finds, and return the others. A block with several places waits for the
        others, which may decide."""
        doubtful: list[Placing] = []
        missing: list[Placing] = []
        for block in blocks:
            places = self._free(block, level)
            if len(places) == 1 or (places and block.wanted.anchors):
                self._take(block, places[0], level.indented)
            else:
                (doubtful if places or block.why else missing).append(block)
        for block in doubtful:
            if not block.why:
                self._settle(block, self._free(block, level), level, doubtful)
        return missing

    def _free(self, block: Placing, level: Level) -> list[Place]:
        """The places of a block where no other block changes a line of it."""
        floor = self._floor(block)
        if floor is None:
            return []
        changed = {line for other in self.blocks if other.edits for line in other.edits.gone}
        places = self._file.places(block.old, level, floor)
        return [place for place in places if not changed.intersection(changed_lines(block, place))]

    def _settle(self, block: Placing, places: Sequence[Place], level: Level, doubtful: Sequence[Placing]) -> None:
        """Choose among several places: by the line number, the indentation, or the blocks around."""
        if not places:
            block.why = f"block {block.number} of the update is not in the file any more: another one changes its lines"
            return
        starts = [first_line(place) for place in places]
        chosen = self._by_hint(block, starts)
        if chosen is None:
            chosen = self._by_letter(block, places)
        if chosen is None:
            chosen = self._by_neighbours(block, starts, doubtful)
        if chosen is not None:
            self._take(block, places[chosen], level.indented)
            return
        numbers = ", ".join(str(start + 1) for start in starts[:5])
        block.why = (
            f"block {block.number} of the update fits {len(places)} places (lines {numbers}): give it more lines of "
            "context"
        )

    def _by_hint(self, block: Placing, starts: Sequence[int]) -> int | None:
        if block.wanted.line_hint is None or len(starts) == 1:
            return 0 if len(starts) == 1 else None
        expected = block.wanted.line_hint + self._drift(block)
        best = sorted(range(len(starts)), key=lambda i: abs(starts[i] - expected))
        return best[0] if abs(starts[best[0]] - expected) < abs(starts[best[1]] - expected) else None

    def _above(self, block: Placing) -> list[Placing]:
        return [other for other in self.blocks if other.number < block.number]

    def _drift(self, block: Placing) -> int:
        """The distance of the last place from its hint. Wrong line numbers are usually all wrong by the same amount."""
        for other in reversed(self._above(block)):
            if other.edits and other.wanted.line_hint is not None:
                return other.edits.start - other.wanted.line_hint
        return 0

    def _by_letter(self, block: Placing, places: Sequence[Place]) -> int | None:
        """The one place with the most exact rows."""
        old = block.old
        counts = [
            sum(at is not None and self._file.lines[at] == row.text for at, row in zip(place, old, strict=True))
            for place in places
        ]
        most = max(counts)
        return counts.index(most) if counts.count(most) == 1 else None

    def _by_neighbours(self, block: Placing, starts: Sequence[int], doubtful: Sequence[Placing]) -> int | None:
        """If as many equal blocks as places remain, they take the places in order. Otherwise the one place between the
        surrounding blocks, if all blocks are in file order."""
        same = [other for other in doubtful if other.rows == block.rows]
        waiting = [other for other in same if not other.edits]
        if len(same) > 1 and len(waiting) == len(starts):
            return waiting.index(block)
        placed = [other.edits.start for other in self.blocks if other.edits]
        if placed != sorted(placed):
            return None
        above = [other.edits.start for other in self._above(block) if other.edits]
        below = [other.edits.start for other in self.blocks if other.edits and other.number > block.number]
        if not above or not below:
            return None
        between = [i for i, start in enumerate(starts) if above[-1] < start < below[0]]
        return between[0] if len(between) == 1 else None

    def _take(self, block: Placing, place: Place, indented: bool) -> bool:
        rows = block.rows
        if not indented and (fitting := self._indented_rows(block, place)):
            rows, indented = fitting, True
        edits = edits_of(rows, place, self._file.lines, indented=indented, loose=block.wanted.loose)
        if edits is None:
            block.why = f"block {block.number} of the update does not say between which lines its new ones belong"
            return False
        block.edits = edits
        return True

    def _strays(self, block: Placing, place: Place) -> bool:
        """Does a diff quote a line that the file has elsewhere? It may be a new line that lost its sign."""
        absent = [row for row, at in zip(block.old, place, strict=True) if at is None and row.role not in ELIDED]
        return block.wanted.loose and any(row.text.strip() in self._file.known for row in absent if row.text.strip())

    def _indented_rows(self, block: Placing, place: Place) -> list[Row] | None:
        """The rows with the file's old side, if the new side is indented like the file though the old one is not."""
        if block.wanted.loose or [row for row in block.old if row.role is Role.CONTEXT] == block.rows:
            return None
        wanted = block.wanted
        there = [row.text if at is None else self._file.lines[at] for at, row in zip(place, block.old, strict=True)]
        indents = list(map(indent_of, there))
        before = [indent + row.text.lstrip(" \t") for indent, row in zip(indents, block.old, strict=True)]
        if len(before) != len(wanted.before) or any(row.role in ELIDED for row in block.old):
            return None
        raw, bare = {line.rstrip() for line in before}, {line.strip() for line in before}
        quoted = [line.rstrip() for line in wanted.after if is_telling(line) and line.strip() in bare]
        fits = [line for line in quoted if line in raw]
        shallow = min((len(indent_of(line)) for line in wanted.after if line.strip()), default=0)
        told = any(line[0].isspace() for line in fits) and list(wanted.before) != before
        told = told and shallow >= min(map(len, indents), default=0)  # else both sides lost their indentation
        return rows_between(before, wanted.after, ()) if told and len(fits) >= _MOSTLY * len(quoted) else None

    def _floor(self, block: Placing) -> int | None:
        """The line of the last anchor, which may be the first old row. 0 without anchors, so that such blocks may be in
        any order. None, with a reason, if an anchor is missing."""
        anchors = block.wanted.anchors
        if not anchors:
            return 0
        above = [other.edits for other in self._above(block) if other.edits]
        missing = ""
        for cursor in (above[-1].end if above else 0, 0):
            floor = self._anchored(anchors, cursor)
            if isinstance(floor, int):
                return floor
            missing = floor
        block.why = f"block {block.number} of the update belongs below {missing[:60]!r}, not in the file"
        return None

    def _anchored(self, anchors: Sequence[str], cursor: int) -> int | str:
        """The line of the last anchor, or the first anchor that is missing."""
        for anchor in anchors:
            found = self._anchor(anchor.strip(), cursor)
            if found is None:
                return anchor.strip()
            cursor = found + 1
        return cursor - 1

    def _anchor(self, text: str, cursor: int) -> int | None:
        """The first line from `cursor` on that equals the anchor, or else the only one that contains it."""
        lines = range(cursor, len(self._file.lines))
        same = next((i for i in lines if self._file.lines[i].strip() == text), None)
        if same is not None:
            return same
        bare = without_blanks(text)
        with_it = [i for i in lines if bare and bare in without_blanks(self._file.lines[i])]
        return with_it[0] if len(with_it) == 1 else None

    def _insert(self, block: Placing) -> None:
        """A block without old lines goes to its hint, below its anchors, or into an empty file."""
        lines = self._file.lines
        floor = self._floor(block)
        if block.why:
            return
        if block.wanted.line_hint is not None:
            at = min(max(block.wanted.line_hint, 0), len(lines))
        elif block.wanted.anchors or not any(lines):
            at = floor + 1 if floor is not None and block.wanted.anchors else 0
        else:
            block.why = f"block {block.number} of the update names no lines to replace, and the file is not empty"
            return
        block.edits = Edits.insertion(at, [row.text for row in block.rows if row.role is Role.NEW])

    def _part_of_line(self, block: Placing) -> bool:
        """A block that begins or ends within a line replaces that text, if it is unique."""
        old, new = ("\n".join(side) for side in (block.wanted.before, block.wanted.after))
        if block.wanted.loose or any(row.role in ELIDED for row in block.rows):
            return False
        edits = Edits.within(self._file.lines, old, new)
        if edits and not any(other.edits and other.edits.clashes(edits) for other in self.blocks):
            block.edits = edits
        return block.edits is not None

    def _apart(self, block: Placing) -> bool:
        """The parts of a diff between its markers may be in any order, if each is unique."""
        if not block.wanted.loose or not any(row.role is Role.REST for row in block.rows):
            return False
        parts = between_rests(block)
        if not any(part.rows != block.rows and changes(part.rows) for part in parts):
            return False
        together = Edits()
        for part in parts:
            if not changes(part.rows):
                continue
            if not self._alone(part):
                return False
            assert part.edits
            if together.clashes(part.edits):
                return False
            together.add(part.edits)
        block.edits = together
        return True

    def _below_heads(self, block: Placing) -> bool:
        """The first lines of a diff's context may only say in what the block is. Its place is then below them, if there
        is one, unless new lines belong right below a head."""
        if not block.wanted.loose:
            return False
        roles = [row.role for row in block.rows]
        most = next((i for i, role in enumerate(roles) if role is not Role.CONTEXT), 0)
        for count in range(1, most + (most < len(roles) and roles[most] is Role.GONE)):
            heads = tuple(row.text for row in block.rows[:count])
            wanted = replace(block.wanted, anchors=(*block.wanted.anchors, *filter(str.strip, heads)))
            below = Placing(wanted, block.number, block.rows[count:])
            if any(is_telling(row.text) for row in below.old) and self._only_place(below, partial(self._free, below)):
                block.edits = below.edits
                return True
        return False

    def _alone(self, part: Placing) -> bool:
        if not part.old:
            return False
        taken = self._only_place(part, partial(self._file.places, part.old))
        return self._near(part) if taken is None else taken

    def _only_place(self, part: Placing, places_at: Callable[[Level], list[Place]]) -> bool | None:
        """Take the place at the strictest level that has any, if it is the only one there. None: no level has one."""
        for level in LEVELS:
            if places := places_at(level):
                return len(places) == 1 and self._take(part, places[0], level.indented)
        return None

    def _near(self, block: Placing) -> bool:
        floor = self._floor(block)
        if floor is None:
            return False
        places = self._file.near(block.old, floor, rows_that_matter(block.rows))
        changed = {line for other in self.blocks if other.edits for line in other.edits.gone}
        if len(places) != 1 or self._strays(block, places[0]) or changed.intersection(changed_lines(block, places[0])):
            return False
        return self._take(block, places[0], False)


def _one_deeper(lines: Sequence[str], others: Sequence[str]) -> bool:
    """Is one side indented like the other, or all of it deeper by the same blanks?"""
    indents = [(indent_of(a), indent_of(b)) for a, b in zip(lines, others, strict=True) if a.strip()]
    return all(b.endswith(a) for a, b in indents) and len({b.removesuffix(a) for a, b in indents}) == 1
