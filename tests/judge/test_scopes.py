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


@pytest.mark.parametrize(
    ("file", "language", "rewritten"),
    [
        (
            "def f(n):\n    i = 0\n    while i < n:\n        g(i)\n",
            "python",
            "def f(n):\n    for i in range(n):\n        g(i)\n",
        ),
        ("def f(p):\n    h = open(p)\n    use(h)\n", "python", "def f(p):\n    with open(p) as h:\n        use(h)\n"),
        (
            "def f(p):\n    a = p[0]\n    b = p[1]\n    use(a, b)\n",
            "python",
            "def f(p):\n    a, b = p\n    use(a, b)\n",
        ),
        (
            "function f(p) {\n  const a = p.a;\n  use(a);\n}\n",
            "javascript",
            "function f(p) {\n  const { a } = p;\n  use(a);\n}\n",
        ),
        (
            "def f(\n    a,\n    b,\n):\n    b = b.copy()\n    use(b)\n",
            "python",
            "def f(\n    a,\n    b,\n):\n    use(b)\n",
        ),
        (
            "def f(x):\n    total = g(x)\n    use(x)\n    # the total\n",
            "python",
            "def f(x):\n    use(x)\n    # the total\n",
        ),
        ("def f(self):\n    count = g()\n    self.count += 1\n", "python", "def f(self):\n    self.count += 1\n"),
    ],
    ids=["loop", "with", "unpacked", "destructured", "parameters in lines", "comment", "attribute"],
)
def test_a_name_that_is_bound_otherwise_or_not_used(file: str, language: str, rewritten: str) -> None:
    assert Scopes(file_outline(file, language)).unset(line_hunks(file, rewritten)) == set()
