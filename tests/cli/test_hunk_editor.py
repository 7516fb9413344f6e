"""A hunk as text, edited by hand and read back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.cli.hunk_editor import edit_text, hunk_as_text, read_hunk
from fastapply.errors import FastApplyError, UsageError
from fastapply.text.diff import line_hunks
from fastapply.text.lines import SourceText, patched, split_lines
from fastapply.types import Hunk

ORIGINAL = "one\ntwo\nthree\nfour\nfive\n"
HUNK = Hunk(2, 3, "THREE\nmore\n")
TEXT = " one\n two\n-three\n+THREE\n+more\n four\n five\n"


def read(text: str, original: str = ORIGINAL, hunk: Hunk = HUNK) -> str:
    hunks = read_hunk(original, hunk, 0, len(split_lines(original)), text)
    assert hunks is not None
    return patched(original, hunks)


def test_it_looks_like_a_diff() -> None:
    head, _, comment = hunk_as_text(ORIGINAL, HUNK, 0, 5).partition("#")
    assert head == TEXT
    assert all(line.startswith("#") for line in f"#{comment}".splitlines())
    assert hunk_as_text(ORIGINAL, HUNK, 2, 3).startswith("-three\n+THREE\n+more\n#")


EDITS = {  # what the person does to the text: the file that follows
    "nothing": (TEXT, "one\ntwo\nTHREE\nmore\nfour\nfive\n"),
    "a line that comes is left out": (TEXT.replace("+more\n", ""), "one\ntwo\nTHREE\nfour\nfive\n"),
    "a line that goes stays": (TEXT.replace("-three", " three"), "one\ntwo\nthree\nTHREE\nmore\nfour\nfive\n"),
    "another line comes": (TEXT + "+six\n", "one\ntwo\nTHREE\nmore\nfour\nfive\nsix\n"),
    "a line of the context goes": (TEXT.replace(" two", "-two"), "one\nTHREE\nmore\nfour\nfive\n"),
    "the new line is another": (TEXT.replace("+THREE", "+drei  "), "one\ntwo\ndrei  \nmore\nfour\nfive\n"),
    "no final newline": (TEXT.removesuffix("\n"), "one\ntwo\nTHREE\nmore\nfour\nfive\n"),
    "below the comment": (TEXT + "# said\n+no line\nnone\n", "one\ntwo\nTHREE\nmore\nfour\nfive\n"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_edited_is_what_is_taken(edit: str) -> None:
    text, expected = EDITS[edit]
    assert read(text) == expected


WRONG = {
    "no sign": (TEXT.replace("+more", "more"), "line 5 begins neither with"),
    "not the file's": (
        TEXT.replace("-three", "-trois"),
        "differs from line 3 of the file",
    ),
    "a line of the file is gone": (TEXT.replace(" four\n", ""), "line 6 is not marked with"),
    "the last one is gone": (TEXT.replace(" five\n", ""), "line 5 of the file is missing"),
    "one too many": (TEXT + " six\n", "line 8 is not marked with"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(case: str) -> None:
    text, said = WRONG[case]
    with pytest.raises(UsageError, match=said):
        read(text)


def test_nothing_left_is_no_answer() -> None:
    assert read_hunk(ORIGINAL, HUNK, 0, 5, "# only\n") is None


def test_an_editor_may_take_trailing_blanks_away() -> None:
    original = "a\n\nb  \nc\n"
    text = hunk_as_text(original, Hunk(3, 4, "C\n"), 0, 4)
    stripped = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    assert read(stripped, original, Hunk(3, 4, "C\n")) == "a\n\nb  \nC\n"


files = st.builds(
    lambda lines, end, final, bom: ("\ufeff" if bom else "") + end.join(lines) + (end if final else ""),
    st.lists(st.sampled_from(["a", "b", "c  ", "", "\td"]), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)


@given(files, files)
def test_a_hunk_that_nobody_edits_is_as_it_was(original: str, other: str) -> None:
    """Whatever the line ends, with and without a final newline."""
    source = SourceText.of(original)
    hunks = source.restore_hunks(line_hunks(source.text, SourceText.of(other).text.removeprefix("\ufeff")))
    for at, hunk in enumerate(hunks):
        before = hunks[at - 1].end_line if at else 0
        after = hunks[at + 1].start_line if at + 1 < len(hunks) else len(source.raw_lines)
        edited = read_hunk(original, hunk, before, after, hunk_as_text(original, hunk, before, after))
        assert edited is not None
        assert patched(original, edited) == patched(original, [hunk])
        assert all(before <= each.start_line <= each.end_line <= after for each in edited)


def editor(folder: Path, script: str) -> str:
    path = folder / "my editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"'{path}' --wait"


def test_the_users_editor_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", editor(tmp_path, 'test "$1" = --wait && printf "é\\r\\n" >> "$2"'))
    assert edit_text("a\n") == "a\né\n"


FAILING = {"fails": "exit 3", "garbles": 'printf "\\377" > "$2"'}


@pytest.mark.parametrize("script", FAILING)
def test_an_editor_that_fails_changes_nothing(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, FAILING[script]))
    with pytest.raises(FastApplyError, match="the hunk is as it was"):
        edit_text("a\n")


@pytest.mark.parametrize("said", ["/no/such/editor", "a 'b"])
def test_no_editor_is_said(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", said)
    with pytest.raises(FastApplyError, match="cannot be started"):
        edit_text("a\n")
    assert os.environ["EDITOR"] == said
