"""Sent snippets with two sides: diffs, hybrids of markers and signs, search blocks, patches.

A hunk's old side occurs once in the original, so its place is clear without line numbers.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import pairwise

from fastapply_lab.data import sent_styles as styles
from fastapply_lab.data.answerable import kept_rows
from fastapply_lab.data.compare import ChangedLines, telling
from fastapply_lab.data.sent_edit import headers, indentation, stands_once
from fastapply_lab.data.sent_markers import Markers
from fastapply_lab.data.shown import Sides
from fastapply_lab.data.styles import draw

SignedLine = tuple[str, str]  # a sign of " -+", and the text
_MOST_CONTEXT = 8
_SIGNED = re.compile(r"[-+@\\]")
_SEPARATOR = re.compile(r"^\s*(<{5,}|={5,}|>{5,}|\*\*\* |-{5,}$)")


@dataclass(frozen=True, slots=True)
class HunkWithContext:
    """Changed lines with their context. `old` and `new` are its row ranges in both texts."""

    lines: list[SignedLine]
    old: range
    new: range
    header: str = ""  # the line that opens the surrounding block, if it is above the hunk

    def side(self, sign: str) -> list[str]:
        """The lines of the old ("-") or the new ("+") side."""
        return [text for own, text in self.lines if own in (" ", sign)]

    def without_blank_edges(self) -> HunkWithContext:
        """The hunk without blank context lines at its start and end."""
        first, last = 0, len(self.lines)
        while first < last and self.lines[first][0] == " " and not self.lines[first][1].strip():
            first += 1
        while last > first and self.lines[last - 1][0] == " " and not self.lines[last - 1][1].strip():
            last -= 1
        cut = len(self.lines) - last
        old = range(self.old.start + first, self.old.stop - cut)
        return HunkWithContext(
            self.lines[first:last], old, range(self.new.start + first, self.new.stop - cut), self.header
        )


def write_hybrid(sides: Sides, rng: random.Random) -> list[str] | None:
    """A hybrid of markers, plain context and signed lines, with or without the diff's blank before context."""
    found = hunks(sides, rng, least=1)
    if found is None:
        return None
    blank, bare_signs = rng.random() < 0.35, rng.random() < 0.2
    if not blank and any(_SIGNED.match(text) for hunk in found for sign, text in hunk.lines if sign == " "):
        return None
    replaced = not blank and rng.random() < 0.25  # the sign replaces the first blank
    markers = Markers.drawn(sides, rng)
    outside = "" if bare_signs else draw({"both": 5, "first": 2, "none": 3}, rng)
    lines: list[str] = []
    for at, hunk in enumerate(found):
        if bare_signs:
            lines.append(_hunk_sign(hunk, rng, "@@"))
        elif at or (outside in ("both", "first") and hunk.new.start > 0):
            start = found[at - 1].new.stop if at else 0
            gap = _gap(sides, markers, start, hunk.new.start)
            lines += [(" " + gap if blank else gap)] if gap else []
        lines += [_signed(line, blank=blank, replaced=replaced) for line in hunk.lines]
    if outside == "both" and (gap := _gap(sides, markers, found[-1].new.stop, len(sides.expected))):
        lines.append(" " + gap if blank else gap)
    return lines


def write_diff(sides: Sides, rng: random.Random, path: str, *, numbers: bool) -> list[str] | None:
    """A unified diff with wrong line numbers or none. Its context may omit lines."""
    found = hunks(sides, rng, least=1)
    if found is None:
        return None
    sign = draw(styles.HUNK_SIGNS, rng)
    if len(found) > 1 and not sign:
        sign = "@@"
    lines = [f"--- a/{path}", f"+++ b/{path}"] if numbers or rng.random() < 0.6 else []
    lost = rng.random() < 0.1  # blank context lines without their blank
    shortened = rng.random() < 0.2
    off = rng.choice((0, 0, 1, -1, rng.randint(-30, 30)))
    for hunk in found:
        lines += [_numbered(hunk, off, rng) if numbers else _hunk_sign(hunk, rng, sign)] if numbers or sign else []
        if shortened and hunk.header and rng.random() < 0.8:
            lines += [" " + hunk.header, *rng.choice(([" ..."], [], [" ..."]))]
        rows = [_signed(line, blank=True) for line in hunk.lines]
        lines += [row.rstrip() if lost and not row.strip() else row for row in rows]
    return lines


def write_search(sides: Sides, rng: random.Random, path: str) -> list[str] | None:
    """Search and replace blocks, sometimes elided or with a line number."""
    found = hunks(sides, rng, least=0)
    if found is None or any(_SEPARATOR.match(text) for hunk in found for _, text in hunk.lines):
        return None
    search, replace = draw(styles.SEARCH_SIGNS, rng).split()
    elided, numbered = rng.random() < 0.18, rng.random() < 0.06
    apart = rng.random() < 0.6
    named = rng.random() < 0.25
    lines = [path] if named else []
    for at, hunk in enumerate(found):
        above = [hunk.header, "..."] if elided and hunk.header else []
        number = [f":start_line:{hunk.old.start + 1}", "-------"] if numbered and not above else []
        lines += [""] if at and apart else []
        lines += [f"<<<<<<< {search}", *number, *above, *hunk.side("-"), "======="]
        lines += [*above, *hunk.side("+"), f">>>>>>> {replace}"]
    return lines


