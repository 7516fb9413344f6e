"""On a GPU only: replayed passes against the same passes run as they are, every drafter against plain, waits, speed."""

from __future__ import annotations

import time
import warnings

import pytest
import torch

from fastapply.backends.drafting import COMPUTED, DRAFTERS, Drafting, Output
from fastapply.backends.local import LocalBackend
from fastapply.config import load_settings
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode
from fastapply.engine.drafts import Sources
from fastapply.engine.guide import CandidateGuide

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device: run on a machine with a GPU"),
    pytest.mark.model,
]

TEXT = "".join(f"def function_{n}(value):\n    return value * {n} + {n * n % 17}\n\n\n" for n in range(60))
UPDATE = "def function_30(value):\n    return value - 30\n"


@pytest.fixture(scope="module")
def backend():
    return LocalBackend.load(load_settings(device="cuda"))


def job(backend, drafter, limit=2000):
    merged = TEXT.replace("    return value * 30 + 16\n", "    return value - 30\n")
    assert merged != TEXT
    sources = Sources(*(backend.codec.encode(text) for text in (TEXT, UPDATE, merged)))
    guide = CandidateGuide([list(sources.candidate)], [0.0], 1000.0)
    prompt = [*sources.original, *sources.update]
    return Job(
        prompt, Drafting().make(drafter, Output(sources)), frozenset(), min(limit, len(sources.candidate)), guide=guide
    )


def written(backend, drafter, limit=2000):
    """Tokens, blocks and seconds without the prefill."""
    work = job(backend, drafter, limit)
    blocks = list(decode(BlockCache(backend.model, len(work.prompt) + work.max_tokens), work, "cuda"))
    return [token for block in blocks for token in block.tokens], blocks, blocks[-1].stats.decode_seconds


def logits(model, tokens, sizes):
    cache, rows = BlockCache(model, len(tokens)), []
    while cache.length < len(tokens):
        size = sizes[len(rows) % len(sizes)]
        part = tokens[cache.length : cache.length + size]
        rows.append(cache.forward(part, len(part))[: len(part)])
    return torch.cat(rows)


def test_replayed_passes_and_uncaptured_ones_give_the_same_bits(backend):
    uncaptured = LocalBackend.load(load_settings(device="cuda", cuda_graphs=False))
    tokens = backend.codec.encode(TEXT)[:1500]
    assert torch.equal(logits(backend.model, tokens, [128]), logits(uncaptured.model, tokens, [128]))
    assert backend.model.arenas._free[0]._of_view


def test_a_row_has_the_same_bits_wherever_in_a_block_it_stands(backend):
    tokens = backend.codec.encode(TEXT)[:1500]
    reference = logits(backend.model, tokens, [128])
    for sizes in ([512], [100, 1, 31], [3, 64]):
        assert torch.equal(logits(backend.model, tokens, sizes), reference), sizes


@pytest.mark.parametrize("drafter", [name for name in DRAFTERS if name not in ("none", *COMPUTED)])
def test_every_drafter_writes_what_plain_decoding_writes(backend, drafter):
    assert written(backend, drafter, 400)[0] == written(backend, "none", 400)[0]


def test_the_host_waits_once_a_block(backend):
    written(backend, "merge")  # captures
    work = job(backend, "merge")
    cache = BlockCache(backend.model, len(work.prompt) + work.max_tokens)
    mode = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as waits:
            warnings.simplefilter("always")
            blocks = list(decode(cache, work, "cuda"))
    finally:
        torch.cuda.set_sync_debug_mode(mode)
    assert sum("synchroniz" in str(wait.message) for wait in waits) == sum(bool(block.tokens) for block in blocks)


def test_more_than_ten_thousand_tokens_a_second(backend, capsys):
    written(backend, "merge")
    started = time.perf_counter()
    tokens, _, seconds = written(backend, "merge")
    whole = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n{torch.cuda.get_device_name()}: {len(tokens) / seconds:.0f} tokens/s, {whole:.3f} s with the prompt")
    assert len(tokens) / seconds > 10_000
