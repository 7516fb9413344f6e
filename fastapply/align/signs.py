"""Signs of a reading as a whole, which no line of the alignment shows, and what they say of its likelihood.

A candidate's cost is the alignment's and these: of two whose costs differ by 3 nats, the cheaper one is right 20 times
as often. The weights are fitted by `fastapply calibrate --readings` (conditional logit, McFadden 1974).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log1p
from pathlib import Path

from fastapply.align.chunks import file_outline
from fastapply.align.languages import new_errors
from fastapply.align.rows import read_snippet
from fastapply.text.asked import missed_words, only_adds
from fastapply.text.diff import lf_lines, line_hunks
from fastapply.text.echoes import line_counts
from fastapply.text.markers import classify
from fastapply.types import Hunk

WEIGHTS_FILE = Path(__file__).with_name("signs.json")  # written by `fastapply calibrate --readings --write`
WEIGHTS: Mapping[str, float] = json.loads(WEIGHTS_FILE.read_text())  # nats


def oddity(signs: Mapping[str, float]) -> float:
    """How much less likely these signs make a reading, in nats, beside the others of the same update."""
    return sum(WEIGHTS.get(name, 0.0) * value for name, value in signs.items())


@dataclass
class Readings:
    """The readings of one update, LF texts, beside each other."""

    original: str
    update: str
    instruction: str
    language: str | None

    def signs(self, rewritten: str) -> dict[str, float]:
        """The signs of one reading, each 0 where there is nothing odd."""
        counts = line_counts(self.original, rewritten, self.update, self._new_lines)
        counts["vanished"] *= only_adds(self.instruction)
        counts["missed"] = missed_words(self.original, rewritten, self.instruction)
        counts["hunks"] = sum(map(self._says, line_hunks(self.original, rewritten)))
        counts["gaps"] = abs(rewritten.count("\n\n") - self.original.count("\n\n"))
        found = {name: log1p(count) for name, count in counts.items()}
        found["errors"] = float(new_errors(rewritten, self.original, self.language) > 0)
        found["parted"] = float(bool(self._neighbours - _neighbours(_lines(rewritten))))
        return found

    def _says(self, hunk: Hunk) -> bool:
        """Does it do more than move blank lines?"""
        gone = self._original_lines[hunk.start_line : hunk.end_line]
        return bool(hunk.new_text.strip()) or any(map(str.strip, gone))

    @cached_property
    def _original_lines(self) -> list[str]:
        return lf_lines(self.original)

    @cached_property
    def _new_lines(self) -> set[str]:
        """The lines of definitions that only the update has, and shows whole: look-alikes share some of theirs."""
        outline = file_outline(self.original.removesuffix("\n"), self.language)
        snippet = read_snippet(self.update, self.language, outline)[1]
        names = {chunk.name for chunk in outline.definitions}
        return {
            snippet.stripped[line]
            for chunk in snippet.definitions
            if chunk.name not in names and snippet.markers.isdisjoint(range(chunk.start, chunk.end))
            for line in range(chunk.start, chunk.end)
        }

    @cached_property
    def _neighbours(self) -> Counter[tuple[str, str]]:
        """The lines that the update shows one below the other, with no marker between them."""
        known = set(_lines(self.original))
        runs: list[list[str]] = [[]]
        for line in _lines(self.update):
            if line not in known and classify(line, self.language):
                runs.append([])
            else:
                runs[-1].append(line)
        return sum(map(_neighbours, runs), Counter())


def _neighbours(lines: list[str]) -> Counter[tuple[str, str]]:
    return Counter(pairwise(lines))


def _lines(text: str) -> list[str]:
    return [line for raw in lf_lines(text) if (line := raw.strip())]
