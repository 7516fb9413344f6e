"""The numbered readings of one update: 1 is the result, 2, 3, ... are what else the update may mean.

A number is a place in the order of the candidates, which no model changes. It therefore means the same reading whenever
the same file and update are read. If a model preferred another candidate to the first, the first one gets the number
after the last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from fastapply.errors import UsageError
from fastapply.judge.score import Ranked

MOST = 4
MOST_OTHERS = 3
_LEAST_SHARE = 0.02


class NumberedReading(NamedTuple):
    """`share` is the reading's share of the probability of all candidates, 0..1."""

    number: int
    text: str
    share: float


def readings(candidates: Sequence[Ranked]) -> list[NumberedReading]:
    """The likeliest candidates, best first. The first is always included."""
    odds = [math.exp(candidates[0].cost - candidate.cost) for candidate in candidates]
    shares = [odd / sum(odds) for odd in odds]
    likely = sum(share >= _LEAST_SHARE for share in shares[1:MOST])
    return [NumberedReading(k + 1, candidates[k].text, round(shares[k], 4)) for k in range(1 + likely)]


def other_readings(candidates: Sequence[Ranked], result: str) -> list[NumberedReading]:
    """The readings that are not the result, best first."""
    first, *rest = readings(candidates)
    others = [reading for reading in rest if reading.text != result]
    if first.text != result:
        others.insert(0, first._replace(number=len(rest) + 2))
    return others[:MOST_OTHERS]


def chosen_reading(candidates: Sequence[Ranked], number: int, *, with_model: bool) -> str:
    """The text of a reading requested by number. `with_model`: a model may have preferred another reading to the first.

    Raises UsageError if there is no such reading.
    """
    found = readings(candidates)
    if with_model and number == len(found) + 1:
        return found[0].text
    if not 1 <= number <= len(found):
        count = "1 reading" if len(found) == 1 else f"{len(found)} readings"
        raise UsageError(f"there is no reading {number}: this update has {count} here, counted from 1")
    return found[number - 1].text
