"""What drafters that compute need: found, checked and refused when they are made."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from fastapply.backends.drafting import Drafting
from fastapply.config import load_settings
from fastapply.engine.draft_model import ModelDrafter
from fastapply.engine.drafts import CascadeDrafter, Sources
from fastapply.engine.heads import Heads, HeadsDrafter, save_heads
from fastapply.engine.loader import load_model
from fastapply.errors import ModelError, UsageError
from fastapply.prompt import Codec

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
    return Drafting(settings, load_model(model, device="cpu", dtype="float32"), Codec.load(model))


def test_a_draft_model_with_the_same_vocabulary_drafts(model, tmp_path):
    same = saved(tmp_path / "same", "? a b c d e")
    drafter = drafting(model, draft_model=str(same)).make("model", SOURCES, [1, 2, 3], 60)
    assert isinstance(drafter, ModelDrafter)
    assert drafter.draft(0) == []


def test_a_draft_model_with_another_vocabulary_is_refused(model, tmp_path):
    other = saved(tmp_path / "other", "? a b d c e")
    with pytest.raises(ModelError, match="has another vocabulary than the model; use one of the same family"):
        drafting(model, draft_model=str(other)).prepare("model")


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
        drafting(model, **said).prepare("model")


def test_heads_are_asked_for_or_told_to_be_missing(model, tmp_path):
    with pytest.raises(ModelError, match="there are no heads for this model"):
        drafting(model).prepare("heads")
    path = tmp_path / "heads.safetensors"
    path.write_bytes(b"no heads")
    with pytest.raises(ModelError, match="cannot read the heads"):
        drafting(model, heads=path).prepare("heads")
    save_heads(Heads(16, 2), path)
    assert isinstance(drafting(model, heads=path).make("heads", SOURCES, [1], 9), HeadsDrafter)


def test_a_cascade_ends_with_what_was_asked_for_cheapest_first(model, tmp_path):
    path = tmp_path / "heads.safetensors"
    save_heads(Heads(16, 2), path)
    plain = drafting(model).make("cascade", SOURCES, [1], 9)
    full = drafting(model, heads=path, draft_model="layers").make("cascade", SOURCES, [1], 9)
    assert isinstance(plain, CascadeDrafter)
    assert isinstance(full, CascadeDrafter)
    assert len(plain.drafters) == 2
    assert [type(drafter) for drafter in full.drafters[2:]] == [HeadsDrafter, ModelDrafter]
