"""What else an update may mean: the likeliest other readings, for a person who has to choose. Knows LF texts only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fastapply.align.merge import Merge
from fastapply.text.diff import line_hunks
from fastapply.types import Alternative, Check

MOST = 3
_LEAST_SHARE = 0.02


def alternatives(candidates: Sequence[Merge], rewritten: str, original: str) -> tuple[Alternative, ...]:
    """The candidates that are not the result, likeliest first, but for the unlikely ones."""
    odds = [math.exp(candidates[0].cost - candidate.cost) for candidate in candidates]
    shares = [(odd / sum(odds), candidate.text) for odd, candidate in zip(odds, candidates, strict=True)]
    others = [(share, text) for share, text in shares if text != rewritten and share >= _LEAST_SHARE]
    return tuple(Alternative(line_hunks(original, text), round(share, 4)) for share, text in others[:MOST])


def other_readings(others: Sequence[Alternative], rewritten: str, original: str) -> Check:
    """The check that names the places, by lines of the original, where other readings part from the result."""
    own = set(line_hunks(original, rewritten))
    places: dict[int, float] = {}
    for other in others:
        theirs = set(other.hunks)
        apart = (theirs - own) or (own - theirs)  # what only it changes, else what it leaves as it is
        line = min(hunk.start_line for hunk in apart) + 1
        places[line] = places.get(line, 0.0) + other.share
    named = ", ".join(f"line {line} ({share:.0%})" for line, share in sorted(places.items()))
    return Check("other_readings", False, f"The update can be read in other ways too; they differ at {named}.")
