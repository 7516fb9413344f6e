"""Steps of indentation: a snippet with other steps than its file gets the file's.

Models lose tabs, or indent by two where the file indents by four. Only the steps change here. The depth of the whole
snippet depends on its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd
from textwrap import dedent

from fastapply.text.lines import indent_of

_MOSTLY = 0.8  # share of indented lines that start with a tab in a file of tabs
_USUAL = 4


def in_steps_of(original: str, snippet: str) -> str:
    """The snippet with the original's kind and width of indentation, if they clearly differ. LF texts.

    Spaces beyond the last whole step, as in a continuation line, remain spaces.
    """
    theirs, ours = original.split("\n"), snippet.split("\n")
    step = _step(theirs, ours)
    if step is None or _stripped(theirs) == _stripped(ours):  # the edit changes indentation only
        return snippet
    # In a file of tabs, continuation lines and text in strings keep their spaces.
    kept = {line for line in theirs if line.startswith("  ")} if step[1] == "\t" else set()
    return "\n".join(line if line in kept else _stepped(line, *step) for line in ours)


def outdented(original: str, snippet: str) -> str:
    """The snippet without its common indentation, if it begins with the file's first line, but deeper. LF texts."""
    theirs, ours = (next(filter(str.strip, text.split("\n")), "") for text in (original, snippet))
    deeper = theirs == ours.strip() and theirs != ours
    return dedent(snippet) if deeper else snippet


def _step(theirs: Sequence[str], ours: Sequence[str]) -> tuple[str, str] | None:
    """The snippet's step and the file's. None if they agree or are unclear."""
    tabs = [indent.startswith("\t") for indent in map(indent_of, theirs) if indent]
    used = {character for line in ours if line.strip() for character in indent_of(line)}
    if not tabs or len(used) != 1:
        return None
    if sum(tabs) >= _MOSTLY * len(tabs):
        return (" " * width, "\t") if used == {" "} and (width := _width_of_tab(theirs, ours)) else None
    if any(tabs):
        return None
    return ("\t", " " * width_of_step(theirs)) if used == {"\t"} else _scale(theirs, ours)


def _width_of_tab(theirs: Sequence[str], ours: Sequence[str]) -> int:
    """How many spaces stand for one tab, by the lines that both sides have. 0 if the spaces are intended: more lines of
    the file begin like that.

    The whole snippet may be shifted, so differences between neighbours count more than depths.
    """
    tabs = {text: depth for text, depth in _depth_of(theirs).items() if "\t" * depth + text in theirs}
    shown = [(tabs[line.strip()], len(indent_of(line))) for line in ours if line.strip() in tabs]
    of_file = set(map(_beginning, theirs))
    meant = sum(line.startswith("  ") and _beginning(line) in of_file for line in set(ours))
    if meant > sum(depth > 0 for depth, _ in shown):
        return 0
    slopes = [Fraction(b - d, a - c) for (c, d), (a, b) in pairwise(shown) if a != c]
    ratios = [Fraction(width, depth) for depth, width in shown if depth]
    for widths in (slopes, ratios):
        usual = Counter(int(width) for width in widths if width > 1 and width.denominator == 1).most_common(1)
        if usual:
            return usual[0][0]
    return width_of_step(ours)


def _beginning(line: str) -> str:
    """The indentation and the first word of a line."""
    return indent_of(line) + line.lstrip(" \t").partition(" ")[0]


def width_of_step(lines: Sequence[str]) -> int:
    """The most frequent step to a deeper line. With a single depth, that depth."""
    widths = [len(indent_of(line)) for line in lines if line.strip()]
    steps = Counter(below - above for above, below in pairwise(widths) if below - above > 1)
    if steps:
        return max(steps, key=lambda step: (steps[step], -step))
    return next((width for width in widths if 1 < width <= _USUAL), _USUAL)


def _scale(theirs: Sequence[str], ours: Sequence[str]) -> tuple[str, str] | None:
    """The same for spaces on both sides. Lines unique on both sides must agree in at least three depths. With two, a
    block may have been wrapped around one of them."""
    once, here = _depth_of(theirs), _depth_of(ours)
    pairs = sorted({(depth, once[text]) for text, depth in here.items() if text in once})
    slopes = {Fraction(b - d, a - c) for (c, d), (a, b) in pairwise(pairs) if a != c}
    if len(pairs) < 3 or len({ours for ours, _ in pairs}) < len(pairs) or len(slopes) != 1:
        return None
    (slope,) = slopes
    step = gcd(*(depth - pairs[0][0] for depth, _ in pairs))
    if slope <= 0 or slope == 1 or (slope * step).denominator != 1:
        return None
    return " " * step, " " * int(slope * step)


def _depth_of(lines: Sequence[str]) -> dict[str, int]:
    """The depth of each unique text."""
    counts = Counter(line.strip() for line in lines)
    return {line.strip(): len(indent_of(line)) for line in lines if line.strip() and counts[line.strip()] == 1}


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _stepped(line: str, old: str, new: str) -> str:
    indent = indent_of(line)
    steps, rest = divmod(len(indent), len(old))
    return new * steps + " " * rest + line[len(indent) :]
