from __future__ import annotations

import pytest

from fastapply.types import ApplyResult, Stats, Status
from fastapply_lab.eval.score import calibration_error, same_tree, score, summarise
from fastapply_lab.tasks import Task

PYTHON = "def f(a):\n    if a:\n        return 1\n    return 2\n"


def test_white_space_inside_a_line_is_no_difference_but_indentation_is():
    assert same_tree(PYTHON.replace("(a)", "( a )"), PYTHON, "python")
    assert not same_tree(PYTHON.replace("    return 2", "        return 2"), PYTHON, "python")
    assert not same_tree(PYTHON.replace("return 1", "return 3"), PYTHON, "python")
    assert not same_tree("# x\n" + PYTHON, PYTHON, "python")  # a lost or new comment counts
    assert same_tree("a \nb\n", "a\nb\n", None)


def task(text: str) -> Task:
    return Task("1", "python", PYTHON, "u", text)


def test_a_wrong_result_is_silent_only_if_it_was_applied():
    wrong = PYTHON.replace("1", "3")
    applied = score(task(PYTHON), ApplyResult(Status.APPLIED, wrong, 0.9), 0.1, ())
    shown = score(task(PYTHON), ApplyResult(Status.NEEDS_REVIEW, wrong, 0.3), 0.1, ())
    assert (applied.silent_wrong, shown.silent_wrong) == (True, False)
    assert (applied.exact, applied.parses) == (False, True)


def test_the_summary_has_the_names_of_the_contract():
    result = ApplyResult(Status.APPLIED, PYTHON, 1.0, stats=Stats(output_tokens=30, forward_passes=3))
    summary = summarise([score(task(PYTHON), result, 2.0, [PYTHON]), score(task(PYTHON), result, 4.0, [])])
    assert summary["tasks"] == 2
    assert summary["exact"] == summary["same_tree"] == summary["parses"] == 1.0
    assert summary["silent_wrong"] == summary["needs_review"] == summary["rejected"] == 0.0
    assert summary["seconds_median"] == 3.0
    assert summary["tokens_per_forward"] == 10.0
    assert summary["calibration_error"] == 0.0
    assert len(summary["results"]) == 2


def test_calibration_error_is_the_mean_gap():
    assert calibration_error([(1.0, True), (1.0, False)]) == pytest.approx(0.5)
    assert calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == pytest.approx(0.0)
