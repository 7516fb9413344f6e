"""The first promise: the fast path gives the same tokens and the same probabilities as the slow path, bitwise."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import DTYPES, VOCABULARY, drafter_for, tiny_model

from fastapply.backends.drafting import DRAFTERS
from fastapply.engine.cache import BLOCK_SIZES, BlockCache
from fastapply.engine.decode import Job, decode
from fastapply.engine.drafts import Sources
from fastapply.engine.guide import CandidateGuide, NoGuide

token_lists = st.lists(st.integers(3, VOCABULARY - 1), min_size=1, max_size=60)


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """An original, an update, and a merge of both, as token ids."""
    original = draw(token_lists)
    update = draw(st.lists(st.integers(3, VOCABULARY - 1), max_size=12))
    at = draw(st.integers(0, len(original)))
    drop = draw(st.integers(0, 8))
    return original, update, original[:at] + update + original[at + drop :]


def run(model, prompt, sources, drafter, guide_strength, lengths=None, limit=28):
    guide = NoGuide()
    if guide_strength:
        guide = CandidateGuide(
            [[*sources.candidate, 2], [*sources.original, 2], [*sources.update, *sources.candidate, 2]],
            [0.0, -1.0, -0.5],
            guide_strength,
        )
    cache = BlockCache(model, len(prompt) + limit)
    sizes = itertools.cycle(lengths) if lengths else None
    job = Job(
        prompt=prompt,
        drafter=drafter_for(drafter, model, sources, prompt, limit),
        stop=frozenset({2}),
        max_tokens=limit,
        guide=guide,
        watch=lambda _: True,
        draft_length=(lambda: next(sizes)) if sizes else None,
    )
    tokens, log_probs = [], {}
    for block in decode(cache, job):
        tokens += block.tokens
        log_probs |= block.log_probs
        stats = block.stats
    assert stats.output_tokens == len(tokens) == len(log_probs)
    assert stats.accepted_tokens <= stats.drafted_tokens
    return tokens, log_probs, stats


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 5),
    dtype=st.sampled_from(DTYPES),
    edit=edits(),
    strength=st.sampled_from([0.0, 2.0, 1000.0]),
)
def test_every_drafter_equals_plain_decoding(seed, dtype, edit, strength):
    model = tiny_model(seed, dtype)
    sources = Sources(*edit)
    prompt = [1, *sources.original, 1, *sources.update, 1]
    plain = run(model, prompt, sources, "none", strength)
    for drafter in DRAFTERS[1:]:
        fast = run(model, prompt, sources, drafter, strength)
        assert fast[:2] == plain[:2], drafter


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 5),
    edit=edits(),
    lengths=st.lists(st.integers(0, BLOCK_SIZES[-1] - 1), min_size=1, max_size=6),
    strength=st.sampled_from([0.0, 1000.0]),
)
def test_any_sequence_of_draft_lengths_gives_the_same(seed, edit, lengths, strength):
    model = tiny_model(seed)
    sources = Sources(*edit)
    prompt = [1, *sources.original, 1, *sources.update, 1]
    plain = run(model, prompt, sources, "none", strength)
    assert run(model, prompt, sources, "merge", strength, lengths)[:2] == plain[:2]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_is_bitwise_the_same_in_every_block_size_and_view(dtype):
    model = tiny_model(1, dtype)
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(3, VOCABULARY, (1100,), generator=generator).tolist()

    def logits(sizes):
        cache, rows, sizes = BlockCache(model, 1200), [], itertools.cycle(sizes)
        while cache.length < len(tokens):
            part = tokens[cache.length : cache.length + next(sizes)]
            rows.append(cache.forward(part, len(part))[: len(part)].clone())
        return torch.cat(rows)

    reference = logits([512])
    for sizes in ([7, 1, 30], [64], [256, 3], [128]):
        assert torch.equal(logits(sizes), reference), sizes


def test_a_perfect_draft_is_accepted_whole_and_a_wrong_one_costs_no_correctness():
    model = tiny_model(2)
    prompt = [1, 5, 9, 5, 1]
    written, _, plain = run(model, prompt, Sources([3], [], [3]), "none", 0)
    perfect, _, fast = run(model, prompt, Sources([3], [], written), "merge", 0)
    assert perfect == written
    assert fast.forward_passes < plain.forward_passes / 5
    wrong = [(token + 1) % VOCABULARY for token in written]
    assert run(model, prompt, Sources([3], [], wrong), "merge", 0)[0] == written
