from __future__ import annotations

from dataclasses import replace

import pytest
from fastapply.confidence import ALIGNMENT, VETOES, WEIGHTS, Evidence, confidence, decide, features

from fastapply.types import Status

SURE = Evidence(
    frozenset(), lines_at_risk=0, prior_margin=12.0, margin=20.0, least_log_prob=-0.01, agrees=True, exact=False
)


def test_a_clear_case_is_applied():
    status, probability = decide(SURE)
    assert status is Status.APPLIED
    assert probability > 0.95


@pytest.mark.parametrize("name", sorted(VETOES))
def test_some_checks_veto_whatever_the_confidence(name):
    assert decide(replace(SURE, failed=frozenset({name})))[0] is Status.NEEDS_REVIEW


def test_an_exact_diff_is_trusted_unless_a_check_fails():
    exact = replace(SURE, prior_margin=None, margin=None, least_log_prob=None, exact=True)
    assert decide(exact) == (Status.APPLIED, 0.999)
    assert decide(replace(exact, failed=frozenset({"lost_chunks"})))[1] < 0.98


@pytest.mark.parametrize("margin", [None, 3.0])
def test_confidence_falls_with_every_sign_of_trouble(margin):
    usual = replace(SURE, prior_margin=3.0, margin=margin)

    def probability(**changes):
        return confidence(replace(usual, **changes))

    assert probability(prior_margin=0.1) < probability() < probability(prior_margin=20.0)
    assert probability(failed=frozenset({"explained"})) < probability()
    assert probability(lines_at_risk=9) < probability()
    assert probability(echoes=2) < probability()
    assert probability(repeated_share=0.8) < probability()
    assert probability(missed=2) < probability()
    assert probability(agrees=False) < probability()
    if margin is not None:
        assert probability(margin=0.1) < probability() < probability(margin=20.0)


def test_what_the_model_overrules_is_shown():
    assert decide(replace(SURE, agrees=False))[0] is Status.NEEDS_REVIEW


def test_every_feature_has_a_weight():
    assert features(SURE).keys() == WEIGHTS.keys()
    assert features(replace(SURE, margin=None)).keys() == ALIGNMENT.keys()
