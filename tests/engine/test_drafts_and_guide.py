from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.engine.drafts import Cursor, CursorDrafter, DraftLength, Sources, make_drafter
from fastapply.engine.guide import CandidateGuide
from fastapply.errors import UsageError


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
    assert drafter.draft(2) == [9] or drafter.draft(2) == []
    assert make_drafter("none", Sources([1], [2], [3])).draft(5) == []
    with pytest.raises(UsageError, match="unknown drafter `x`; there are: none, original, two-cursor, merge"):
        make_drafter("x", Sources([], [], []))


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


def test_the_guide_counts_candidates_that_the_output_may_still_become():
    guide = CandidateGuide([[1, 2, 3], [1, 4, 5]], [0.0, -2.0], strength=10.0)
    assert guide.along([1, 2]) == [{1: 10.0}, {2: 10.0, 4: 8.0}, {3: 10.0}]
    assert guide.along([]) == [{1: 10.0}]  # looking along a draft changed nothing
    guide.observe(1)
    guide.observe(4)
    assert guide.along([]) == [{5: 10.0}]


def test_the_guide_finds_a_candidate_again_after_the_model_overruled_it():
    candidate = list(range(100, 140))
    guide = CandidateGuide([candidate], [0.0], strength=1.0)
    for token in [*candidate[:10], 7, 7, *candidate[10:22]]:
        guide.observe(token)
    assert guide.along([]) == [{candidate[22]: 1.0}]
