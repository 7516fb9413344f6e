"""Lines that stand twice: where a rewrite may have taken one place for another. Knows LF lines only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set as AbstractSet
from itertools import pairwise
from math import log1p

from fastapply.text.diff import lf_lines, line_hunks

_IMPORT = re.compile(r"(?:import|from|use|using|#\s*include|@import|require)\b.*[\w\"'>;)]$")
_TELLING = 4  # characters; shorter lines are brackets and the like

# Nats, fitted to 1,441 development tasks: how much less likely a reading is that
_TAKEN = 1.0  # takes away lines that the update shows
_AGAIN = 0.6  # puts in lines that the original has
_STUTTER = 3.0  # says a line twice, one after the other, as neither side does
_IMPORTED = 4.0  # imports again what is imported (set by hand)


def echoes(original: str, rewritten: str, shown: AbstractSet[str]) -> int:
    """How many lines were taken away that the update shows, or put in that the original had before.

    `shown` are the update's lines of code, stripped. Both are right now and then, when code is moved or repeated; but
    they are also what remains when a snippet was laid beside the look-alike of its place.
    """
    lines = lf_lines(original)
    known = {line.strip() for line in lines}
    found = 0
    for hunk in line_hunks(original, rewritten):
        old = _telling(lines[hunk.start_line : hunk.end_line])
        new = _telling(lf_lines(hunk.new_text))
        found += sum(times for text, times in (old - new).items() if text in shown)
        found += sum(times for text, times in (new - old).items() if text in known)
    return found


def oddity(original: str, rewritten: str, update: str) -> float:
    """How odd this reading of the update is, in nats, by what it takes away and puts in: beside the others of the same
    update."""
    lines, shown = lf_lines(original), _telling(lf_lines(update))
    known, old, new = _telling(lines), Counter[str](), Counter[str]()
    for hunk in line_hunks(original, rewritten):
        old += _telling(lines[hunk.start_line : hunk.end_line])
        new += _telling(lf_lines(hunk.new_text))
    taken = sum(times for text, times in (old - new).items() if text in shown)
    again = sum(times for text, times in (new - old).items() if text in known)
    imported = sum(times for text, times in (new - old).items() if text in known and _IMPORT.match(text))
    stutters = (_stutters(rewritten) - (_stutters(original) | _stutters(update))).total()
    return _TAKEN * log1p(taken) + _AGAIN * log1p(again) + _STUTTER * log1p(stutters) + _IMPORTED * log1p(imported)


def _stutters(text: str) -> Counter[str]:
    """The telling lines that are followed by their like, blank lines aside."""
    lines = [line for raw in lf_lines(text) if (line := raw.strip())]
    return Counter(line for line, below in pairwise(lines) if line == below and len(line) >= _TELLING)


def repeated_share(original: str, update: str) -> float:
    """The share, 0..1, of the update's known lines that stand more than once in the original: they place nothing."""
    times = _telling(lf_lines(original))
    known = [line.strip() for line in lf_lines(update) if line.strip() in times]
    return sum(times[text] > 1 for text in known) / max(len(known), 1)


def _telling(lines: list[str]) -> Counter[str]:
    return Counter(text for line in lines if len(text := line.strip()) >= _TELLING)
