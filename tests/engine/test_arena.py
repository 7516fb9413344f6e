"""Passes of one shape on buffers that stay: the same tokens as ever, one graph a view, one wait of the host a block."""

from __future__ import annotations

import dataclasses
import gc
import itertools
import logging
import random

import pytest
import torch
from tiny import DTYPES, VOCABULARY, drafter_for, tiny_model
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from fastapply.backends.drafting import DRAFTERS
from fastapply.engine.arena import Arenas
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode
from fastapply.engine.drafts import Sources, make_drafter
from fastapply.engine.guide import CandidateGuide, NoGuide
from fastapply.engine.prefix import PrefixStore

LIMIT = 40


def fixed(model, block, capture=None):
    """The same model with passes of `block` tokens."""
    return dataclasses.replace(model, arenas=Arenas(model.module, block, model.context, capture))


def edit(seed, length=90):
    rng = random.Random(seed)
    original = [rng.randrange(3, VOCABULARY) for _ in range(length)]
    update = [rng.randrange(3, VOCABULARY) for _ in range(9)]
    return Sources(original, update, original[:20] + update + original[26:])


def written(model, sources, drafter, *, guided=False, store=None, prompt=None):
    """Tokens, log-probabilities, and what it cost."""
    prompt = prompt or [1, *sources.original, 1, *sources.update, 1]
    cache = BlockCache(model, len(prompt) + LIMIT)
    if store is not None:
        store.restore(cache, prompt)
    guide = CandidateGuide([[*sources.candidate, 2], [*sources.original, 2]], [0.0, -1.0], 1000.0)
    job = Job(
        prompt,
        drafter_for(drafter, model, sources, prompt, LIMIT),
        frozenset({2}),
        LIMIT,
        guide=guide if guided else NoGuide(),
        watch=lambda _: True,
    )
    blocks = list(decode(cache, job))
    if store is not None:
        store.keep(cache, prompt)
    tokens = [token for block in blocks for token in block.tokens]
    log_probs = {position: value for block in blocks for position, value in block.log_probs.items()}
    return (tokens, log_probs), blocks[-1].stats


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block", [16, 128])
def test_logits_are_bitwise_those_of_the_fitting_blocks(dtype, block):
    model = tiny_model(1, dtype)
    tokens = torch.randint(3, VOCABULARY, (1100,), generator=torch.Generator().manual_seed(0)).tolist()

    def logits(model, sizes):
        cache, rows, sizes = BlockCache(model, 1200), [], itertools.cycle(sizes)
        while cache.length < len(tokens):
            part = tokens[cache.length : cache.length + next(sizes)]
            rows.append(cache.forward(part, len(part))[: len(part)].clone())
        return torch.cat(rows)

    reference = logits(model, [512])
    for sizes in ([512], [100, 1, 31], [128]):
        assert torch.equal(logits(fixed(model, block), sizes), reference), sizes


@pytest.mark.parametrize("keep", [1, 8, 9, 40, 100])
def test_the_kept_rows_are_the_last_ones_however_many_passes_they_take(keep):
    model, tokens = tiny_model(2), [3 + n % 40 for n in range(100)]
    every = BlockCache(model, 100).forward(tokens, 100)[:100]
    cache = BlockCache(fixed(model, 32), 100)
    assert torch.equal(cache.forward(tokens, keep)[:keep], every[-keep:])
    assert (cache.length, cache.forward_passes) == (100, 4)


@pytest.mark.parametrize("guided", [False, True])
def test_every_drafter_writes_what_plain_decoding_and_the_fitting_blocks_write(guided):
    sources = edit(3)
    reference, _ = written(tiny_model(3), sources, "none", guided=guided)
    model = fixed(tiny_model(3), 64)
    for drafter in DRAFTERS:
        assert written(model, sources, drafter, guided=guided)[0] == reference, drafter


def test_a_restored_prefix_changes_nothing_and_is_not_read_again():
    model, store, sources = fixed(tiny_model(4), 32), PrefixStore(1 << 20), edit(4)
    whole, first = written(model, sources, "merge", store=store)
    again, second = written(model, sources, "merge", store=store)
    assert again == whole
    assert (first.cached_tokens, second.cached_tokens) == (0, second.prompt_tokens - 1)


