from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply.engine.suffix import END, SURE, TOKENS_PER_MATCH, SuffixAutomaton, SuffixDrafter

tokens = st.lists(st.integers(0, 3), max_size=40)


def first_after(text, part):
    """Where what follows the first occurrence of `part` starts; None: it does not occur."""
    places = (end for end in range(len(part), len(text) + 1) if text[end - len(part) : end] == part)
    return next(places, None)


@given(tokens, tokens)
def test_the_longest_end_that_occurs_is_found_where_it_occurs_first(text, output):
    automaton = SuffixAutomaton()
    for token in text:
        automaton.extend(token)
    state, matched = 0, 0
    for count, token in enumerate(output, start=1):
        state, matched = automaton.step(state, matched, token)
        longest = next(n for n in range(count, -1, -1) if first_after(text, output[count - n : count]) is not None)
        assert matched == longest
        if matched:
            assert automaton.end[state] == first_after(text, output[count - matched : count])


@given(tokens, tokens, tokens, st.integers(0, 50))
def test_a_draft_is_what_followed_and_stays_in_its_source(merge, update, output, limit):
    drafter = SuffixDrafter([merge, update])
    for count, token in enumerate(output):
        drafter.observe(token)
        draft = list(drafter.draft(limit))
        assert len(draft) <= limit
        assert END not in draft
        known = [*merge, END, *update, END, *output[: count + 1]]
        assert not draft or first_after(known, [token, *draft])


def test_an_output_begins_as_the_first_source_and_long_matches_earn_long_drafts():
    source = list(range(100, 100 + 3 * SURE * TOKENS_PER_MATCH))
    drafter = SuffixDrafter([source])
    assert list(drafter.draft(5)) == source[:5]
    drafter.observe(source[0])
    assert list(drafter.draft(500)) == source[1 : 1 + TOKENS_PER_MATCH]
    for token in source[1:SURE]:
        drafter.observe(token)
    assert list(drafter.draft(500)) == source[SURE : SURE + 500]


def test_what_the_output_repeats_of_itself_is_drafted_too():
    drafter = SuffixDrafter([[1]])
    for token in (7, 8, 9, 7, 8):
        drafter.observe(token)
    assert list(drafter.draft(3)) == [9, 7, 8]
