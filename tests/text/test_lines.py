"""Fidelity: what the edit did not touch comes back byte for byte, whatever the line ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.errors import UsageError
from fastapply.text.diff import apply_hunks, lf_lines, line_hunks
from fastapply.text.lines import (
    SourceText,
    common_indent,
    decode,
    encode,
    indent_of,
    match_final_newline,
    split_lines,
)

contents = st.sampled_from(["a", "bb", "\t\tc ", "", "é€\U0001f469", "\f", "\u2028", "\x85"])
raw_lines = st.tuples(contents, st.sampled_from(["\n", "\r\n", "\r", "\r\n"])).map("".join)
raw_texts = st.lists(raw_lines, max_size=12).map("".join)
raw_files = st.tuples(st.sampled_from(["", "\ufeff"]), raw_texts, st.sampled_from(["", "end"])).map("".join)
lf_texts = st.lists(st.sampled_from(["a\n", "bb\n", "\t\tc \n", "\n", "new\n", "end"]), max_size=12).map("".join)


def slow_split(text: str) -> list[str]:
    """The definition, one character after the other."""
    lines, line = [], ""
    for i, char in enumerate(text):
        line += char
        if char == "\n" or (char == "\r" and text[i + 1 : i + 2] != "\n"):
            lines.append(line)
            line = ""
    return [*lines, line] if line else lines


@given(raw_files)
def test_split_lines(text: str) -> None:
    assert split_lines(text) == slow_split(text)
    assert "".join(split_lines(text)) == text


@given(raw_files)
def test_nothing_edited_nothing_changed(raw: str) -> None:
    source = SourceText.of(raw)
    assert "\r" not in source.text
    assert not source.text.startswith("\ufeff")
    assert source.restore(source.text) == raw
    assert len(source.raw_lines) == len(lf_lines(source.text))


@given(raw_files, lf_texts)
def test_untouched_lines_keep_their_bytes(raw: str, rewritten: str) -> None:
    source = SourceText.of(raw)
    restored = source.restore(rewritten)
    again = SourceText.of(restored)
    assert (again.bom, again.text) == (source.bom, rewritten)
    kept, grown, done = [], 0, 0
    for hunk in line_hunks(source.text, rewritten):
        kept += [(line, line + grown) for line in range(done, hunk.start_line)]
        grown += len(lf_lines(hunk.new_text)) - (hunk.end_line - hunk.start_line)
        done = hunk.end_line
    kept += [(line, line + grown) for line in range(done, len(source.raw_lines))]
    for before, after in kept:
        lone = source.raw_lines[before].endswith("\r") and again.raw_lines[after + 1 : after + 2] == ("\n",)
        # A lone "\r" that came to stand before a "\n" cannot stay alone.
        assert again.raw_lines[after] == source.raw_lines[before] + ("\n" if lone else "")


@given(raw_files, lf_texts)
def test_restored_hunks_are_the_restored_text(raw: str, rewritten: str) -> None:
    """Over the raw lines, and with LF or CRLF alone in the file over the raw text itself."""
    source = SourceText.of(raw)
    hunks = source.restore_hunks(line_hunks(source.text, rewritten))
    lines = list(source.raw_lines)
    for hunk in reversed(hunks):
        lines[hunk.start_line : hunk.end_line] = [hunk.new_text]
    assert "\ufeff" * source.bom + "".join(lines) == source.restore(rewritten)
    if "\r" not in raw.replace("\r\n", ""):
        assert apply_hunks(raw[source.bom :], hunks) == source.restore(rewritten)[source.bom :]


@pytest.mark.parametrize(
    ("raw", "rewritten", "restored"),
    [
        ("a\r\nb\r\n", "a\nx\nb\n", "a\r\nx\r\nb\r\n"),
        ("a\nb\r\nc\n", "a\nB\nc\n", "a\nB\r\nc\n"),  # the line end of the line it replaces
        ("a\r\nb\nc\n", "x\na\nb\nc\n", "x\r\na\r\nb\nc\n"),  # at the top: that of the next line
        ("a\nb\r\nc\n", "a\nb\nx\nc\n", "a\nb\r\nx\r\nc\n"),  # else that of the line before
        ("a\rb\r", "a\rx\rb\r", "a\rx\rb\r"),
        ("\ufeffa\r\nb", "a\nb\nc", "\ufeffa\r\nb\r\nc"),  # appended below a last line without an end
        ("a", "b\nc", "b\nc"),
        ("a\r\nb", "a\r\nB", "a\r\nB"),  # a model that answers in CRLF
        ("a\r\nb\r\nc\nd\r\n", "", ""),
        ("a\rb\n\nc\n", "a\n\nc\n", "a\r\n\nc\n"),  # not one line end of two
        ("", "a\nb\n", "a\nb\n"),
        ("a\n", "\ufeffb\n", "b\n"),  # a BOM out of nowhere
        ("\ufeffa\n", "\ufeffb\n", "\ufeffb\n"),
    ],
)
def test_restore_examples(raw: str, rewritten: str, restored: str) -> None:
    assert SourceText.of(raw).restore(rewritten) == restored


@pytest.mark.parametrize(
    ("raw", "newline"), [("", "\n"), ("a", "\n"), ("a\r\nb\nc\r\n", "\r\n"), ("a\rb\rc\n", "\r"), ("a\nb\n", "\n")]
)
def test_dominant_newline(raw: str, newline: str) -> None:
    assert SourceText.of(raw).newline == newline


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"caf\xe9", "not UTF-8 .byte 3"),
        (b"\xed\xa0\x80", "not UTF-8"),
        (b"a\0b", "binary .NUL at byte 1"),
        ("ä".encode("utf-16"), "is UTF-16"),
        ("ä".encode("utf-16-be").join([b"\xfe\xff", b""]), "is UTF-16"),
        ("ä".encode("utf-32"), "is UTF-32"),
    ],
)
def test_what_is_no_utf8_text_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        decode(data)
    assert "\n" not in str(caught.value)


@given(st.text().filter(lambda text: "\0" not in text))
def test_decode_is_the_inverse_of_encode(text: str) -> None:
    assert decode(encode(text)) == text


def test_a_lone_surrogate_cannot_be_written() -> None:
    with pytest.raises(UsageError, match="surrogate at character 1"):
        encode("a\ud800")


@pytest.mark.parametrize(
    ("original", "rewritten", "expected"),
    [
        ("a\n", "b", "b\n"),
        ("a", "b\n", "b"),
        ("a\nb", "a\nb\nc\n", "a\nb\nc"),
        ("a\n\n\n", "b\n\n\n", "b\n\n\n"),
        ("", "a\n", "a\n"),
        ("", "a", "a"),
        ("a\n", "", ""),
    ],
)
def test_match_final_newline(original: str, rewritten: str, expected: str) -> None:
    assert match_final_newline(original, rewritten) == expected


def test_indents_keep_their_tabs() -> None:
    lines = ["\t\t  a\n", "\n", "\t\tb\n", "\t\t\tc\n"]
    assert indent_of(lines[0]) == "\t\t  "
    assert common_indent(lines) == "\t\t"
    assert common_indent(["\ta", "    b"]) == ""
    assert common_indent(["", "  \n"]) == ""
