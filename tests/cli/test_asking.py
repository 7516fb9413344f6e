"""The questions about a doubtful result: which hunks are taken after which answers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from fastapply.cli.asking import ask
from fastapply.text.lines import patched
from fastapply.types import Alternative, ApplyResult, Hunk, Status

ORIGINAL = "".join(f"{n}\n" for n in range(1, 21))
SHARED, FIRST, SECOND, LAST = Hunk(0, 1, "one\n"), Hunk(4, 5, "five\n"), Hunk(9, 10, "ten\n"), Hunk(14, 15, "fifteen\n")
RESULT = ApplyResult(
    Status.NEEDS_REVIEW,
    patched(ORIGINAL, [SHARED, FIRST, LAST]),
    0.5,
    (SHARED, FIRST, LAST),
    alternatives=(Alternative((SHARED, SECOND, LAST), 0.3, 2),),
)


def asked(typed: str, monkeypatch: pytest.MonkeyPatch, result: ApplyResult = RESULT) -> tuple[list[str] | None, str]:
    """The new texts of what is taken (None: nothing is to be written), and all that was shown."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    out = io.StringIO()
    decision = ask(Console(file=out, width=80, soft_wrap=True), ORIGINAL, result)
    return None if decision.taken is None else [hunk.new_text.strip() for hunk in decision.taken], out.getvalue()


ANSWERS = {
    "yyy": ["one", "five", "fifteen"],
    "nyn": ["five"],
    "nnn": [],
    "a": ["one", "five", "fifteen"],
    "na": ["five", "fifteen"],
    "yd": ["one"],
    "d": [],
    "yoyy": ["one", "ten", "fifteen"],  # what both readings share is asked once
    "noyn": ["ten"],
    "oyyn": ["one", "ten"],
    "yooya": ["one", "five", "fifteen"],  # and back
    "yyoa": ["one", "ten", "fifteen"],
    "q": None,
    "yyq": None,
    "yy": None,  # the end of the input
    "x?Y n y": ["one", "fifteen"],
}


@pytest.mark.parametrize("keys", ANSWERS)
def test_answers(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = "".join(f"{key}\n" for key in keys.replace(" ", ""))
    assert asked(typed, monkeypatch)[0] == ANSWERS[keys]


def test_what_both_readings_share_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _, shown = asked("y\no\ny\ny\n", monkeypatch)
    assert [line.partition(":")[0] for line in shown.splitlines() if "take it [" in line] == [
        "hunk 1 of 3",
        "hunk 2 of 3",
        "hunk 2 of 3",
        "hunk 3 of 3",
    ]
    assert shown.count("reading 2") == 1


def test_without_another_reading_there_is_no_key_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ApplyResult(Status.NEEDS_REVIEW, RESULT.text, 0.5, RESULT.hunks)
    taken, shown = asked("o\na\n", monkeypatch, alone)
    assert taken == ["one", "five", "fifteen"]
    assert "[y,n,a,d,e,q,?]" in shown
    assert "  q  quit: write nothing" in shown


class CtrlC(io.StringIO):
    def readline(self, *_: object) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_ends_the_line_of_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", CtrlC())
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        ask(Console(file=out, width=80), ORIGINAL, RESULT)
    assert out.getvalue().endswith("? \n")


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(path))


def test_an_edited_hunk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, monkeypatch, 'sed -i "s/^+five/+FIVE/" "$1"')
    assert asked("y\ne\nn\n", monkeypatch)[0] == ["one", "FIVE"]


def test_an_edit_that_does_not_fit_may_be_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, monkeypatch, 'sed -i "s/^-5/oops/; t; s/^oops/-5/; s/^+five/+again/" "$1"')
    taken, shown = asked("n\ne\ny\nd\n", monkeypatch)
    assert taken == ["again"]
    assert "the edited hunk cannot be used: line 3 begins neither with a blank nor with - or +" in shown
    assert asked("n\ne\nn\ny\nd\n", monkeypatch)[0] == ["five"]


def test_an_editor_that_fails_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, monkeypatch, "exit 1")
    taken, shown = asked("e\nd\n", monkeypatch)
    assert (taken, "failed: the hunk is as it was" in shown) == ([], True)


def test_an_edited_hunk_is_asked_about_anew_in_another_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may reach over what that reading changes."""
    editor(tmp_path, monkeypatch, 'sed -i "s/^+one/+ONE/" "$1"')
    assert asked("e\no\ny\nd\n", monkeypatch)[0] == ["one"]
