"""The surroundings of a rewrite's new lines: similar lines that were to be replaced, or lines of another kind.

Blocks are found by indentation alone, so this works without a grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import log1p

from fastapply.align.told import identity
from fastapply.judge.twins import Line, looks, subject
from fastapply.types import Hunk

_REACH = 80  # lines of a block that are examined on either side
_ALIKE = 0.7  # the least similarity that counts
_ENTRY = re.compile(r"[-*]\s")
_FIRST_WORD = re.compile(r"[\w@#<.$&-]+")
_WORD = re.compile(r"\w{2,}")
_FILLS = (  # a statement that gives {0} a value or puts something into it
    r"(?<![\w.]){0}(?:\s*(?:[-+*/|&^%]|<<|>>|\?\?|\|\|)?=(?![=>])|\s*<<|\[[^\]\n]*\]\s*="
    r"|\.(?:append|push|push_back|add|extend|insert|update|put|set|concat|unshift|write)\b)|\b(?i:as)\s+{0}\b"
)
COMMENT = re.compile(r"\s*(?:#(?![!\[])|//|/\*|\*(?!\w)|--\s|<!--|;|%|\"\"\"|\'\'\')")
_LONGEST = 24  # lines of a statement
_STATEMENTS = 8  # that are compared with new lines
_CONTINUES = re.compile(r"[)\]}>]|</|(?:end|else|elif|elsif|except|finally|catch|rescue|ensure|then|fi|done|esac)\b")
_CLOSES = re.compile(r"[)\]}>]|</|end\b")


class Beside:
    """Features of the lines inserted by the hunks of one rewrite. `names`: header of a definition -> its name."""

    def __init__(self, lines: Sequence[str], hunks: Sequence[Hunk], names: Mapping[str, str]) -> None:
        self._lines = lines
        self._names = names
        self._runs = list(_runs(hunks))
        self._new = {k for start, end, _ in self._runs for k in range(start, end)}

    def features(self) -> dict[str, float]:
        found = dict.fromkeys(("again_key", "again_variable", "again_definition", "again_next"), 0.0)
        found |= dict.fromkeys(("kin_above", "kin_below", "kin_nowhere", "beside_alike"), 0.0)
        found |= dict.fromkeys(
            ("filled_again", "said_next", "said_run", "said_by_run", "comments_meet", "adopted"), 0.0
        )
        for start, end, inserts in self._runs:
            solid = [k for k in range(start, end) if self._lines[k].strip()]
            if solid:
                for name, value in self._next_statements(solid).items():
                    found[name] += value
            for line in solid:
                for again in self._again(line):
                    found[again] += 1.0
            if solid and inserts:
                found["adopted"] += all(self._adopts(*at) for at in self._slides(start, end))
                above, below = self._neighbour(solid[0], -1), self._neighbour(solid[0], 1)
                found["beside_alike"] += max(self._alike(solid[0], above), self._alike(solid[0], below))
                kin = self._is_kin(solid[0], above), self._is_kin(solid[0], below)
                if kin != (True, True):
                    found["kin_above" if kin[0] else "kin_below" if kin[1] else "kin_nowhere"] += 1.0
        return found

    def _next_statements(self, new: Sequence[int]) -> dict[str, float]:
        """Does an unchanged statement right beside new lines look like their old version: does it fill what they set,
        or say what they say? Two comments that meet are an old and a new one."""
        beside = [found for found in (self._above(new[0]), self._below(new[-1], new[0])) if found]
        words = self._words(new)
        subjects = (self._said(k) for k in new)
        names = {subject[1] for subject in subjects if subject is not None and subject[0] == "variable"}
        fills = [re.compile(_FILLS.format(re.escape(name))) for name in names if _WORD.fullmatch(name)]
        texts = ["\n".join(self._lines[k] for k in each) for each in beside]
        said = [self._words(each) for each in beside]
        run, by_run = max(self._said_run(new, words, step) for step in (-1, 1))
        edges = ((new[0], new[0] - 1), (new[-1], new[-1] + 1))
        return {
            "filled_again": float(sum(any(fill.search(text) for fill in fills) for text in texts)),
            "said_next": max((len(each & words) / len(each) for each in said if each), default=0.0),
            "said_run": run,
            "said_by_run": by_run,
            "comments_meet": float(sum(self._meet(ours, theirs) for ours, theirs in edges)),
        }

    def _said_run(self, new: Sequence[int], words: set[str], step: int) -> tuple[float, float]:
        """The unchanged statements above (`step` -1) or below new lines that are most likely their old version: several
        that say no more than the new lines do. By how many words they agree (less those that only the statements have,
        in logarithm), and which share of the new lines' words they say."""
        best, by_run, said = 0, 0.0, set[str]()
        first, last = new[0], new[-1]
        for _ in range(_STATEMENTS):
            statement = self._above(first, new[0]) if step < 0 else self._below(last, new[0])
            if not statement:
                break
            said |= self._words(statement)
            first, last = min(first, statement[0]), max(last, statement[-1])
            agree = 2 * len(said & words) - len(said)
            if agree > best:
                best, by_run = agree, len(said & words) / max(len(words), 1)
        return log1p(best), by_run

    def _words(self, lines: Sequence[int]) -> set[str]:
        return {word for k in lines for word in _WORD.findall(self._lines[k].lower())}

    def _adopts(self, start: int, end: int) -> bool:
        """Do inserted lines take the block below them from the line that it belonged to?"""
        below = next((k for k in range(end, len(self._lines)) if self._lines[k].strip()), None)
        if below is None:
            return False
        width = _width(self._lines[below])
        return any(self._lines[k].strip() and _width(self._lines[k]) < width for k in range(start, end))

    def _slides(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The places at which an insertion gives the same text."""
        lines = self._lines
        up = 0
        while start - up > 0 and lines[start - up - 1] == lines[end - up - 1]:
            up += 1
        start, end = start - up, end - up
        yield start, end
        while end < len(lines) and lines[start] == lines[end]:
            start, end = start + 1, end + 1
            yield start, end

    def _meet(self, ours: int, theirs: int) -> bool:
        there = 0 <= theirs < len(self._lines) and theirs not in self._new
        return there and all(COMMENT.match(self._lines[k]) for k in (ours, theirs))

    def _below(self, last: int, first: int) -> list[int]:
        """The unchanged statement right below new lines, with the lines of its block."""
        depth, found = _width(self._lines[first]), list[int]()
        for k in range(last + 1, min(last + _LONGEST, len(self._lines))):
            text = self._lines[k].strip()
            width = _width(self._lines[k])
            inside = bool(found) and (not text or width > depth or (width == depth and bool(_CONTINUES.match(text))))
            if k in self._new or not (inside or (not found and text and width == depth and not _CLOSES.match(text))):
                break
            found.append(k)
        return found

    def _above(self, first: int, new: int | None = None) -> list[int]:
        """The unchanged statement right above line `first`, with the lines of its block, at the depth of line `new`."""
        depth, found = _width(self._lines[first if new is None else new]), list[int]()
        for k in range(first - 1, max(first - _LONGEST, -1), -1):
            text, width = self._lines[k].strip(), _width(self._lines[k])
            if k in self._new or (not text and not found) or (text and width < depth):
                return []
            found.append(k)
            if text and width == depth and not _CONTINUES.match(text):
                return found[::-1]
        return []

    def _again(self, line: int) -> Iterator[str]:
        """Features for an unchanged line of the same block that names the same."""
        said = self._said(line)
        if said is None:
            return
        reach = len(self._lines) if said[0] == "definition" else _REACH
        for step in (-1, 1):
            for number, other in enumerate(self._siblings(line, step, reach)):
                if other not in self._new and self._said(other) == said:
                    yield f"again_{said[0]}"
                    if not number:
                        yield "again_next"
                    return

    def _said(self, line: int) -> tuple[str, str] | None:
        text = self._lines[line].strip()
        if text in self._names:
            return "definition", self._names[text]
        if (text.startswith("<") or _ENTRY.match(text)) and (said := identity(text)):
            return "key", f"{text.split(maxsplit=1)[0]} {said}"  # an element or entry with its identity
        kind, name = subject(Line(text))
        return (kind, name) if kind in ("key", "variable") and not _ENTRY.match(text) else None

    def _siblings(self, line: int, step: int, reach: int = _REACH) -> Iterator[int]:
        """The lines of the same block and depth, above or below, nearest first."""
        depth = _width(self._lines[line])
        for k in range(line + step, line + step * reach, step):
            if not 0 <= k < len(self._lines):
                return
            text = self._lines[k].strip()
            if not text:
                continue
            width = _width(self._lines[k])
            if width < depth:
                return
            if width == depth and not _CLOSES.match(text):
                yield k

    def _neighbour(self, line: int, step: int) -> str:
        """The nearest unchanged line of the block, "" if there is none."""
        return next((self._lines[k].strip() for k in self._siblings(line, step) if k not in self._new), "")

    def _alike(self, line: int, other: str) -> float:
        """How much a line looks like a new version of another one, 0..1. Equal lines are no versions."""
        text = self._lines[line].strip()
        if not other or text == other or identity(text) != identity(other):
            return 0.0
        return max(0.0, (looks(other.lower(), text.lower()) - _ALIKE) / (1 - _ALIKE))

    def _is_kin(self, line: int, other: str) -> bool:
        ours, theirs = _FIRST_WORD.match(self._lines[line].strip()), _FIRST_WORD.match(other)
        return ours is not None and theirs is not None and ours[0] == theirs[0]


def _width(line: str) -> int:
    """The length of a line's indentation."""
    return len(line) - len(line.lstrip(" \t"))


def _runs(hunks: Sequence[Hunk]) -> Iterator[tuple[int, int, bool]]:
    """The lines [start, end) that each hunk inserts, and whether it deletes nothing."""
    shift = 0
    for hunk in hunks:
        count = len(hunk.new_text.split("\n")) - 1 if hunk.new_text.endswith("\n") else len(hunk.new_text.split("\n"))
        count = count if hunk.new_text else 0
        start = hunk.start_line + shift
        yield start, start + count, hunk.start_line == hunk.end_line
        shift += count - (hunk.end_line - hunk.start_line)
