from __future__ import annotations

import pytest

from fastapply.confidence import Evidence, confidence, decide
from fastapply.types import Check, Status

SURE = Evidence(margin=12.0, agrees=True, least_log_prob=-0.01, exact=False)
FINE = [Check("syntax", True), Check("explained", True)]


def test_a_clear_case_is_applied():
    status, probability = decide(FINE, SURE)
    assert status is Status.APPLIED
    assert probability > 0.95


@pytest.mark.parametrize("name", ["syntax", "markers", "truncated", "no_op", "complete"])
def test_some_checks_veto_whatever_the_confidence(name):
    assert decide([*FINE, Check(name, False)], SURE)[0] is Status.NEEDS_REVIEW


def test_an_exact_diff_is_trusted_unless_a_check_fails():
    exact = Evidence(margin=None, agrees=True, least_log_prob=None, exact=True)
    assert decide(FINE, exact) == (Status.APPLIED, 0.999)
    assert decide([Check("lost_chunks", False)], exact)[1] < 0.9


@pytest.mark.parametrize("least_log_prob", [None, -0.5])
def test_confidence_falls_with_every_sign_of_trouble(least_log_prob):
    def probability(margin=3.0, agrees=True, failed=0, log_prob=least_log_prob):
        return confidence(failed, Evidence(margin, agrees, log_prob, exact=False))

    assert probability(margin=0.1) < probability(margin=3.0) < probability(margin=20.0)
    assert probability(failed=1) < probability()
    if least_log_prob is not None:
        assert probability(agrees=False) < probability()
        assert probability(log_prob=-8.0) < probability()
