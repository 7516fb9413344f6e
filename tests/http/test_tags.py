"""Whatever stands between the tags comes back byte for byte, literal tags included."""

from __future__ import annotations

import re
import time

import pytest
from cases import AIXAPPLY, KORTIX, MORPH
from hypothesis import example, given
from hypothesis import strategies as st

from fastapply.backends.openai import messages_of
from fastapply.errors import UsageError
from fastapply.http.tags import parse_tags
from fastapply.prompt import template
from fastapply.types import ApplyRequest

TAGS = ("code", "update", "updated-code", "instruction", "source_file", "update_snippet", "language", "file")
PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from([f"<{end}{tag}>" for tag in TAGS for end in ("", "/")] + ["<"]),
    st.sampled_from(["\n", " ", "\r\n", "```"]),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
# Only the very words that part code from update cannot be told from the real ones, by anybody.
PARTING = re.compile(r"</(code|source_file|file)>\s*<(update|update_snippet)>")
CODES = TEXTS.filter(lambda text: not PARTING.search(text))


@given(TEXTS.filter(lambda text: not re.search(r"</instructions?>\s*<(code|source_file|file)>", text)), CODES, CODES)
@example("use <code>", "a</code>", "<update>b</update>")
@pytest.mark.parametrize("name", ["instruction", "instructions"])
def test_morph(name: str, instruction: str, original: str, update: str) -> None:
    message = f"<{name}>{instruction}</{name}>\n<code>{original}</code>\n<update>{update}</update>"
    tagged = parse_tags(message)
    assert tagged is not None
    assert (tagged.instruction, tagged.original, tagged.update) == (instruction, original, update)
    assert tagged.reply_tag is None


@given(CODES, CODES)
def test_kortix(original: str, update: str) -> None:
    tagged = parse_tags(KORTIX.format(original, update))
    assert tagged is not None
    assert (tagged.original, tagged.update, tagged.reply_tag) == (original, update, "updated-code")


@given(CODES, CODES)
def test_aixapply(original: str, update: str) -> None:
    tagged = parse_tags(AIXAPPLY.format(original, update))
    assert tagged is not None
    assert (tagged.original, tagged.update) == (original, update)
    assert (tagged.language, tagged.reply_tag) == ("Python", "update_file")


def balanced(text: str) -> bool:
    return all(text.count(f"<{tag}>") == text.count(f"</{tag}>") for tag in ("code", "update"))


@given(CODES.filter(balanced), st.sampled_from([MORPH, KORTIX]))
def test_a_prompt_inside_the_code_is_code(text: str, message: str) -> None:
    """Our own prompt.py, say: whole prompts stand in it, and in the update too."""
    inner = "f'<code>{a}</code>\n<update>{b}</update>'\n"
    for original, update in ((inner, text), (inner + inner, inner), (text, inner)):
        tagged = parse_tags(message.format(original, update))
        assert tagged is not None
        assert (tagged.original, tagged.update) == (original, update)


@given(CODES.map(lambda text: text.replace("The update:", "")), CODES)
def test_our_own_chat_template(original: str, update: str) -> None:
    messages, opening = messages_of(template("chat"), ApplyRequest(original, update, "use <file> and <update>"))
    tagged = parse_tags(messages[-1]["content"])
    assert tagged is not None
    # The newline after an opening tag belongs to the tag, in the question as in the answer.
    assert (tagged.original, tagged.update) == (f"\n{original}", f"\n{update}\n")
    assert f"<{tagged.reply_tag}>\n" == opening


@given(TEXTS)
def test_any_text_is_a_request_or_none_or_one_clear_line(text: str) -> None:
    try:
        tagged = parse_tags(text)
    except UsageError:
        return
    assert tagged is None or (tagged.original in text and tagged.update in text)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    parse_tags("<code>" + data.decode("utf-8", "surrogateescape") + "</code><update></update>")


@pytest.mark.parametrize(
    "unit", ["\n<instruction>", "</code> <update>", "<code>", "</instruction> ", "\n<language>", "</update>", "\n \t"]
)
def test_long_messages_take_linear_time(unit: str) -> None:
    started = time.process_time()
    for message in (unit * 100_000, f"<code>{unit * 100_000}</update>", f"<code></code><update>{unit * 100_000}"):
        try:
            parse_tags(message)
        except UsageError:
            continue
    assert time.process_time() - started < 20
