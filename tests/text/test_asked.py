from __future__ import annotations

import pytest

from fastapply.text.asked import code_words, missed_words, only_adds, removes, told_removals

FILE = "def get():\n    return 1\n\n\ndef put():\n    return 2\n"
WITHOUT_PUT = "def get():\n    return 1\n"


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("Remove the `PUT` method", {"PUT"}),
        ("Rename a_name to aName, please", {"a_name", "aName"}),
        ("Change '35' to \"36\"", {"35", "36"}),
        ("Use `self.close()` in the end", {"self", "close"}),
        ("I will make it faster. Add tests.", set()),
        ("", set()),
    ],
)
def test_words_that_are_code(instruction, words):
    assert code_words(instruction) == words


def test_names_that_no_changed_line_has():
    assert missed_words(FILE, WITHOUT_PUT, "Remove `put`") == 0
    assert missed_words(FILE, FILE, "Remove `put`") == 1
    assert missed_words(FILE, FILE + "x = 1\n", "Remove `put`") == 1
    assert missed_words(FILE, FILE, "Remove it") == 0


def test_what_an_instruction_wants():
    assert removes("Delete the `put` function")
    assert not removes("Add a function")
    assert only_adds("Add a function and log its call")
    assert not only_adds("Add a function instead of `put`, which you remove")
    assert not only_adds("Make it faster")


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("Simplify area and get rid of twice().", [{"twice"}]),
        ("don't tag it anymore, and drop the inspect step", [{"inspect", "step"}]),
        ("Removed SafeBool", [{"safe", "bool"}]),
        ("I am deleting `old_port`; add a test", [{"old", "port"}]),
        ("Add a test", []),
    ],
)
def test_what_an_instruction_wants_to_go(instruction: str, words: list[set[str]]) -> None:
    assert told_removals(instruction) == words
