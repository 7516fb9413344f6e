"""Steps of indentation: a snippet that is indented by other steps than its file is brought to the file's.

Models swallow tabs, or indent by two what the file indents by four. Only the steps are changed here; how deep the
snippet as a whole stands is a matter of its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd
from textwrap import dedent

from fastapply.text.lines import indent_of

_MOSTLY = 0.8  # of the indented lines start with a tab: a file of tabs
_USUAL = 4


def in_steps_of(original: str, snippet: str) -> str:
    """The snippet (both LF) with the original's kind and width of indentation, where these clearly differ.

    Spaces beyond the last whole step, as in a continuation line, stay spaces.
    """
    theirs, ours = original.split("\n"), snippet.split("\n")
    step = _step(theirs, ours)
    if step is None or _stripped(theirs) == _stripped(ours):  # the indentation is what the edit is about
        return snippet
    # In a file of tabs, continuation lines and text in a string stand with the spaces that they have.
    kept = {line for line in theirs if line.startswith("  ")} if step[1] == "\t" else set()
    return "\n".join(line if line in kept else _stepped(line, *step) for line in ours)


def outdented(original: str, snippet: str) -> str:
    """The snippet (both LF) moved out, where it begins with the file's first line but stands deeper as a whole."""
    theirs, ours = (next(filter(str.strip, text.split("\n")), "") for text in (original, snippet))
    deeper = theirs == ours.strip() and theirs != ours
    return dedent(snippet) if deeper else snippet


def _step(theirs: Sequence[str], ours: Sequence[str]) -> tuple[str, str] | None:
    """What the snippet indents by, and what the file indents by; None where they agree or nobody can tell."""
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
    """How many spaces stand for one tab, by the lines that both sides have; 0 where the spaces are meant.

    The snippet as a whole may stand elsewhere, so that differences between neighbours tell more than depths.
    """
    tabs = {text: depth for text, depth in _depth_of(theirs).items() if "\t" * depth + text in theirs}
    shown = [(tabs[line.strip()], len(indent_of(line))) for line in ours if line.strip() in tabs]
    meant = sum(line.startswith("  ") for line in set(theirs) & set(ours))
    if meant > sum(depth > 0 for depth, _ in shown):
        return 0
    slopes = [Fraction(b - d, a - c) for (c, d), (a, b) in pairwise(shown) if a != c]
    ratios = [Fraction(width, depth) for depth, width in shown if depth]
    for widths in (slopes, ratios):
        usual = Counter(int(width) for width in widths if width > 1 and width.denominator == 1).most_common(1)
        if usual:
            return usual[0][0]
    return width_of_step(ours)


def width_of_step(lines: Sequence[str]) -> int:
    """The most frequent step from one line to a deeper one; of a single depth the depth."""
    widths = [len(indent_of(line)) for line in lines if line.strip()]
    steps = Counter(below - above for above, below in pairwise(widths) if below - above > 1)
    if steps:
        return max(steps, key=lambda step: (steps[step], -step))
    return next((width for width in widths if 1 < width <= _USUAL), _USUAL)


def _scale(theirs: Sequence[str], ours: Sequence[str]) -> tuple[str, str] | None:
    """The same for spaces on both sides. Lines that stand once on either side must agree, in three depths at least:
    with two, a block may have been wrapped around one of them."""
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
    """The depth of each text that stands once."""
    counts = Counter(line.strip() for line in lines)
    return {line.strip(): len(indent_of(line)) for line in lines if line.strip() and counts[line.strip()] == 1}


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _stepped(line: str, old: str, new: str) -> str:
    indent = indent_of(line)
    steps, rest = divmod(len(indent), len(old))
    return new * steps + " " * rest + line[len(indent) :]
