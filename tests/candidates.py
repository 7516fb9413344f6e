"""What an update may mean, for tests of the alignment: without checks, confidence or a model."""

from __future__ import annotations

from collections.abc import Sequence

from fastapply.applier import make_plan
from fastapply.judge.score import Ranked
from fastapply.text.diff import unified_diff
from fastapply.types import ApplyRequest


def ranked(original: str, update: str, language: str | None, instruction: str = "") -> Sequence[Ranked]:
    """The candidates, likeliest first. Raises RejectedError if the update matches nothing in the file."""
    return make_plan(ApplyRequest(original, update, instruction, language=language)).candidates


def assert_meant(original: str, update: str, language: str | None, expected: str, instruction: str = "") -> None:
    """The first candidate is the expected file; else say what it is, and where among the others that file stands."""
    __tracebackhide__ = True
    found = ranked(original, update, language, instruction)
    if found[0].text == expected:
        return
    place = next((k for k, candidate in enumerate(found, 1) if candidate.text == expected), None)
    where = f"number {place}, {found[place - 1].cost - found[0].cost:.1f} nats behind" if place else "not there"
    diff = unified_diff(expected, found[0].text, "got")
    raise AssertionError(f"the expected one of {len(found)} candidates is {where}\n--- update\n{update}\n{diff}")
