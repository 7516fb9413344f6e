"""Small cases of which the alignment alone is in doubt: for tests in which a model is to have a say."""

from __future__ import annotations

import json
from pathlib import Path

from fastapply.applier import Applier
from fastapply.types import ApplyRequest, Status
from fastapply_lab.tasks import Task

CASES = Path(__file__).with_name("cases") / "kinds.jsonl"


def doubtful(count: int) -> list[Task]:
    """The first cases that come out right, but are shown for want of confidence alone: the surest of them first."""
    found: list[tuple[float, Task]] = []
    for case in map(json.loads, CASES.read_text(encoding="utf-8").splitlines()):
        task = Task(*(case[key] for key in ("id", "language", "original", "update", "expected", "instruction")))
        result = Applier(None).apply(request_of(task))
        failed = {check.name for check in result.failed} - {"confident"}
        if result.status is Status.NEEDS_REVIEW and result.text == task.expected and not failed:
            found.append((-result.confidence, task))
    assert len(found) >= count, "the alignment is sure of nearly all by now: other cases are wanted"
    return [task for _, task in sorted(found, key=lambda pair: pair[0])[:count]]


def request_of(task: Task) -> ApplyRequest:
    return ApplyRequest(task.original, task.update, task.instruction, language=task.language)