def write_patch(sides: Sides, rng: random.Random, path: str) -> list[str] | None:
    """A patch between `*** Begin Patch` and `*** End Patch`."""
    found = hunks(sides, rng, least=2)
    if found is None:
        return None
    lines = ["*** Begin Patch", f"*** Update File: {path}"]
    named = rng.random() < 0.5
    for hunk in found:
        lines.append(f"@@ {hunk.header.strip()}" if named and hunk.header else "@@")
        lines += [_signed(line, blank=True) for line in hunk.lines]
    return [*lines, "*** End Patch"]


def hunks(sides: Sides, rng: random.Random, *, least: int) -> list[HunkWithContext] | None:
    """The changes as hunks, each with enough context that its old side is unique; None if that is impossible."""
    before, after = max(least, styles.context(rng)), max(least, styles.context(rng))
    found: list[HunkWithContext] = []
    loose = least > 0 and rng.random() < 0.3
    for group in _groups(sides.changed, before + after):
        for extra in range(_MOST_CONTEXT):
            floor = found[-1].new.stop if found else 0
            hunk = _hunk(sides, group, before + extra, after + extra, floor)
            hunk = hunk if loose else hunk.without_blank_edges()
            if stands_once(sides.original, hunk.side("-")):
                break
        else:
            return None
        found.append(hunk)
    ordered = all(a.old.stop <= b.old.start for a, b in pairwise(found))
    return found if ordered else None


def slip(line: str, rng: random.Random, *, mild: bool = False) -> str:
    """A line as quoted from memory. `mild`: only repeated blanks and the end of a comment differ."""
    body = line.strip()
    ways = [
        re.sub(r"(\S)\s+(#|//|--) .*$", r"\1", body),
        re.sub(r"^((?:#|//|\*) .*) \w+\W*$", r"\1", body),
        re.sub(r"(\S) {2,}", r"\1 ", body),
    ]
    if not mild:
        tight = re.sub(r"(\S) (=|\+|==|=>|:) (\S)", r"\1\2\3", body, count=1)
        ways += [tight, re.sub(r"[,;]$", "", body), _other_quotes(body)]
    different = [way for way in ways if way != body and way.strip()]
    return line.replace(body, rng.choice(different)) if different and body else line


def _other_quotes(text: str) -> str:
    if "'" in text and '"' not in text and text.count("'") == 2:
        return text.replace("'", '"')
    return text.replace('"', "'") if '"' in text and "'" not in text and text.count('"') == 2 else text


def _groups(changed: list[ChangedLines], reach: int) -> list[list[ChangedLines]]:
    """Group changes whose contexts would touch, which form one hunk."""
    groups: list[list[ChangedLines]] = []
    for change in changed:
        if groups and change.new_start - groups[-1][-1].new_end <= min(reach, 6):
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _hunk(sides: Sides, group: list[ChangedLines], before: int, after: int, floor: int) -> HunkWithContext:
    mapping = kept_rows(len(sides.expected), sides.changed)
    start = _reach(mapping, group[0].new_start - 1, -1, before, floor)
    stop = _reach(mapping, group[-1].new_end, 1, after, len(sides.expected)) + 1
    lines: list[SignedLine] = []
    row = start
    for change in group:
        lines += [(" ", sides.expected[at]) for at in range(row, change.new_start)]
        lines += [("-", text) for text in sides.original[change.old_start : change.old_end]]
        lines += [("+", text) for text in sides.expected[change.new_start : change.new_end]]
        row = change.new_end
    lines += [(" ", sides.expected[at]) for at in range(row, stop)]
    above, below = group[0].new_start - start, stop - group[-1].new_end
    old = range(group[0].old_start - above, group[-1].old_end + below)
    return HunkWithContext(lines, old, range(start, stop), _header(sides, start))


def _reach(mapping: dict[int, int], row: int, step: int, count: int, limit: int) -> int:
    """The last row of a context of `count` kept rows from `row` on."""
    last = row - step
    while count > 0 and row in mapping and (row >= limit if step < 0 else row < limit):
        last, row, count = row, row + step, count - 1
    return last


def _header(sides: Sides, row: int) -> str:
    """The kept header of the block around a row, if it is unique and not directly above the row."""
    around = headers(sides.expected, row, sides.language)
    line = sides.expected[around[-1][0]] if around and around[-1].stop < row else ""
    told = line and telling(line) and stands_once(sides.original, [line]) and stands_once(sides.expected, [line])
    return line if told else ""


def _hunk_sign(hunk: HunkWithContext, rng: random.Random, sign: str) -> str:
    if sign == "@@ {header}":
        return f"@@ {hunk.header.strip()}" if hunk.header else "@@"
    return sign


def _numbered(hunk: HunkWithContext, off: int, rng: random.Random) -> str:
    """A hunk header with wrong numbers: shifted, or with miscounted lines."""
    slip_by = rng.choice((0, 1, -1, 2)) if off == 0 else 0
    old, new = len(hunk.old) + slip_by, len(hunk.new) + (slip_by or rng.choice((0, 0, 1)))
    return f"@@ -{max(hunk.old.start + 1 + off, 1)},{max(old, 1)} +{max(hunk.new.start + 1 + off, 1)},{max(new, 1)} @@"


def _signed(line: SignedLine, *, blank: bool, replaced: bool = False) -> str:
    sign, text = line
    if sign == " ":
        return " " + text if blank else text
    if replaced and indentation(text) > 1 and not text.startswith("\t"):
        return sign + text[1:]
    return sign + text


def _gap(sides: Sides, markers: Markers, start: int, stop: int) -> str:
    return markers.gap(start, stop) if any(line.strip() for line in sides.expected[start:stop]) else ""
