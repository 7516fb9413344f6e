from __future__ import annotations

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import VOCABULARY, tiny_model

from fastapply.backends.choosing import Way
from fastapply.backends.local import CacheReader
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode, way_log_prob, way_log_probs
from fastapply.engine.drafts import Sources, make_drafter
from fastapply.engine.guide import AFTERWARDS, CandidateGuide

tokens = st.lists(st.integers(3, VOCABULARY - 1), min_size=1, max_size=30)


def naive_score(model, before, way):
    """The same sum from one pass over everything."""
    whole = [*before, *way]
    log_probs = BlockCache(model, len(whole)).forward(whole, len(whole))[: len(whole)].float().log_softmax(-1)
    return sum(log_probs[len(before) + i - 1, way[i]].item() for i in range(len(way)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 5), st.lists(st.integers(3, VOCABULARY - 1), min_size=2, max_size=30), tokens, st.data())
def test_a_way_is_scored_by_all_its_tokens_and_the_cache_is_as_before(seed, before, way, data):
    model = tiny_model(seed)
    pending = data.draw(st.integers(1, len(before) - 1))
    cache = BlockCache(model, 200)
    cache.forward(before[:-pending], keep=1)
    score = way_log_prob(cache, before[-pending:], way)
    assert score == pytest.approx(naive_score(model, before, way), abs=1e-3)
    assert cache.length == len(before) - pending


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5), tokens, tokens, st.integers(0, 30), st.lists(tokens, max_size=4), st.data())
def test_the_leader_and_all_ways_are_read_as_if_each_came_alone(seed, prompt, leader, cached, others, data):
    model, first = tiny_model(seed), data.draw(st.integers(0, len(leader) - 1))
    ways = [Way(data.draw(st.integers(first, len(leader) - 1)), tuple(way)) for way in others]
    cache = BlockCache(model, 300)
    if known := min(cached, len(prompt) - 1):
        cache.forward(prompt[:known], keep=1)
    *_, reading = CacheReader(cache, prompt).read(leader, first, ways)
    read = [(first, leader[first:], reading.leader)]
    read += [(*way, found) for way, found in zip(ways, reading.ways, strict=True)]
    for start, way, found in read:
        assert len(found) == len(way)
        assert sum(found) == pytest.approx(naive_score(model, [*prompt, *leader[:start]], way), abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9), tokens, tokens, tokens, tokens, st.floats(-20, 20))
def test_of_two_ways_of_one_length_the_likelier_is_taken(seed, start, first, second, rest, prior):
    model = tiny_model(seed)
    first, second = first[: len(second)], second[: len(first)]
    candidates = [[*start, *way, *rest, 2] for way in (first, second)]
    guide = CandidateGuide(candidates, [0.0, prior], 1000.0)
    forks = guide._forks
    if not forks:
        return
    at, ends = forks[0].start, (forks[0].end, forks[0].end + len(candidates[1]) - len(candidates[0]))
    before = [1, *candidates[0][:at]]
    cache = BlockCache(model, 300)
    if len(before) > 1:
        cache.forward(before[:-1], keep=1)
    for token in before[1:]:
        guide.observe(token)
    guide.decide(partial(way_log_probs, cache, before[-1:]))
    ways = [candidate[at : end + AFTERWARDS] for candidate, end in zip(candidates, ends, strict=True)]
    scores = [naive_score(model, before, way) for way in ways]
    lead = scores[1] + prior - scores[0]
    assert guide.margin == pytest.approx(abs(lead), abs=1e-3)
    if abs(lead) > 1e-3:
        assert guide.leader == candidates[lead > 0]


def test_the_output_is_the_candidate_that_wins():
    model, original = tiny_model(3), [5, 6, 7, 8, 9]
    candidates = [[5, 6, 20, 21, 9, 2], [5, 6, 30, 31, 9, 2]]

    def write(prior):
        guide = CandidateGuide(candidates, [0.0, prior], 1000.0)
        drafter = make_drafter("merge", Sources(original, [20, 21], candidates[0]))
        job = Job([1, *original, 1], drafter, frozenset({2}), 20, guide)
        blocks = list(decode(BlockCache(model, 100), job))
        return [token for block in blocks for token in block.tokens]

    assert write(-100.0) == candidates[0][:-1]
    assert write(100.0) == candidates[1][:-1]
    with torch.no_grad():
        assert write(0.0) in (candidates[0][:-1], candidates[1][:-1])
