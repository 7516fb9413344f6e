"""Names that a function uses and no longer sets."""

from __future__ import annotations

import pytest

from fastapply.align.chunks import file_outline
from fastapply.judge.scopes import Scopes
from fastapply.text.diff import line_hunks

FILE = """\
def first(path):
    text = read(path)
    if not text:
        return None
    return text.strip()


def second(path, text):
    text = clean(text)
    return text
"""


def unset(rewritten: str) -> set[str]:
    return Scopes(file_outline(FILE, "python")).unset(line_hunks(FILE, rewritten))


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("    text = read(path)\n", "", {"text"}),  # although another function sets it
        ("    text = read(path)\n    if not text", "    if not path", {"text"}),
        ("    text = read(path)\n", "    text = path.read()\n", set()),
        ("    text = clean(text)\n", "", set()),  # a parameter
        (FILE[FILE.index("    text") : FILE.index("\n\n\ndef second")], "    pass", set()),
        ("def first(path):\n    text = read(path)\n", "def first(text):\n", set()),  # another function
    ],
    ids=["gone", "replaced by a guard", "set anew", "parameter", "not used", "the head goes too"],
)
def test_a_name_is_unset_where_the_function_that_set_it_goes_on_using_it(old: str, new: str, names: set[str]) -> None:
    assert old in FILE
    assert unset(FILE.replace(old, new)) == names


def test_a_name_of_one_letter() -> None:
    file = "def f(x):\n    y = g(x)\n    return y\n"
    hunks = line_hunks(file, "def f(x):\n    return y\n")
    assert Scopes(file_outline(file, "python")).unset(hunks) == {"y"}
