"""Gutters: line numbers from a tool's listing that were copied into an update along with the code.

A gutter is removed from a snippet, a diff, or a side of a SEARCH/REPLACE block if nearly all lines have one, the
numbers rise, and more lines are in the file without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fastapply.text.markers import classify
from fastapply.text.signed import Known

_KINDS = tuple(
    re.compile(rf"(?P<sign>[+\-]?)(?P<space>[ \t]*)(?:{number}){separator}(?P<text>.*)")
    for number, separator in (
        (r"(?P<number>\d+)", r"\t"),
        (r"(?P<number>\d+)", r"[ ]?→"),
        (r"(?:[Ll]|[Ll]ine )?(?P<number>\d+)", r"[ ]?[|│](?![|])"),
        (r"(?:[Ll]|[Ll]ine )?(?P<number>\d+)", r":(?!:)"),
        (r"\[(?P<number>\d+)\]|<(?P<other>\d+)>", r""),
    )
)
_BLANKS = dict(zip(_KINDS, ((False,), (False, True), (True, False), (True, False), (True, False)), strict=True))
_MOSTLY = 0.8
_SEARCH = re.compile(r"[<-]{5,9} ?(?:SEARCH|ORIGINAL|FIND)\b.*")
_SIDE_END = re.compile(r"={5,9}\s*|[>+]{5,9} ?(?:REPLACE|UPDATED)\b.*|REPLACE\s*")
_HEADER = re.compile(r":(?:start|end)_line:.*|-{5,9}\s*")
_NO_CODE = re.compile(
    r"\s*(?:`{3,}|~{3,}).*|@@.*|\*\*\* .*|--- .*|\+\+\+ .*|diff --git .*|index \w+\.\.\w+.*|\\ No newline.*"
)


@dataclass(frozen=True)
class _Gutter:
    """A style of numbering: its pattern, and whether a blank after the number belongs to it."""

    kind: re.Pattern[str]
    blank: bool

    def off(self, line: str) -> tuple[int, str] | None:
        """The number of a line, and the line without it but with its sign."""
        found = self.kind.fullmatch(line)
        if not found:
            return None
        text = found["text"].removeprefix(" ") if self.blank else found["text"]
        return int(found["number"] or found.groupdict().get("other") or 0), found["sign"] + text


def without_gutters(update: str, known: Known) -> str:
    lines = update.split("\n")
    if known.text is None or not any(char.isdigit() for char in update):
        return update

    def spaced(kind: re.Pattern[str]) -> bool:
        """Does a blank follow each number of the update?"""
        texts = [found["text"] for line in lines if (found := kind.fullmatch(line))]
        return all(text.startswith(" ") for text in texts if text.strip())

    if any(map(_SEARCH.fullmatch, lines)):
        return "\n".join(_blocks(lines, known, spaced))
    gutter = _gutter_of(_code(lines), known, spaced)
    return "\n".join(_stripped(lines, gutter)) if gutter else update


def _code(lines: Sequence[str]) -> list[str]:
    """The lines that a listing would number."""
    return [line for line in lines if line.strip() and not _NO_CODE.fullmatch(line) and classify(line) is None]


def _gutter_of(code: Sequence[str], known: Known, spaced: Callable[[re.Pattern[str]], bool]) -> _Gutter | None:
    """The gutter of the lines. At least one line must be in the file without it."""
    for kind in _KINDS:
        numbered = [line for line in code if kind.fullmatch(line)]
        if not numbered or len(numbered) < _MOSTLY * len(code) or any(map(known.has, numbered)):
            continue
        gutters = [_Gutter(kind, blank) for blank in _BLANKS[kind] if not blank or spaced(kind)]
        best = max(gutters, key=lambda gutter: _standing(numbered, gutter, known))
        if _standing(numbered, best, known)[0] and _rises([found[0] for line in code if (found := best.off(line))]):
            return best
    return None


def _standing(lines: Sequence[str], gutter: _Gutter, known: Known) -> tuple[int, int]:
    """How many lines are in the file without the gutter, regardless of blanks, and how many exactly."""
    texts = [found[1] for line in lines if (found := gutter.off(line))]
    texts = [text.removeprefix("+").removeprefix("-") if not known.has(text) else text for text in texts]
    telling = [text for text in texts if any(map(str.isalnum, text))]
    return sum(map(known.has, telling)), sum(text.rstrip() in known.lines for text in telling)


def _rises(numbers: Sequence[int]) -> bool:
    """Do the numbers rise, with few exceptions? Both sides of a change may have the same numbers."""
    steps = [below - above for above, below in pairwise(numbers)]
    return sum(step >= 0 for step in steps) >= _MOSTLY * len(steps)


def _stripped(lines: Sequence[str], gutter: _Gutter) -> Iterator[str]:
    for line in lines:
        found = None if _NO_CODE.fullmatch(line) else gutter.off(line)
        yield found[1] if found else line


def _blocks(lines: Sequence[str], known: Known, spaced: Callable[[re.Pattern[str]], bool]) -> Iterator[str]:
    """SEARCH/REPLACE blocks without their gutters. The first number becomes a `:start_line:`."""
    side: list[str] | None = None
    old: _Gutter | None = None
    is_old = True
    for line in lines:
        if _SEARCH.fullmatch(line):
            yield from side or ()
            yield line
            side, is_old, old = [], True, None
        elif side is not None and _SIDE_END.fullmatch(line):
            gutter = _gutter_of([text for text in _code(side) if not _HEADER.fullmatch(text)], known, spaced)
            if is_old:
                yield from _old_side(side, gutter)
                old = gutter
            else:
                yield from _new_side(side, old, gutter)
            yield line
            side, is_old = [], False
            if not line.startswith("="):
                side = None
        elif side is not None:
            side.append(line)
        else:
            yield line
    yield from side or ()


def _old_side(side: Sequence[str], gutter: _Gutter | None) -> Iterator[str]:
    if gutter is None:
        yield from side
        return
    numbers = [found[0] for line in side if (found := gutter.off(line))]
    if not any(line.startswith(":start_line:") for line in side):
        yield from (f":start_line:{numbers[0]}", "-------")
    yield from _stripped(side, gutter)


def _new_side(side: Sequence[str], old: _Gutter | None, own: _Gutter | None) -> Iterator[str]:
    """The new side of a block. Few of its lines may be in the file, so it takes the old side's gutter if all its lines
    have it."""
    code = _code(side)
    numbered = bool(code) and old is not None and all(old.kind.fullmatch(line) for line in code)
    gutter = old if numbered else own
    yield from _stripped(side, gutter) if gutter else side
