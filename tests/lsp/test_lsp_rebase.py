"""The laws of re-basing, and documents that follow their client: against texts put together by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from edits import apply_edits
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from fastapply.text.diff import apply_hunks, line_hunks
from fastapply.text.lines import split_lines
from fastapply.text.offsets import Encoding
from fastapply.types import Hunk
from fastapply_lsp.capabilities import Capabilities
from fastapply_lsp.convert import text_edits, workspace_edit
from fastapply_lsp.documents import Document
from fastapply_lsp.rebase import fits, rebase, rebase_through

LINES = 6


def hunks(size: int = LINES) -> st.SearchStrategy[Hunk]:
    ranges = st.tuples(st.integers(0, size), st.integers(0, size)).map(sorted)
    new = st.lists(st.sampled_from(["x\n", "y\n"]), max_size=2).map("".join)
    return st.builds(lambda pair, text: Hunk(*pair, text), ranges, new)


@given(hunks(), hunks())
def test_apart_they_make_the_same_text_in_either_order(hunk: Hunk, change: Hunk) -> None:
    text = "".join(f"{n}\n" for n in range(LINES))
    moved, turned = rebase(hunk, change), rebase(change, hunk)
    assert (moved is None) == (turned is None)
    shared = range(max(hunk.start_line, change.start_line), min(hunk.end_line, change.end_line))
    both_insert = hunk.start_line == hunk.end_line == change.start_line == change.end_line
    inside = any(
        a.start_line == a.end_line and b.start_line < a.start_line < b.end_line
        for a, b in ((hunk, change), (change, hunk))
    )
    assert (moved is None) == (bool(shared) or both_insert or inside)
    if moved is not None and turned is not None:
        one = apply_hunks(apply_hunks(text, [change]), [moved])
        other = apply_hunks(apply_hunks(text, [hunk]), [turned])
        assert one == other


def test_a_final_newline_that_is_gone_takes_the_place_away() -> None:
    after = Hunk(2, 2, "c\n")
    assert fits(after, ["a\n", "b\n"])
    assert not fits(after, ["a\n", "b"])
    assert not fits(Hunk(0, 1, "b"), ["a\n", "b\n"])  # it would run into the next line
    assert fits(Hunk(1, 2, "b"), ["a\n", "b\n"])
    assert not fits(Hunk(1, 2, "\nb\n"), ["a\r", "b\n"])


pieces = st.lists(
    st.sampled_from(["a", "é", "\N{GRINNING FACE}", "\n", "\r\n", "\r", "\x0c", "\u2028", "\ud83d"]), max_size=12
).map("".join)


def make(text: str, encoding: Encoding = Encoding.UTF16) -> Document:
    async def build() -> Document:  # a document belongs to an event loop
        return Document(types.TextDocumentItem("file:///a.py", "python", 1, text), encoding)

    return asyncio.run(build())


@given(pieces, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), pieces), max_size=3), st.data())
def test_a_document_follows_its_client_and_says_what_changed(text: str, typed: Any, data: Any) -> None:
    encoding = data.draw(st.sampled_from(list(Encoding)))
    document, expected = make(text, encoding), text
    changes: list[Any] = []
    for a, b, new in typed:
        start, end = sorted(min(n, len(expected)) for n in (a, b))
        if any(expected[n - 1 : n + 1] == "\r\n" for n in (start, end) if n):
            continue  # no position lies between them
        index = make(expected, encoding)
        changes.append(
            types.TextDocumentContentChangePartial(types.Range(index.position(start), index.position(end)), new)
        )
        expected = expected[:start] + new + expected[end:]
    hunks = document.change(2, changes)
    assert (document.text, document.version) == (expected, 2)
    lines = split_lines(text)
    for hunk in hunks:
        lines[hunk.start_line : hunk.end_line] = split_lines(hunk.new_text)
    assert "".join(lines) == expected


@given(pieces, pieces, st.sampled_from(list(Encoding)))
def test_converted_edits_give_the_text_in_every_encoding(original: str, rewritten: str, encoding: Encoding) -> None:
    """`line_hunks` counts LF lines alone, as the model does."""
    original, rewritten = original.replace("\r", ""), rewritten.replace("\r", "")
    document = make(original, encoding)
    edits = text_edits(document, line_hunks(original, rewritten))
    plain = [
        {"range": {s: {"line": p.line, "character": p.character} for s, p in sides(e)}, "newText": e.new_text}
        for e in edits
    ]
    assert apply_edits(original, plain, encoding.value) == rewritten


def sides(edit: types.TextEdit) -> list[tuple[str, types.Position]]:
    return [("start", edit.range.start), ("end", edit.range.end)]


def test_the_forms_of_an_edit() -> None:
    document, change = make("a\n"), [Hunk(0, 1, "b\n")]
    plain = workspace_edit(document, change, Capabilities(), label="l", confirm=True)
    assert plain.changes is not None
    assert plain.document_changes is None
    versioned = workspace_edit(document, change, Capabilities(versioned=True), label="l", confirm=True)
    (of_document,) = versioned.document_changes or ()
    assert isinstance(of_document, types.TextDocumentEdit)
    assert of_document.text_document.version == 1
    assert versioned.change_annotations is None
    full = workspace_edit(document, change, Capabilities(versioned=True, annotations=True), label="l", confirm=True)
    assert [a.needs_confirmation for a in (full.change_annotations or {}).values()] == [True]


def test_the_first_line_starts_behind_a_byte_order_mark() -> None:
    document = make("\ufeffa\n")
    assert document.line_start(0) == types.Position(0, 1)
    assert document.lines() == ["a\n"]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["ebcdic"], "utf-16"),
        (["x", "utf-32"], "utf-32"),
    ],
)
def test_the_first_known_encoding_is_taken(offered: Any, chosen: str) -> None:
    general = types.GeneralClientCapabilities(position_encodings=offered)
    assert Capabilities.of(types.ClientCapabilities(general=general)).encoding.value == chosen


def test_rebasing_through_nothing_is_the_hunk_itself() -> None:
    assert rebase_through(Hunk(1, 2, ""), []) == Hunk(1, 2, "")
    assert rebase_through(Hunk(1, 2, ""), [Hunk(0, 0, "x\n"), Hunk(2, 3, "y\n")]) is None
