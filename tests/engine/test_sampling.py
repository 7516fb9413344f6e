"""Sampled output: of the target's distribution, and the same whoever drafts."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tiny import DTYPES, VOCABULARY, drafter_for, tiny_model

from fastapply.backends.drafting import DRAFTERS
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode
from fastapply.engine.drafts import Sources
from fastapply.engine.guide import NoGuide
from fastapply.engine.sampling import Sampling, log_probs, sample

SEEDS = 700
LEAST_EXPECTED = 6  # a bin with fewer is put together with the others


def written(model, prompt, sources, drafter, sampling, limit, lengths=None):
    job = Job(
        prompt,
        drafter_for(drafter, model, sources, prompt, limit, sampling),
        frozenset(),
        limit,
        NoGuide(),
        draft_length=(lambda: next(lengths)) if lengths else None,
        sampling=sampling,
    )
    blocks = list(decode(BlockCache(model, len(prompt) + limit), job))
    return [token for block in blocks for token in block.tokens], blocks[-1].stats


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 3),
    dtype=st.sampled_from(DTYPES),
    source=st.lists(st.integers(3, VOCABULARY - 1), min_size=4, max_size=40),
    sampling=st.builds(
        Sampling,
        temperature=st.floats(0.05, 3),
        top_k=st.integers(0, VOCABULARY + 5),
        top_p=st.floats(0.05, 1),
        seed=st.integers(0, 2**40),
    ),
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=5),
)
def test_every_drafter_and_draft_length_samples_the_same_tokens(seed, dtype, source, sampling, lengths):
    model, sources = tiny_model(seed, dtype), Sources(source, source[::2], source[1:])
    plain, _ = written(model, [1, *source, 1], sources, "none", sampling, 24)
    for drafter in DRAFTERS[1:]:
        for cycle in (None, itertools.cycle(lengths)):
            assert written(model, [1, *source, 1], sources, drafter, sampling, 24, cycle)[0] == plain, drafter


@pytest.mark.parametrize(
    ("drafter", "sampling"),
    [
        *((drafter, Sampling(1.2, top_k=9, top_p=0.9)) for drafter in DRAFTERS),
        *(("merge", sampling) for sampling in (Sampling(1.0), Sampling(0.7, top_k=6), Sampling(1.6, top_p=0.8))),
    ],
)
def test_the_first_two_tokens_have_the_distribution_of_the_target(drafter, sampling):
    """Chi-square over the joint distribution of two tokens, the second of which stands in a verified draft."""
    model, prompt = tiny_model(4), [1, 7, 9, 1]
    logits = BlockCache(model, 64).forward(prompt, 1)[0]
    first = log_probs(logits, {}, sampling).exp()
    likely = [int(first.argmax()), 5, 6]
    sources = Sources(likely, likely, likely)  # the drafts are right at times and wrong at times
    expected: Counter[tuple[int, int]] = Counter()
    for token in range(VOCABULARY):
        if first[token] > 0:
            after = log_probs(BlockCache(model, 64).forward([*prompt, token], 1)[0], {}, sampling).exp()
            expected.update({(token, other): float(first[token] * p) for other, p in enumerate(after) if p > 0})
    seen: Counter[tuple[int, int]] = Counter()
    accepted = 0
    for seed in range(SEEDS):
        one = Sampling(sampling.temperature, sampling.top_k, sampling.top_p, seed)
        # Three: heads have something to say once the first is known, and no draft goes to the output's very end.
        tokens, stats = written(model, prompt, sources, drafter, one, 3)
        seen[tokens[0], tokens[1]] += 1
        accepted += stats.accepted_tokens
    assert set(seen) <= set(expected)
    often = [pair for pair, share in expected.items() if share * SEEDS >= LEAST_EXPECTED]
    counts = [seen[pair] for pair in often]
    shares = [expected[pair] * SEEDS for pair in often]
    if SEEDS - sum(shares) > LEAST_EXPECTED:
        counts.append(SEEDS - sum(counts))
        shares.append(SEEDS - sum(shares))
    total = sum(counts) / sum(shares)
    assert chisquare(counts, [share * total for share in shares]).pvalue > 1e-4
    assert accepted or drafter == "none"


def test_top_k_and_top_p_keep_what_they_say():
    logits = torch.log(torch.tensor([0.5, 0.25, 0.15, 0.1]))
    for sampling, kept in (
        (Sampling(1.0), 4),
        (Sampling(1.0, top_k=2), 2),
        (Sampling(1.0, top_p=0.5), 1),
        (Sampling(1.0, top_p=0.6), 2),
        (Sampling(1.0, top_k=3, top_p=0.99), 3),
        (Sampling(0.1, top_p=0.99), 1),
    ):
        left = log_probs(logits, {}, sampling).exp()
        assert int((left > 0).sum()) == kept, sampling
        assert float(left.sum()) == pytest.approx(1)


def test_a_bonus_counts_before_anything_is_cut():
    logits = torch.tensor([5.0, 0.0, 0.0])
    assert sample(logits, {2: 1000.0}, Sampling(1.0, top_k=1), 0) == 2


def test_nan_is_an_error_when_sampling_too():
    from fastapply.engine.accept import choose
    from fastapply.errors import ModelError

    logits = torch.full((8, 4), float("nan"))
    for temperature in (0.0, 1.0):
        with pytest.raises(ModelError, match="NaN"):
            choose(logits, [{}], Sampling(temperature), 0)
