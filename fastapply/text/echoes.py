"""Lines that stand twice: where a rewrite may have taken one place for another. Knows LF lines only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set as AbstractSet
from itertools import pairwise

from fastapply.text.diff import lf_lines, line_hunks

_IMPORT = re.compile(r"(?:import|from|use|using|#\s*include|@import|require)\b.*[\w\"'>;)]$")
_TELLING = 4  # characters; shorter lines are brackets and the like
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LEAST_TOKENS, _MOSTLY = 4, 0.7  # of a line that another one only adds to: how many, and which share of that one


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


def line_counts(original: str, rewritten: str, update: str, new: AbstractSet[str] = frozenset()) -> dict[str, float]:
    """What a reading of the update does with lines, and how often: `taken` away though the update shows them, put in
    `again` though the original has them (by halves where it is `new`), `imported` again, `stutters` (twice, one
    below the other, or below a line that they only add to, as on neither side), `vanished` from the file."""
    lines, shown = lf_lines(original), _telling(lf_lines(update))
    known, taken, added = _telling(lines), Counter[str](), Counter[str]()
    for hunk in line_hunks(original, rewritten):
        taken += _telling(lines[hunk.start_line : hunk.end_line])
        added += _telling(lf_lines(hunk.new_text))
    gone, put = taken - added, {text: times for text, times in (added - taken).items() if text in known}
    return {
        "taken": sum(times for text, times in gone.items() if text in shown),
        "again": sum(times * (0.5 if text in new else 1.0) for text, times in put.items()),
        "imported": sum(times for text, times in put.items() if _IMPORT.match(text)),
        "stutters": (_stutters(rewritten) - (_stutters(original) | _stutters(update))).total(),
        "vanished": gone.total(),
    }


def _stutters(text: str) -> Counter[tuple[str, str]]:
    """The telling lines that are followed by their like, blank lines aside."""
    lines = [line for raw in lf_lines(text) if (line := raw.strip())]
    return Counter(
        (line, below)
        for line, below in pairwise(lines)
        if len(line) >= _TELLING and (line == below or only_adds_to(line, below))
    )


def only_adds_to(old: str, new: str) -> bool:
    """Does a line have all that another one has, in its order, and little more?"""
    if len(new) <= len(old) or old[:1] != new[:1]:
        return False
    ours, theirs = _TOKEN.findall(old), _TOKEN.findall(new)
    if not (_LEAST_TOKENS <= len(ours) < len(theirs) and len(ours) >= _MOSTLY * len(theirs)):
        return False
    rest = iter(theirs)
    return all(token in rest for token in ours)


def repeated_share(original: str, update: str) -> float:
    """The share, 0..1, of the update's known lines that stand more than once in the original: they place nothing."""
    times = _telling(lf_lines(original))
    known = [line.strip() for line in lf_lines(update) if line.strip() in times]
    return sum(times[text] > 1 for text in known) / max(len(known), 1)


def _telling(lines: list[str]) -> Counter[str]:
    return Counter(text for line in lines if len(text := line.strip()) >= _TELLING)
