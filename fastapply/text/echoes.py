"""Repeated lines: signs that a rewrite mistook one place for another. LF texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

_IMPORT = re.compile(r"(?:import|from|use|using|#\s*include|@import|require)\b.*[\w\"'>;)]$")
_TELLING = 4  # characters; shorter lines are brackets and similar
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LEAST_TOKENS, _MOSTLY = 4, 0.7  # of a line that another only adds to: its tokens, and their share of the other's

Pairs = Counter[tuple[str, str]]  # of consecutive lines, without blank ones


class Echoes:
    """Counts repeated lines in the readings of one update.

    `new` are stripped lines of the update that the original may well have too.
    """

    def __init__(self, original: str, update: str, new: AbstractSet[str] = frozenset()) -> None:
        self._known, self._shown = (_telling(map(str.strip, text.split("\n"))) for text in (original, update))
        self._new = new
        self.pairs = pairs(original)
        self._usual = self.pairs | pairs(update)

    def of(self, gone: Sequence[str], come: Sequence[str], changed: Pairs) -> dict[str, float]:
        """Counts for the lines that a reading removes (`gone`) and adds (`come`). `taken`: removed though the update
        shows them. `again`: added though the original has them (half for `new` ones). `imported`: added imports that
        the original has. `stutters`: added pairs of lines of which the second repeats or only adds to the first.
        `vanished`: removed from the file. `changed` counts added (positive) and removed (negative) pairs."""
        taken, added = _telling(gone), _telling(come)
        put = {text: times for text, times in (added - taken).items() if text in self._known}
        more = {pair: times for pair, times in changed.items() if times > 0 and _stutters(*pair)}
        return {
            "taken": sum(times for text, times in (taken - added).items() if text in self._shown),
            "again": sum(times * (0.5 if text in self._new else 1.0) for text, times in put.items()),
            "imported": sum(times for text, times in put.items() if _IMPORT.match(text)),
            "stutters": sum(max(self.pairs[pair] + times - self._usual[pair], 0) for pair, times in more.items()),
            "vanished": (taken - added).total(),
        }


def pairs(text: str) -> Pairs:
    return Counter(pairwise(line for raw in text.split("\n") if (line := raw.strip())))


def _stutters(line: str, below: str) -> bool:
    """Is a telling line followed by a similar one?"""
    return len(line) >= _TELLING and (line == below or only_adds_to(line, below))


def only_adds_to(old: str, new: str) -> bool:
    """Does a line have all tokens of another one, in order, and few more?"""
    if len(new) <= len(old) or old[:1] != new[:1]:
        return False
    ours, theirs = _TOKEN.findall(old), _TOKEN.findall(new)
    if not (_LEAST_TOKENS <= len(ours) < len(theirs) and len(ours) >= _MOSTLY * len(theirs)):
        return False
    rest = iter(theirs)
    return all(token in rest for token in ours)


def _telling(lines: Iterable[str]) -> Counter[str]:
    return Counter(text for text in lines if len(text) >= _TELLING)
