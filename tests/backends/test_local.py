from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply.backends.unwrap import AnswerText

pieces = st.lists(st.text("ab</f>", max_size=6), max_size=8)


@given(pieces, st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_the_last_closing_is_cut_and_the_others_are_content(content, sizes):
    text = "".join(content) + "</f>"
    cutter, out, start = AnswerText("", "</f>"), [], 0
    while start < len(text):
        size = sizes[start % len(sizes)]
        out.append(cutter.push(text[start : start + size]))
        start += size
    assert "".join(out) + cutter.finish() == text.removesuffix("</f>")
    assert cutter.closed


def test_without_its_closing_an_answer_is_not_closed_and_nothing_is_lost():
    cutter = AnswerText("", "</file>")
    assert cutter.push("a</fi") + cutter.finish() == "a</fi"
    assert not cutter.closed


def test_a_special_token_closing_never_arrives_as_text():
    cutter = AnswerText("", "")
    assert cutter.push("<|im_end|>") == "<|im_end|>"
    assert cutter.closed
