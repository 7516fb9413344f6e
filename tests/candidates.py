"""What an update may mean, for tests of the alignment: without checks, confidence or a model."""

from __future__ import annotations

from collections.abc import Sequence

from fastapply.applier import make_plan
from fastapply.judge.score import Ranked
from fastapply.types import ApplyRequest


def merges(original: str, update: str, language: str | None) -> Sequence[Ranked]:
    """The candidates, likeliest first. Raises RejectedError if the update matches nothing in the file."""
    return make_plan(ApplyRequest(original, update, language=language)).candidates
