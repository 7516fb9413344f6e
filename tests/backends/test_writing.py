"""Models of other families write, with every template: tiny ones with random weights, made here."""

from __future__ import annotations

import shutil
from functools import lru_cache

import pytest
import torch
import transformers
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from transformers import PreTrainedTokenizerFast

from fastapply.applier import Applier
from fastapply.backends.base import CandidateText, Piece, Rewrite
from fastapply.backends.drafting import DRAFTERS
from fastapply.backends.local import LocalBackend
from fastapply.config import load_settings
from fastapply.engine.cache import BlockCache
from fastapply.engine.loader import load_model
from fastapply.prompt import TEMPLATES, Special
from fastapply.types import ApplyRequest, Status

ORIGINAL = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
UPDATE = "def b():\n    return 3\n"
WANTED = ORIGINAL.replace("return 2", "return 3")
REQUEST = ApplyRequest(ORIGINAL, UPDATE, path="a.py")
SIZES = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
}
FAMILIES = {
    "Qwen2ForCausalLM": {},
    "Qwen3ForCausalLM": {"head_dim": 8},
    "LlamaForCausalLM": {},
    "Gemma3ForCausalLM": {"head_dim": 8, "sliding_window": 64},
    "Starcoder2ForCausalLM": {},
    "MistralForCausalLM": {"sliding_window": 64},
}
MARKS = ["<|im_start|>", "<|im_end|>", "<filename>", "<file_sep>", "<issue_start>", "<issue_comment>", "<issue_closed>"]


GEMMA = ["<bos>", "<start_of_turn>", "<end_of_turn>"]


def tokenizer(marks: list[str]) -> PreTrainedTokenizerFast:
    """One token for each byte, and `marks` as special ones, the second of which ends an answer."""
    bytes_of = {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}
    built = Tokenizer(BPE(bytes_of, []))
    built.pre_tokenizer, built.decoder = ByteLevel(add_prefix_space=False, use_regex=False), ByteDecoder()
    return PreTrainedTokenizerFast(
        tokenizer_object=built, eos_token=marks[1], additional_special_tokens=[marks[0], *marks[2:]]
    )


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    @lru_cache
    def made(family: str):
        torch.manual_seed(3)
        words = tokenizer(MARKS)
        kind = getattr(transformers, family)
        ends = {"bos_token_id": None, "eos_token_id": words.eos_token_id, "pad_token_id": None}
        config = kind.config_class(vocab_size=len(words), **SIZES, **FAMILIES[family], **ends)
        folder = tmp_path_factory.mktemp(family)
        kind(config).save_pretrained(folder)
        words.save_pretrained(folder)
        return folder

    return made


def backend(folder, **said) -> LocalBackend:
    settings = load_settings(**{"model": str(folder), "device": "cpu", "dtype": "float32", "threads": 1, **said})
    return LocalBackend.load(settings)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_writes_with_every_template(folder_of, family, name):
    result = Applier(backend(folder_of(family), template=name, mode="write")).apply(REQUEST)
    assert (result.text, result.status) == (WANTED, Status.APPLIED)
    assert result.stats.output_tokens >= len(WANTED) / 2  # the model wrote, if only what the alignment wants


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_that_loses_its_way_leaves_the_rest_to_the_alignment(folder_of, family):
    result = Applier(backend(folder_of(family), template="kortix", guide_strength=0)).apply(REQUEST)
    assert result.text == WANTED
    [said] = [check.detail for check in result.checks if check.name == "read"]
    assert said == "left to the alignment: the rest, from where the model lost its way"


@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("family", FAMILIES)
def test_drafts_change_nothing_in_what_a_free_model_writes(folder_of, family, dtype):
    job = Rewrite(REQUEST, (CandidateText(WANTED), CandidateText(ORIGINAL, -1.0)))
    said = {"template": "kortix", "mode": "write", "guide_strength": 0.05, "dtype": dtype}
    written = []
    for drafter in DRAFTERS:
        if drafter != "heads":  # these would have to be trained
            model = backend(folder_of(family), drafter=drafter, **said)
            pieces = [piece for piece in model.rewrite(job) if isinstance(piece, Piece)]
            written.append("".join(piece.text for piece in pieces))
    assert len(set(written)) == 1
    assert len(written[0]) > 0


def test_a_model_is_asked_in_the_markup_of_its_own_chat_template(folder_of, tmp_path):
    shutil.copytree(folder_of("Gemma3ForCausalLM"), tmp_path, dirs_exist_ok=True)
    words = tokenizer([*GEMMA, *MARKS])  # as many as the model has, and more
    words.chat_template = "<start_of_turn>user"
    words.save_pretrained(tmp_path)
    asked = backend(tmp_path, template="osmosis").template
    names = [part.name for part in asked.parts(REQUEST) if isinstance(part, Special)]
    assert names == ["<bos>", "<start_of_turn>", "<end_of_turn>", "<start_of_turn>"]


@pytest.mark.parametrize("family", ["Gemma3ForCausalLM", "MistralForCausalLM", "Qwen3ForCausalLM"])
def test_layers_with_a_sliding_window_see_what_transformers_shows_them(folder_of, family):
    folder = folder_of(family)
    tokens = list(range(1, 201))  # three windows long
    model = load_model(folder, load_settings(model=str(folder), device="cpu", dtype="float32"))
    cache = BlockCache(model, len(tokens))
    ours = torch.cat([cache.forward(tokens[start : start + 50], keep=50)[:50] for start in range(0, 200, 50)])
    reference = getattr(transformers, family).from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        torch.testing.assert_close(ours, reference(torch.tensor([tokens])).logits[0], rtol=1e-4, atol=1e-5)
