from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import VOCABULARY, tiny_model

from fastapply.engine.cache import BlockCache
from fastapply.engine.decisions import decision_tokens
from fastapply.engine.decode import Counters, Job, decode
from fastapply.engine.drafts import Sources, make_drafter
from fastapply.engine.rank import rank

tokens = st.lists(st.integers(3, VOCABULARY - 1), min_size=1, max_size=30)


def naive_score(model, prompt, candidate, original):
    """The same sum, from one pass over everything."""
    whole = [*prompt, *candidate]
    cache = BlockCache(model, len(whole))
    log_probs = cache.forward(whole, len(whole))[: len(whole)].float().log_softmax(-1)
    decisions, _ = decision_tokens(original, candidate)
    return sum(log_probs[len(prompt) + i - 1, candidate[i]].item() for i in decisions)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 5), tokens, tokens, st.lists(tokens, min_size=1, max_size=4))
def test_shared_beginnings_do_not_change_the_scores(seed, prompt, original, tails):
    model = tiny_model(seed)
    candidates = [[*original[: len(original) // 2], *tail, 2] for tail in tails]
    cache = BlockCache(model, len(prompt) + 100)
    scores = rank(cache, prompt, candidates, [-float(i) for i in range(len(candidates))], original)
    assert cache.length == len(prompt) - 1
    expected = [naive_score(model, prompt, candidate, original) - i for i, candidate in enumerate(candidates)]
    torch.testing.assert_close(scores, expected, atol=1e-3, rtol=1e-3)


def test_decoding_goes_on_after_ranking_as_if_there_had_been_none():
    model, prompt = tiny_model(4), [1, 9, 8, 7, 1]

    def write(ranked):
        cache = BlockCache(model, 100)
        if ranked:
            rank(cache, prompt, [[5, 6, 7, 2], [5, 9, 2]], [0.0, 0.0], [5, 6])
        job = Job(prompt, make_drafter("merge", Sources([9, 8], [7], [9, 7])), frozenset({2}), 24)
        return [(block.tokens, block.accepted) for block in decode(cache, job, Counters())]

    assert write(ranked=True) == write(ranked=False)


def test_a_token_counts_as_a_decision_where_the_output_leaves_and_where_it_comes_back():
    decisions, new = decision_tokens([1, 2, 3, 4, 5], [1, 2, 8, 9, 4, 5])
    assert decisions == {2, 3, 4}  # a replacement and an insertion side by side are two operations
    assert new == {2, 3}
    assert decision_tokens([1, 2, 3], [1, 3]) == ({1}, set())  # a deletion shows in the token after it
    assert decision_tokens([1], [1]) == (set(), set())
