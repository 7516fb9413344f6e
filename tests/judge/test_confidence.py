from __future__ import annotations

import math
from dataclasses import replace

import pytest

from fastapply.align.beam import Breadth
from fastapply.judge.confidence import MOST_LEAD, VETOES, Evidence, confidence, decide, decide_chosen, features
from fastapply.types import Status

SURE = Evidence(frozenset(), behind=(12.0,), margin=20.0, agrees=True, exact=False)
ALONE = replace(SURE, margin=None)


@pytest.mark.parametrize("sure", [SURE, ALONE], ids=["model", "alone"])
def test_a_clear_case_is_applied(sure: Evidence) -> None:
    status, probability = decide(sure)
    assert status is Status.APPLIED
    assert probability > 0.95


@pytest.mark.parametrize("name", sorted(VETOES))
def test_some_checks_veto_whatever_the_confidence(name: str) -> None:
    assert decide(replace(SURE, failed=frozenset({name})))[0] is Status.NEEDS_REVIEW


def test_an_exact_diff_is_trusted_unless_a_check_fails() -> None:
    exact = replace(ALONE, behind=(), exact=True)
    assert decide(exact) == (Status.APPLIED, 0.999)
    assert decide(replace(exact, failed=frozenset({"lost_chunks"})))[1] < 0.999


@pytest.mark.parametrize("sure", [SURE, ALONE], ids=["model", "alone"])
def test_confidence_falls_with_every_sign_of_trouble(sure: Evidence) -> None:
    usual = replace(sure, behind=(3.0,), margin=sure.margin and 3.0)
    probabilities = [confidence(replace(usual, behind=(lead,))) for lead in (0.0, 0.5, 3.0, 12.0)]
    assert probabilities == sorted(set(probabilities))
    checks = [confidence(replace(usual, failed=frozenset(names))) for names in ((), ("explained",), ("explained", "x"))]
    assert checks == sorted(set(checks), reverse=True)
    assert confidence(replace(usual, agrees=False)) < confidence(usual)
    if sure.margin is not None:
        leads = [confidence(replace(usual, margin=margin)) for margin in (0.1, 3.0, 20.0)]
        assert leads == sorted(set(leads))


def test_two_readings_as_likely_as_each_other_are_shown() -> None:
    assert decide(replace(ALONE, behind=(0.0,)))[0] is Status.NEEDS_REVIEW


def test_a_model_does_not_make_a_sure_result_doubtful_but_helps_or_harms_a_doubtful_one() -> None:
    """However near another candidate is to it for the model: its weights were not fitted to sure results."""
    sure, doubtful = (replace(ALONE, behind=(lead,)) for lead in (12.0, 0.5))
    assert [decide(evidence)[0] for evidence in (sure, doubtful)] == [Status.APPLIED, Status.NEEDS_REVIEW]
    assert decide(replace(sure, margin=0.0)) == decide(sure)
    worse, better = (confidence(replace(doubtful, margin=lead)) for lead in (0.0, 20.0))
    assert worse < confidence(doubtful) < better


def test_what_the_model_overrules_is_shown() -> None:
    assert decide(replace(SURE, agrees=False))[0] is Status.NEEDS_REVIEW


def test_a_reading_that_a_person_chose_is_applied_unless_it_breaks_the_file() -> None:
    doubtful = replace(ALONE, behind=(0.0,), failed=frozenset({"accounted", "ambiguous"}))
    assert decide(doubtful)[0] is Status.NEEDS_REVIEW
    assert decide_chosen(doubtful) == (Status.APPLIED, 0.999)
    for name in ("syntax", "markers"):
        broken = replace(ALONE, failed=frozenset({name}))
        assert decide_chosen(broken) == (Status.NEEDS_REVIEW, decide(broken)[1])


def test_the_model_is_looked_at_only_where_it_was_asked() -> None:
    assert features(SURE).keys() - features(ALONE).keys() == {"choice", "choice_failed", "model_lead"}


def test_the_lead_of_another_candidate_says_nothing_for_the_result() -> None:
    found = features(replace(SURE, agrees=False))
    assert (found["lead"], found["overruled"]) == (0.0, 1.0)
    assert "odds" not in found


def test_without_a_rival_the_lead_is_the_margin_of_the_search() -> None:
    sure = replace(SURE, features={"hunks": 1.0})
    assert features(replace(sure, behind=())) == features(replace(sure, behind=(Breadth.nats,)))
    assert "odds" not in features(Evidence(frozenset({"no_op"}), (), None, True, False))


def test_a_whole_file_leaves_nothing_to_choose() -> None:
    whole = Evidence(frozenset(), behind=(), margin=None, agrees=True, exact=False)
    assert decide(whole) == (Status.APPLIED, 0.999)
    assert decide(replace(whole, failed=frozenset({"truncated"})))[0] is Status.NEEDS_REVIEW
    assert not replace(whole, features={"hunks": 1.0}).decided


def test_a_very_long_lead_says_no_more_than_a_long_one() -> None:
    assert features(replace(SURE, behind=(MOST_LEAD,))) == features(replace(SURE, behind=(1e9,)))


def test_the_features_of_the_result_are_looked_at_under_names_of_their_own() -> None:
    found = features(replace(SURE, features={"lead": 7.0, "lost": 2.0}))
    assert found["shows_lost"] == pytest.approx(math.log1p(2.0))
    assert found["shows_lead"] == pytest.approx(math.log1p(7.0))
    assert found["lead"] != found["shows_lead"]


def test_it_is_a_probability_however_much_is_wrong() -> None:
    for lead, failed in ((0.0, frozenset(map(str, range(1000)))), (1e9, frozenset[str]())):
        assert 0.0 <= confidence(replace(SURE, behind=(lead,), failed=failed)) <= 1.0
