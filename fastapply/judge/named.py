"""`named`: the lines of the original that a diff or a search block deletes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from fastapply.judge import twins
from fastapply.judge.sides import Original, said, telling
from fastapply.text.markers import classify
from fastapply.text.replacements import Replacement

_NEARLY = 0.8  # the least similarity to a line that a diff deletes


def deleted_lines(replacements: Sequence[Replacement]) -> Counter[str]:
    """The lines that a diff or search blocks delete, with their counts."""
    gone = Counter[str]()
    for part in replacements:
        gone += Counter(map(said, part.before)) - Counter(map(said, part.after))
    return gone


def elided_lines(part: Replacement, old: Original, language: str | None) -> Iterator[int]:
    """The lines that a marker on the old side alone stands for: those between the lines shown around it."""
    before = [line for line in part.before if line.strip()]
    markers = [k for k, line in enumerate(before) if classify(line, language) is not None and line not in part.after]
    for above, number, below in zip([-1, *markers], markers, [*markers[1:], len(before)], strict=False):
        upper = [said(line) for line in before[above + 1 : number]]
        lower = [said(line) for line in before[number + 1 : below]]
        if upper and lower:
            starts = [lines[-1] + 1 for lines in _places(upper, old)]
            ends = [lines[0] for lines in _places(lower, old)]
            pairs = [(start, min(later)) for start in starts if (later := [end for end in ends if end >= start])]
            if len(pairs) == 1:
                yield from range(*pairs[0])


def quotes(quoted: str, text: str) -> bool:
    """Does a quoted line mean `text`, exactly enough or as a part of it?"""
    return twins.looks(text, quoted) >= _NEARLY or (telling(quoted) and quoted in text)


def _places(texts: Sequence[str], old: Original) -> Iterator[list[int]]:
    """The lines of the original, without blank ones, that match the texts in sequence."""
    for start in old.places.get(texts[0], ()):
        lines = list(islice((k for k in range(start, len(old.said)) if old.said[k]), len(texts)))
        if [old.said[k] for k in lines] == list(texts):
            yield lines
