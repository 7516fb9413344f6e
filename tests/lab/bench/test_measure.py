"""The shipped tasks, and the estimates against what they estimate, with a random small model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from candidates import ranked
from transformers import LlamaConfig, LlamaForCausalLM

from fastapply.backends.drafting import Drafting
from fastapply.engine.drafts import Sources
from fastapply.engine.loader import LoadedModel
from fastapply_lab.bench.cases import LENGTHS, SHARES, UNPREDICTED, standard_tasks
from fastapply_lab.bench.measure import Measured
from fastapply_lab.bench.methods import Case, first_tokens, plain_steps, speculative, warm_up
from fastapply_lab.bench.peers import PEERS
from fastapply_lab.bench.report import markdown
from fastapply_lab.bench.summary import case_row, summarise

STOP = 2
SOURCES = Sources(list(range(5, 40)) * 4, [7, 8, 9], [*range(5, 30), *range(6, 40), *range(5, 40), STOP])
CASE = Case("x", 10, 0.1, [1, *SOURCES.original, *SOURCES.update], SOURCES, len(SOURCES.candidate) + 64, 1000.0)


@pytest.fixture(scope="module")
def backend() -> SimpleNamespace:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=48,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
    )
    module = LlamaForCausalLM(config).eval()
    model = LoadedModel(module, torch.device("cpu"), torch.float32, 2048)
    found = SimpleNamespace(model=model, codec=SimpleNamespace(special_ids=frozenset({STOP})), drafting=Drafting())
    warm_up(found)
    return found


def test_the_tasks_that_ship_are_of_every_length_and_share_and_the_alignment_finds_them():
    tasks = standard_tasks()
    assert tasks == standard_tasks()
    lines = [task.original.count("\n") for task in tasks]
    for wanted, found in zip(LENGTHS, lines, strict=False):
        assert abs(found / wanted - 1) < 0.1
    assert len(tasks) == len(LENGTHS) + len(SHARES) - 1 + 1
    for task in tasks:
        if task.id != UNPREDICTED and task.original.count("\n") < 1500:
            found = [each.text for each in ranked(task.original, task.update, task.language)]
            # Where half of all lines or more change and no marker says what stays, the first one may be another.
            assert task.expected in found[: len(found) if task.id.endswith((" 50%", " 100%")) else 1], task.id
    worst = tasks[-1]
    shared = {line for line in worst.expected.split("\n") if len(line.strip()) > 12}
    assert not shared & set(f"{worst.original}\n{worst.update}".split("\n"))


def test_single_steps_confirm_a_right_output_and_find_a_wrong_token(backend):
    known = speculative("merge")(backend, CASE).tokens
    plain = speculative("none")(backend, CASE)
    assert known == plain.tokens
    few = plain_steps(backend, CASE, known, 12)
    assert (few.tokens, few.measured) == (plain.tokens, 12)
    assert abs(few.forward_passes - plain.forward_passes) <= 1
    wrong = [*known[:30], 4, *known[31:]]
    found = plain_steps(backend, CASE, wrong, len(known))
    assert found.tokens == plain.tokens[:31]
    short = plain_steps(backend, CASE, known[:50], 10)  # a drafter that stopped too early
    assert short.tokens == plain.tokens[:51]
    assert plain_steps(backend, CASE, [4, *known[1:]], 10).tokens == plain.tokens[:1]


@pytest.mark.parametrize("name", PEERS)
def test_transformers_methods_write_the_same_in_full_and_in_part(backend, name):
    plain = speculative("none")(backend, CASE)
    whole = PEERS[name](backend, CASE, plain.tokens, 500)
    assert (whole.tokens, whole.measured) == (plain.tokens, None)
    part = PEERS[name](backend, CASE, plain.tokens, 20)
    assert (part.tokens, part.measured) == (plain.tokens, 20)
    drafts = name != "transformers"
    assert (whole.forward_passes < plain.forward_passes / 2) == drafts


def test_a_drafter_is_timed_on_its_first_tokens_and_in_full_where_the_output_is_short(backend):
    whole = speculative("suffix")(backend, CASE)
    part = first_tokens("suffix", backend, CASE, whole.tokens, 20)
    assert (part.tokens, part.measured) == (whole.tokens, 20)
    assert part.prefill_seconds + part.verify_seconds + part.head_seconds + part.draft_seconds <= part.seconds
    full = first_tokens("suffix", backend, CASE, whole.tokens, len(whole.tokens) + 1)
    assert (full.tokens, full.measured, full.forward_passes) == (whole.tokens, None, whole.forward_passes)


def test_the_parts_of_the_time_are_no_more_than_all_of_it(backend):
    run = speculative("suffix")(backend, CASE)
    parts = run.prefill_seconds, run.verify_seconds, run.head_seconds, run.draft_seconds
    assert min(parts[1:]) > 0
    assert sum(parts) <= run.seconds


def test_a_wrong_drafter_and_the_worst_case_are_told_apart_in_the_page(backend):
    plain = speculative("none")(backend, CASE)
    merge = speculative("merge")(backend, CASE)
    wrong = merge.__class__([*merge.tokens[:-1], 4], plain.seconds * 2, 5)
    found = Measured(CASE, {"plain": plain, "merge": merge, "original": wrong}, 0.01, "")
    figures = summarise([found, found._replace(worst=True)])
    assert figures["methods"]["merge"]["identical_to_plain"]
    assert not figures["methods"]["original"]["identical_to_plain"]
    said = {"date": "", "machine": "", "device": "cpu", "dtype": "", "model": "", "context": 2048, "guided": True}
    page = markdown(
        {
            **said,
            **figures,
            "plain_tokens": 16,
            "skipped": {"heads": "none trained"},
            "by_task": [case_row(CASE, found, None, ""), case_row(CASE, None, None, "too long")],
        },
        "bench.png",
    )
    assert "original 0.50x" in page
    assert "`heads` was left out: none trained" in page
    assert "too long" in page
    assert "![" in page
