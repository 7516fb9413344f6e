"""Positions against real encodes: the units of every encoding are counted by Python's own codecs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.text.offsets import Encoding, LineIndex, Position

CODECS = {Encoding.UTF8: ("utf-8", 1), Encoding.UTF16: ("utf-16-le", 2), Encoding.UTF32: ("utf-32-le", 4)}
encodings = st.sampled_from(list(Encoding))
texts = st.text(st.sampled_from("ab\n\r\f\u2028\x0b\x85é€𝒳👩‍🔬\ufeff\t"), max_size=30)


def slow_lines(text: str) -> list[str]:
    """Lines without their ends, by the definition."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@given(texts, encodings, st.data())
def test_position_counts_code_units(text: str, encoding: Encoding, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        offset += 1  # tested below
    codec, size = CODECS[encoding]
    lines = slow_lines(text[:offset])
    assert LineIndex(text).position_at(offset, encoding) == (len(lines) - 1, len(lines[-1].encode(codec)) // size)


@given(texts, encodings, st.data())
def test_offset_and_position_are_inverse(text: str, encoding: Encoding, data: st.DataObject) -> None:
    index = LineIndex(text)
    offset = data.draw(st.integers(0, len(text)))
    back = index.offset_at(*index.position_at(offset, encoding), encoding)
    assert back == (offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset)


@given(texts, encodings, st.integers(-2, 40), st.integers(-2, 40))
def test_offsets_clamp(text: str, encoding: Encoding, line: int, character: int) -> None:
    lines = slow_lines(text)
    offset = LineIndex(text).offset_at(line, character, encoding)
    if line < 0:
        assert offset == 0
    elif line >= len(lines):
        assert offset == len(text)
    else:
        found = LineIndex(text).position_at(offset, encoding)
        codec, size = CODECS[encoding]
        width = len(lines[line].encode(codec)) // size
        assert found.line == line
        wanted = min(max(character, 0), width)
        assert found.character <= wanted < found.character + 4 // size + (size == 4)


@pytest.mark.parametrize(
    ("text", "line", "character", "encoding", "offset"),
    [
        ("a👩b\n", 0, 3, Encoding.UTF16, 2),
        ("a👩b\n", 0, 2, Encoding.UTF16, 1),  # between the surrogates
        ("a👩b\n", 0, 4, Encoding.UTF8, 1),
        ("a👩b\n", 0, 5, Encoding.UTF8, 2),
        ("a👩b\n", 0, 2, Encoding.UTF32, 2),
        ("ab\r\ncd", 0, 99, Encoding.UTF16, 2),  # before the line end, not inside it
        ("ab\fcd\u2028ef", 0, 8, Encoding.UTF16, 8),  # neither ends a line
        ("ab\n", 1, 0, Encoding.UTF16, 3),
        ("", 0, 5, Encoding.UTF16, 0),
        ("", 5, 0, Encoding.UTF16, 0),
    ],
)
def test_offset_examples(text: str, line: int, character: int, encoding: Encoding, offset: int) -> None:
    assert LineIndex(text).offset_at(line, character, encoding) == offset


def test_inside_crlf_is_the_end_of_the_line() -> None:
    assert LineIndex("ab\r\ncd").position_at(3) == Position(0, 2)
    assert LineIndex("ab\r\ncd").position_at(4) == Position(1, 0)
