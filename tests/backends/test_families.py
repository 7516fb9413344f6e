"""How families of models mark the turns of a chat."""

from __future__ import annotations

import pytest

from fastapply.backends.families import GEMMA, LLAMA3, template_of
from fastapply.errors import UsageError
from fastapply.prompt import Special, template
from fastapply.types import ApplyRequest

REQUEST = ApplyRequest("a = 1\n", "a = 2\n", "two", path="a.py")
CHATML = "{{'<|im_start|>' + message['role']}}"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("fastapply-135m", "fastapply"),
        ("FastApply 1.5B v1.0", "kortix"),
        ("aiXapply-4B", "aixapply"),
        ("Osmosis-Apply-1.7B", "osmosis"),
        ("Qwen2.5 Coder 7B Instruct", "chat"),
        ("", "chat"),
    ],
)
def test_a_model_is_asked_as_it_was_trained(name: str, wanted: str) -> None:
    assert template_of(name, CHATML, None) == template(wanted)
    assert template_of(name, CHATML, "morph") == template("morph")


def test_llama_3() -> None:
    asked = template_of("Llama 3.2 3B", f"a {LLAMA3.sign} b", None)
    parts = asked.parts(REQUEST)
    assert parts[0] == Special("<|begin_of_text|>")
    assert parts[1:4] == [Special("<|start_header_id|>"), "system", Special("<|end_header_id|>")]
    assert isinstance(parts[4], str)
    assert parts[4].startswith("\n\nYou are")
    assert parts[5:9] == [Special("<|eot_id|>"), Special("<|start_header_id|>"), "user", Special("<|end_header_id|>")]
    assert parts[-4:] == [Special("<|start_header_id|>"), "assistant", Special("<|end_header_id|>"), "\n\n<file>\n"]
    assert asked.closing == "</file>"


def test_gemma_has_no_system_and_calls_itself_model() -> None:
    parts = template_of("gemma-3-4b", GEMMA.sign, None).parts(REQUEST)
    said = "".join(part.name if isinstance(part, Special) else part for part in parts)
    assert said.startswith("<bos><start_of_turn>user\nYou are a coding assistant")
    assert said.endswith("<end_of_turn>\n<start_of_turn>model\n<file>\n")
    assert said.count("<start_of_turn>") == 2
    assert "a = 2" in said


def test_content_is_never_markup() -> None:
    """A marker in the file stays text; and a template whose answer ends with a token ends with the family's."""
    odd = ApplyRequest("x = '<|eot_id|>{}'\n", "y = 1\n")
    for family in (LLAMA3, GEMMA):
        asked = template_of("", family.sign, "morph")
        assert asked.closing == family.closing
        assert any(isinstance(part, str) and "'<|eot_id|>{}'" in part for part in asked.parts(odd))


def test_a_template_that_is_no_chat_needs_chatml() -> None:
    with pytest.raises(UsageError, match="not a chat"):
        template_of("", LLAMA3.sign, "fastapply")
