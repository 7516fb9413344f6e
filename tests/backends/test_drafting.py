"""Drafters that plug in: found by their names; what they need is checked and refused when they are made."""

from __future__ import annotations

import sys

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from fastapply.backends.drafting import COMPARED, GROUP, Drafting, Local, Output, check_drafter
from fastapply.config import load_settings
from fastapply.engine.drafts import SOURCED, CursorDrafter, Sources
from fastapply.engine.loader import load_model
from fastapply.errors import ModelError, UsageError
from fastapply.prompt import Codec
from fastapply.speculators.draft_model import ModelDrafter
from fastapply.speculators.heads import Heads, HeadsDrafter, save_heads
from fastapply_lab.bench.drafters import CascadeDrafter

SOURCES = Sources([3, 4], [5], [3, 5])


def saved(folder, words: str):
    """A model with a vocabulary of its own."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=16, hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate(words.split())}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="?"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="?").save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("model"), "? a b c d e")


def drafting(model, **said):
    settings = load_settings(model=str(model), dtype="float32", device="cpu", **said)
    return Drafting(Local(load_model(model, settings), settings, Codec.load(model)))


def test_a_draft_model_with_the_same_vocabulary_drafts(model, tmp_path):
    same = saved(tmp_path / "same", "? a b c d e")
    drafter = drafting(model, draft_model=str(same)).make("model", Output(SOURCES, [1, 2, 3], 60))
    assert isinstance(drafter, ModelDrafter)
    assert drafter.draft(0) == []


def test_a_draft_model_with_another_vocabulary_is_refused(model, tmp_path):
    other = saved(tmp_path / "other", "? a b d c e")
    with pytest.raises(ModelError, match="has another vocabulary than the model; use one of the same family"):
        drafting(model, draft_model=str(other)).maker("model")


@pytest.mark.parametrize(
    ("said", "error", "why"),
    [
        ({"draft_model": "no/such/folder/here"}, ModelError, "no/such/folder/here"),
        ({"draft_model": "layers:0-9"}, UsageError, "the model has layers 0-1"),
        ({"draft_model": "layers:first"}, UsageError, "names no layers"),
    ],
)
def test_a_draft_model_that_cannot_be_had_is_one_error(model, said, error, why):
    with pytest.raises(error, match=why):
        drafting(model, **said).maker("model")


def test_heads_are_asked_for_or_told_to_be_missing(model, tmp_path):
    with pytest.raises(ModelError, match="there are no heads for this model"):
        drafting(model).maker("heads")
    path = tmp_path / "heads.safetensors"
    path.write_bytes(b"no heads")
    with pytest.raises(ModelError, match="cannot read the heads"):
        drafting(model, heads=path).maker("heads")
    save_heads(Heads(16, 2), path)
    assert isinstance(drafting(model, heads=path).make("heads", Output(SOURCES, [1], 9)), HeadsDrafter)


def test_a_cascade_ends_with_what_was_asked_for_cheapest_first(model, tmp_path):
    path = tmp_path / "heads.safetensors"
    save_heads(Heads(16, 2), path)
    plain = drafting(model).make("cascade", Output(SOURCES, [1], 9))
    full = drafting(model, heads=path, draft_model="layers").make("cascade", Output(SOURCES, [1], 9))
    assert isinstance(plain, CascadeDrafter)
    assert isinstance(full, CascadeDrafter)
    assert len(plain.drafters) == 2
    assert [type(drafter) for drafter in full.drafters[2:]] == [HeadsDrafter, ModelDrafter]


def test_what_is_loaded_is_loaded_once(model, tmp_path):
    path = tmp_path / "heads.safetensors"
    save_heads(Heads(16, 2), path)
    made = drafting(model, heads=path)
    path.unlink()
    with pytest.raises(ModelError, match="cannot read the heads"):
        made.maker("heads")
    save_heads(Heads(16, 2), path)
    first = made.make("heads", Output(SOURCES))
    path.unlink()
    assert made.make("heads", Output(SOURCES))._heads is first._heads


def test_those_of_the_laboratory_need_no_model():
    made = {name: Drafting().make(name, Output(SOURCES)) for name in COMPARED}
    assert all(drafter.draft(9) == [3, 4] for name, drafter in made.items() if name != "cascade")
    assert isinstance(made["cascade"], CascadeDrafter)
    assert [type(drafter).__name__ for drafter in made["cascade"].drafters] == ["CursorDrafter", "SuffixDrafter"]


@pytest.mark.parametrize("name", COMPARED)
def test_without_the_laboratory_its_drafters_say_where_it_is(name, monkeypatch):
    monkeypatch.setattr(sys, "path", [])  # nothing is installed there
    for ask in (check_drafter, Drafting().maker):
        with pytest.raises(UsageError, match=f"^the drafter `{name}` comes with the laboratory.*pip install ./lab"):
            ask(name)
    for own in SOURCED:
        check_drafter(own)


def test_a_drafter_that_computes_needs_the_model_here():
    for name in ("heads", "model"):
        with pytest.raises(UsageError, match=f"`{name}` needs --backend local; there are also: none, merge, suffix"):
            Drafting().maker(name)


def test_a_drafter_that_nobody_has():
    with pytest.raises(UsageError, match="unknown drafter `x`; there are: none, merge, suffix, heads, model, original"):
        check_drafter("x")


def test_any_package_may_plug_one_in(tmp_path, monkeypatch):
    (tmp_path / "echo.py").write_text(
        "from fastapply.engine.drafts import CursorDrafter\n"
        "def echo(drafting):\n    return lambda output: CursorDrafter([output.prompt])\n"
    )
    info = tmp_path / "echo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: echo\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\necho = echo:echo\nbroken = echo:nothing\n")
    monkeypatch.syspath_prepend(tmp_path)
    check_drafter("echo")
    drafter = Drafting().make("echo", Output(SOURCES, [8, 9]))
    assert isinstance(drafter, CursorDrafter)
    assert drafter.draft(5) == [8, 9]
    with pytest.raises(UsageError, match="the drafter `broken` cannot be loaded: module 'echo' has no attribute"):
        Drafting().maker("broken")
