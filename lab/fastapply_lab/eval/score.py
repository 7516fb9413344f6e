"""Metrics of one result against the expected text, and of many results."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tree_sitter import Node

from fastapply.align.languages import count_errors, parse
from fastapply.text.diff import line_hunks
from fastapply.types import ApplyResult, Status
from fastapply_lab.tasks import Task


@dataclass(frozen=True, slots=True)
class Score:
    """One task's row. `same_tree`: the syntax trees are equal, including the text of leaves and ignoring white space.

    `right`: the lines are equal, except for blank ones and trailing white space. `recall`: at least one of the
    alignment's candidates is right. `lines` (of the original) and `hunks` (of the expected change) describe the task.
    """

    id: str
    language: str
    lines: int
    hunks: int
    status: str
    confidence: float
    right: bool
    recall: bool
    exact: bool
    exact_ignoring_whitespace: bool
    same_tree: bool
    parses: bool
    expected_parses: bool
    silent_wrong: bool
    seconds: float
    tokens_per_forward: float


def score(task: Task, result: ApplyResult, seconds: float, candidates: Sequence[str]) -> Score:
    """The row of one result. `candidates`: the alignment's candidates for the file."""
    same = same_tree(result.text, task.expected, task.language)
    return Score(
        id=task.id,
        language=task.language,
        lines=task.original.count("\n"),
        hunks=len(line_hunks(task.original, task.expected)),
        status=result.status.value,
        confidence=result.confidence,
        right=same_lines(result.text, task.expected),
        recall=any(same_lines(text, task.expected) for text in candidates),
        exact=result.text == task.expected,
        exact_ignoring_whitespace="".join(result.text.split()) == "".join(task.expected.split()),
        same_tree=same,
        parses=_errors(result.text, task.language) == 0,
        expected_parses=_errors(task.expected, task.language) == 0,
        silent_wrong=result.status is Status.APPLIED and not same,
        seconds=seconds,
        tokens_per_forward=result.stats.output_tokens / max(result.stats.forward_passes, 1),
    )


def same_lines(text: str, expected: str) -> bool:
    """Whether the texts are equal, except for blank lines and trailing white space."""
    return _solid(text) == _solid(expected)


def _solid(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def summarise(rows: Sequence[Score]) -> dict[str, Any]:
    """The top level of `eval --json`: shares of tasks, except for `tasks` and the seconds.

    `parses` is the share among tasks whose expected text parses. Rejected results do not count for the calibration.
    """

    def share(name: str) -> float:
        return round(sum(bool(getattr(row, name)) for row in rows) / max(len(rows), 1), 4)

    def status(wanted: Status) -> float:
        return round(sum(row.status == wanted.value for row in rows) / max(len(rows), 1), 4)

    seconds = sorted(row.seconds for row in rows) or [0.0]
    names = ("right", "exact", "exact_ignoring_whitespace", "same_tree")
    can_parse = [row for row in rows if row.expected_parses]
    judged = [(row.confidence, row.same_tree) for row in rows if row.status != Status.REJECTED.value]
    return {
        "tasks": len(rows),
        **{name: share(name) for name in names},
        "parses": round(sum(row.parses for row in can_parse) / max(len(can_parse), 1), 4),
        "silent_wrong": share("silent_wrong"),
        "needs_review": status(Status.NEEDS_REVIEW),
        "rejected": status(Status.REJECTED),
        "recall": share("recall"),
        "seconds_median": round(statistics.median(seconds), 3),
        "seconds_p95": round(seconds[min(int(len(seconds) * 0.95), len(seconds) - 1)], 3),
        "tokens_per_forward": round(sum(row.tokens_per_forward for row in rows) / max(len(rows), 1), 2),
        "calibration_error": round(calibration_error(judged), 4),
        "results": [asdict(row) for row in rows],
    }


def same_tree(text: str, expected: str, language: str | None) -> bool:
    """Whether two texts have the same syntax tree; without a parser, whether only trailing white space differs."""
    if text == expected:
        return True
    first, second = parse(text, language), parse(expected, language)
    if first is None or second is None:
        return [line.rstrip() for line in text.split("\n")] == [line.rstrip() for line in expected.split("\n")]
    return _shape(first.root_node) == _shape(second.root_node)


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 1706.04599): mean gap between confidence and accuracy in equal bins."""
    gap = 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = [(c, right) for c, right in pairs if low <= c < high or (index == bins - 1 and c == 1.0)]
        gap += abs(sum(c for c, _ in inside) - sum(right for _, right in inside))
    return gap / max(len(pairs), 1)


def _errors(text: str, language: str | None) -> int:
    tree = parse(text, language)
    return count_errors(tree) if tree else 0


def _shape(root: Node) -> list[tuple[int, str, bytes]]:
    """The nodes of a tree in reading order, as (depth, kind, text of a leaf)."""
    shape: list[tuple[int, str, bytes]] = []
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        leaf = b"" if node.children else b"".join((node.text or b"").split())
        shape.append((depth, node.type, leaf))
        stack.extend((child, depth + 1) for child in reversed(node.children))
    return shape
