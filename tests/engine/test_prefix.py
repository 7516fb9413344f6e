"""A prompt whose beginning was read before gives bitwise what it gives when it is read whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import DTYPES, VOCABULARY, tiny_model

from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode, prefill
from fastapply.engine.drafts import CursorDrafter, Sources, make_drafter
from fastapply.engine.prefix import LEAST_TOKENS, PrefixStore

MEGABYTE = 1 << 20
tokens_of = st.lists(st.integers(3, VOCABULARY - 1), min_size=LEAST_TOKENS + 1, max_size=90)


def written(model, prompt, store=None):
    """Tokens and log-probabilities after `prompt`, and how much of it was cached."""
    cache = BlockCache(model, len(prompt) + 24)
    if store is not None:
        store.restore(cache, prompt)
    drafter = CursorDrafter([prompt])
    job = Job(prompt, drafter, frozenset({2}), 24, watch=lambda _: True)
    blocks = list(decode(cache, job))
    if store is not None:
        store.keep(cache, prompt)
    return [(block.tokens, block.log_probs) for block in blocks if block.tokens], blocks[-1].stats.cached_tokens


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 3),
    dtype=st.sampled_from(DTYPES),
    shared=tokens_of,
    ends=st.lists(st.lists(st.integers(3, VOCABULARY - 1), min_size=1, max_size=40), min_size=1, max_size=4),
    block=st.sampled_from([8, 16, 64]),
)
def test_a_restored_prefix_changes_nothing(seed, dtype, shared, ends, block):
    model, store = tiny_model(seed, dtype), PrefixStore(MEGABYTE)
    ahead = BlockCache(model, len(shared))
    for _ in prefill(ahead, shared, block):
        pass
    store.keep(ahead, shared)
    for end in ends:
        prompt = [*shared, *end]
        read_whole, _ = written(model, prompt)
        restored, cached = written(model, prompt, store)
        assert restored == read_whole
        assert cached == len(prompt) - 1 or cached >= (ahead.length if ahead.length >= LEAST_TOKENS else 0)


def test_an_unchanged_prompt_is_read_once_but_for_its_last_token():
    model, store = tiny_model(0), PrefixStore(MEGABYTE)
    prompt = [3 + n % 40 for n in range(700)]
    assert written(model, prompt, store)[1] == 0
    assert written(model, prompt, store)[1] == len(prompt) - 1


def test_reading_a_prompt_can_be_stopped_and_what_was_read_is_kept():
    model, store = tiny_model(0), PrefixStore(MEGABYTE)
    prompt = [3 + n % 40 for n in range(1500)]
    cache = BlockCache(model, len(prompt) + 24)
    blocks = decode(cache, Job(prompt, make_drafter("none", Sources([], [], [])), frozenset({2}), 24))
    assert next(blocks).tokens == []
    blocks.close()
    assert (cache.forward_passes, cache.length) == (1, 512)
    store.keep(cache, prompt)
    assert written(model, prompt, store) == (written(model, prompt)[0], 512)


def test_the_memory_is_bounded_and_the_oldest_go_first():
    model = tiny_model(0)
    prompts = [[start, *range(3, 43)] for start in range(3, 13)]
    store = PrefixStore(MEGABYTE)
    written(model, prompts[0], store)
    store = PrefixStore(3 * store.bytes)
    for prompt in prompts:
        written(model, prompt, store)
        assert store.bytes <= store._max_bytes
    assert [written(model, prompt, store)[1] for prompt in prompts[-3:]] == [40, 40, 40]
    assert written(model, prompts[0], store)[1] == 0


@pytest.mark.parametrize("room", [0, 1])
def test_without_room_nothing_is_kept(room):
    store = PrefixStore(room)
    written(tiny_model(0), list(range(3, 43)), store)
    assert store.bytes == 0


def test_a_longer_prompt_takes_the_place_of_its_beginning():
    model, store = tiny_model(0), PrefixStore(MEGABYTE)
    prompt = list(range(3, 45))
    written(model, prompt[:30], store)
    written(model, prompt, store)
    assert len(store._kept) == 1
    written(model, prompt[:25], store)  # known already
    assert len(store._kept) == 1
