"""Drafters that compute: what they guess, what they cost, and what is refused."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import VOCABULARY, drafter_for, tiny_heads, tiny_model

from fastapply.backends.drafting import COMPUTED
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode
from fastapply.engine.drafts import Sources, make_drafter
from fastapply.engine.sampling import GREEDY, Sampling
from fastapply.errors import ModelError, UsageError
from fastapply.speculators.draft_model import DraftModel, ModelDrafter, in_8_bits, parse_layers, some_layers
from fastapply.speculators.heads import load_heads, save_heads
from fastapply.speculators.payoff import LOOK_AGAIN, Payoff

NOTHING = Sources([], [], [])
PROMPT = [1, 7, 9, 1]


def written(model, drafter, sampling=GREEDY, limit=40):
    job = Job(PROMPT, drafter, frozenset(), limit, sampling=sampling)
    blocks = list(decode(BlockCache(model, len(PROMPT) + limit), job))
    return [token for block in blocks for token in block.tokens], blocks[-1].stats


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(1.0), Sampling(0.8, top_k=5, top_p=0.9, seed=3)])
def test_a_draft_model_that_is_the_model_is_always_right(sampling):
    model = tiny_model(2)
    plain, slow = written(model, make_drafter("none", NOTHING), sampling)
    cheap = DraftModel(model, 0.01, VOCABULARY)  # as if it were small, so that it drafts
    same = drafter_for("model", model, NOTHING, PROMPT, 40, sampling, cheap)
    tokens, stats = written(model, same, sampling)
    assert tokens == plain
    assert stats.accepted_tokens == stats.drafted_tokens > 20
    assert stats.forward_passes < slow.forward_passes / 2


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.integers(3, VOCABULARY - 1), max_size=5), st.integers(0, 7)), max_size=12),
    st.integers(0, 2),
)
def test_the_draft_models_cache_follows_any_output(steps, seed):
    """However its drafts fared, it drafts what a new one drafts that reads the output so far in one go."""
    model = tiny_model(seed)
    drafter = ModelDrafter(some_layers(model, [1]), PROMPT, 120, GREEDY)
    output = []
    for tokens, limit in steps:
        for token in tokens:
            drafter.observe(token)
            output.append(token)
        draft = drafter.draft(limit)
        fresh = ModelDrafter(some_layers(model, [1]), [*PROMPT, *output], 120, GREEDY)
        fresh._payoff.depth = partial(len, draft)
        assert fresh.draft(limit) == draft


@pytest.mark.parametrize("name", COMPUTED)
def test_where_the_context_ends_nothing_breaks(name):
    model = tiny_model(1)
    short = some_layers(model, [0])
    object.__setattr__(short.model, "context", 24)
    plain, _ = written(model, make_drafter("none", NOTHING))
    assert written(model, drafter_for(name, model, NOTHING, PROMPT, 40, draft=short))[0] == plain


def test_an_int8_copy_drafts_and_leaves_the_model_as_it_was():
    model = tiny_model(3)
    plain, _ = written(model, make_drafter("none", NOTHING))
    before = model.module.lm_head.weight.clone()
    drafter = drafter_for("model", model, NOTHING, PROMPT, 40, draft=in_8_bits(model))
    tokens, stats = written(model, drafter)
    assert tokens == plain
    assert stats.drafted_tokens > 0
    assert torch.equal(model.module.lm_head.weight, before)


def test_a_model_in_8_bits_has_no_draft_in_8_bits():
    with pytest.raises(ModelError, match="as slow as a model in int8"):
        in_8_bits(tiny_model(3, torch.int8))


def test_some_layers_share_the_weights():
    model = tiny_model(3)
    lean = some_layers(model, [1])
    assert lean.model.module.model.layers[0] is model.module.model.layers[1]
    assert len(model.module.model.layers) == 2
    assert 0 < lean.cost < 1
    with pytest.raises(UsageError, match="the model has layers 0-1"):
        some_layers(model, [2])


def test_layers_are_read_as_ranges():
    assert parse_layers("0-2,5,7-8") == [0, 1, 2, 5, 7, 8]
    for wrong in ("", "a", "1-2-x", "1,,2"):
        with pytest.raises(UsageError, match="names no layers"):
            parse_layers(wrong)


def test_heads_come_back_from_their_file_and_damage_is_told(tmp_path):
    model = tiny_model(0)
    heads, path = tiny_heads(model), tmp_path / "heads.safetensors"
    save_heads(heads, path)
    loaded = load_heads(path, model)
    for name, tensor in heads.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor.to(torch.bfloat16).float())
    whole = path.read_bytes()
    for damaged, said in ((whole[:-9] + b"?" + whole[-8:], "checksum differs"), (whole[:-9], "cannot read")):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match=said):
            load_heads(path, model)
    with pytest.raises(ModelError, match="cannot read the heads"):
        load_heads(tmp_path / "nowhere", model)


def test_heads_of_another_model_are_refused(tmp_path):
    model = tiny_model(0)
    save_heads(tiny_heads(model), tmp_path / "heads.safetensors")
    model.module.config.hidden_size += 8
    try:
        with pytest.raises(ModelError, match="for another model"):
            load_heads(tmp_path / "heads.safetensors", model)
    finally:
        model.module.config.hidden_size -= 8


def drafts_of(payoff, right, count):
    """How long the drafts get of which the first `right` tokens are right."""
    depths = []
    for _ in range(count):
        depth = payoff.depth()
        depths.append(depth)
        payoff.propose([1] * depth)
        for token in [1] * min(right, depth) + [0]:
            payoff.observe(token)
    return depths


def test_as_many_tokens_are_drafted_as_pay():
    assert max(drafts_of(Payoff(0.1, 4), right=4, count=40)[5:]) == 4
    deep = drafts_of(Payoff(0.1, 4), right=1, count=80)[40:]
    assert sorted(deep)[len(deep) // 2] == 1
    dear = drafts_of(Payoff(0.6, 7), right=0, count=40 * LOOK_AGAIN)[40:]
    assert sorted(set(dear)) == [0, 1]
    looks = [index for index, depth in enumerate(dear) if depth]
    pauses = [later - look for look, later in pairwise(looks)]
    assert pauses == sorted(set(pauses))  # ever rarer
    assert pauses[-1] >= 8 * LOOK_AGAIN


def test_what_pays_later_is_noticed():
    payoff = Payoff(0.6, 4)
    drafts_of(payoff, right=0, count=200)
    assert max(drafts_of(payoff, right=4, count=600)[-20:]) == 4
