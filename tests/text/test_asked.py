from __future__ import annotations

import pytest

from fastapply.text.asked import code_words, missed

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


def test_a_reading_that_leaves_out_what_is_named_is_odd():
    assert missed(FILE, WITHOUT_PUT, "Remove `put`") == 0.0
    assert missed(FILE, FILE, "Remove `put`") > 1.0
    assert missed(FILE, FILE + "x = 1\n", "Remove `put`") > 1.0
    assert missed(FILE, FILE, "Remove it") == 0.0