def test_a_sequence_takes_over_the_buffers_of_one_that_ended_and_nothing_else():
    model = fixed(tiny_model(5), 16)
    one, other = BlockCache(model, 100), BlockCache(model, 100)
    assert one._arena is not other._arena
    with torch.inference_mode():
        one.forward([5] * 20, 1)
        one._layers[0].keys.fill_(float("nan"))  # a model that broke
    lent = one._arena
    del one
    gc.collect()
    clean = BlockCache(model, 100)
    assert clean._arena is lent
    assert torch.equal(clean.forward([7] * 20, 20)[:20], other.forward([7] * 20, 20)[:20])


def test_passes_are_one_graph_a_view_and_are_never_compiled_again():
    """Dynamo stands for CUDA's capture: it refuses what depends on the host, and says how often it has compiled."""
    graphs = []

    def backend(graph, inputs):
        graphs.append(graph)
        return graph.forward

    def capture(run):
        return torch.compile(run, backend=backend, fullgraph=True, dynamic=False, isolate_recompiles=True)

    torch._dynamo.reset()
    plain, model = tiny_model(6), fixed(tiny_model(6), 128, capture)
    tokens = [3 + n % 40 for n in range(1500)]
    cache = BlockCache(model, 1500)
    for start in range(0, 1500, 100):
        cache.forward(tokens[start : start + 100], 1)
    views = len(cache._arena._of_view)
    assert len(graphs) == views == 3
    del cache
    gc.collect()
    with torch.compiler.set_stance("fail_on_recompile"):
        for seed in range(8):
            sources = edit(seed, random.Random(seed).randrange(20, 700))
            for drafter in ("none", "merge", "suffix"):
                assert written(model, sources, drafter)[0] == written(plain, sources, drafter)[0]
    assert len(graphs) == views


def test_what_cannot_be_captured_runs_uncaptured_after_one_warning(caplog):
    def capture(run):
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    sources = edit(7)
    with caplog.at_level(logging.WARNING, logger="fastapply"):
        model = fixed(tiny_model(7), 64, capture)
        runs = [written(model, sources, "merge")[0] for _ in range(2)]
    assert runs == [written(tiny_model(7), sources, "merge")[0]] * 2
    assert [record.getMessage() for record in caplog.records if record.name == "fastapply.engine.arena"] == [
        "passes cannot be captured and run uncaptured, which is slower: "
        "operation not permitted when stream is capturing"
    ]


WAITS = {  # what makes a host wait for a device
    torch.Tensor.tolist,
    torch.Tensor.item,
    torch.Tensor.cpu,
    torch.Tensor.numpy,
    torch.Tensor.__bool__,
    torch.Tensor.__int__,
    torch.Tensor.__float__,
    torch.Tensor.__index__,
}
WAITING_KERNELS = ("_local_scalar_dense", "nonzero", "masked_select", "equal.default", "is_nonzero", "unique")


class HostWaits(TorchFunctionMode):
    """Calls in Python, and kernels below them, whose answer the host needs."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in WAITS:
            self.seen.append(function.__name__)
            with torch._C.DisableTorchFunction():  # what it does within is the same wait
                return function(*args, **(kwargs or {}))
        return function(*args, **(kwargs or {}))


class WaitingKernels(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if any(name in str(function) for name in WAITING_KERNELS):
            self.seen.append(str(function))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("drafter", ["none", "merge"])
def test_the_host_waits_once_a_block(drafter, guided):
    model, sources = fixed(tiny_model(8), 32), edit(8)
    prompt = [1, *sources.original, 1]
    guide = CandidateGuide([[*sources.candidate, 2]], [0.0], 1000.0) if guided else NoGuide()
    job = Job(prompt, make_drafter(drafter, sources), frozenset({2}), LIMIT, guide=guide)
    with HostWaits() as waits, WaitingKernels() as kernels:
        blocks = list(decode(BlockCache(model, 300), job))
    tokens = sum(len(block.tokens) for block in blocks)
    assert len(blocks) >= tokens if drafter == "none" else tokens > 0
    assert waits.seen == ["tolist"] * len(blocks)
    assert kernels.seen == []


def test_the_counter_of_waits_sees_them():
    with HostWaits() as waits, WaitingKernels() as kernels:
        values = torch.arange(4)
        bool(values[0] > 1)
        values[values > 1]
        values.nonzero()
        values.sum().item()
    assert waits.seen == ["__bool__", "item"]
    assert len(kernels.seen) >= 2
