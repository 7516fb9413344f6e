from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.engine.drafts import Cursor, CursorDrafter, DraftLength, Sources, make_drafter
from fastapply.engine.guide import CandidateGuide, Fork, Fusion


def follow(cursor, tokens):
    for token in tokens:
        cursor.observe(token)
    return cursor


def test_a_cursor_drafts_what_follows_in_its_source():
    cursor = follow(Cursor([1, 2, 3, 4, 5]), [1, 2])
    assert cursor.draft(2) == [3, 4]
    assert cursor.draft(99) == [3, 4, 5]


def test_a_lost_cursor_is_silent_until_three_tokens_agree_again():
    cursor = follow(Cursor([1, 2, 3, 4, 5, 6, 7]), [1, 2, 9])
    assert cursor.draft(5) == []
    assert follow(cursor, [4, 5]).draft(5) == []
    assert follow(cursor, [6]).draft(5) == [7]


def test_among_near_duplicates_the_longest_agreement_wins_then_the_first_ahead():
    source = [7, 1, 2, 3, 50, 8, 1, 2, 3, 60, 9, 1, 2, 3, 70]
    assert follow(Cursor(source), [0, 8, 1, 2, 3]).draft(1) == [60]
    assert follow(Cursor(source), [7, 1, 2, 3, 50, 8, 1, 0, 1, 2, 3]).draft(1) == [60]


def test_two_cursors_take_the_one_that_agrees_longer():
    drafter = CursorDrafter([[1, 2, 3, 4, 5], [2, 3, 9, 9]])
    for token in (1, 2, 3, 9):
        drafter.observe(token)
    assert drafter.draft(2) == [9]  # the first cursor lost its place at 9, the second agrees on three tokens
    assert make_drafter("none", Sources([1], [2], [3])).draft(5) == []


@given(st.lists(st.integers(0, 3), max_size=40), st.lists(st.integers(0, 3), max_size=40), st.integers(0, 9))
def test_drafts_depend_on_the_output_alone_and_respect_the_limit(source, output, limit):
    first, second = Cursor(source), Cursor(source)
    for token in output:
        assert len(first.draft(limit)) <= limit  # drafting changes nothing
        first.observe(token)
        second.observe(token)
    assert first.draft(limit) == second.draft(limit)


def test_draft_length_grows_with_success_and_shrinks_with_misses():
    length = DraftLength("cpu")
    start = length.best()
    for _ in range(5):
        length.record(0, missed=True)
    assert length.best() < start
    for _ in range(20):
        length.record(200, missed=False)
    assert length.best() >= start


def test_the_guide_keeps_to_the_leader():
    guide = CandidateGuide([[1, 2, 3]], [0.0], 10.0)
    assert guide.along([1, 2]) == [{1: 10.0}, {2: 10.0}, {3: 10.0}]
    assert guide.along([9]) == [{1: 10.0}, {}]
    assert guide.along([]) == [{1: 10.0}]  # looking along a draft changed nothing
    guide.observe(1)
    assert guide.along([]) == [{2: 10.0}]


def test_the_guide_finds_its_leader_again_after_the_model_overruled_it():
    leader = list(range(100, 140))
    guide = CandidateGuide([leader], [0.0], 1.0)
    output = [*leader[:10], 7, 7, *leader[10:22]]
    assert guide.along(output)[-1] == {leader[22]: 1.0}
    for token in output:
        guide.observe(token)
    assert guide.along([]) == [{leader[22]: 1.0}]


def test_a_fork_is_where_a_rival_parts_and_taking_it_makes_the_rival_lead():
    first, second, third = [1, 2, 3, 4, 5, 6], [1, 2, 8, 9, 9, 4, 5, 6], [1, 2, 3, 4, 7, 6]
    guide = CandidateGuide([first, first, second, third], [0.0, -1.0, -2.0, -3.0], 5.0)
    assert (guide.forks(), guide.room()) == ([], 2)
    guide.observe(1)
    guide.observe(2)
    (fork,) = guide.forks()
    assert fork == Fork(2, 3, (8, 9, 9), -2.0)
    assert guide.rival(fork) == second
    guide.settle(fork, margin=4.0)
    assert guide.leader == second
    assert guide.along([]) == [{8: 5.0}]
    assert (guide.forks(), guide.room(), guide.margin) == ([], 4, 4.0)
    for token in (8, 9, 9, 4):
        guide.observe(token)
    assert guide.forks() == [Fork(6, 7, (7,), -3.0)]  # the third candidate's change, at its new place
    guide.settle(None, margin=1.5)
    assert (guide.leader, guide.margin, guide.forks()) == (second, 1.5, [])


def test_a_fork_inside_what_another_replaced_is_gone():
    guide = CandidateGuide([[1, 2, 3, 4, 5], [1, 9, 5], [1, 2, 8, 4, 5]], [0.0, 0.0, 0.0], 1.0)
    guide.observe(1)
    guide.settle(guide.forks()[0], margin=0.0)
    assert (guide.leader, guide.room()) == ([1, 9, 5], None)


@pytest.mark.parametrize(
    ("fusion", "taken", "margin"),
    [
        (Fusion(model=1.0, token=0.0), [1, 2, 3], 2.0),  # the longer way is less likely by 3, and 1 ahead before
        (Fusion(model=0.2, token=0.0), [1, 7, 8, 9, 3], 0.4),  # the model's opinion weighs little
        (Fusion(model=1.0, token=2.0), [1, 7, 8, 9, 3], 2.0),  # a token more costs no more than it must
    ],
)
def test_the_model_and_the_prior_settle_a_fork_together(fusion, taken, margin):
    guide = CandidateGuide([[1, 2, 3], [1, 7, 8, 9, 3]], [0.0, 1.0], 5.0, fusion=fusion)
    guide.observe(1)
    guide.decide(lambda ways: [-1.0 * len(way) - (len(way) > 3) for way in ways])
    assert guide.leader == taken
    assert guide.margin == pytest.approx(margin)
