"""Snippets are refused exactly where a careful reader could not tell what is meant."""

from __future__ import annotations

import random

import pytest

from fastapply_lab.data.compare import changes
from fastapply_lab.data.snippets import write_snippet
from fastapply_lab.data.styles import Style

TWINS = "".join(
    f"def test_{name}():\n    value = make()\n    assert value == {number}\n    close(value)\n\n"
    for name, number in (("one", 1), ("two", 1), ("three", 1))
)


def snippet(original: str, expected: str, style: Style, language: str = "python") -> str:
    update = write_snippet(original, expected, language, random.Random(0), style)
    assert update is not None
    return update


def test_an_edit_in_a_twin_shows_which_one() -> None:
    lines = TWINS.splitlines()
    lines.insert(7, "    log(value)")
    update = snippet(TWINS, "\n".join(lines) + "\n", Style(before=1, after=1))
    assert "def test_two" in update
    assert "log(value)" in update


def test_a_deletion_shows_both_neighbours_without_a_marker_between() -> None:
    original = "a = first()\nb = second()\nc = third()\nd = fourth()\ne = fifth()\n"
    update = snippet(original, original.replace("c = third()\n", ""), Style(before=0, after=0))
    assert "b = second()\nd = fourth()" in update


def test_a_changed_value_needs_no_context() -> None:
    original = 'import os\n\n__version__ = "1.2.3"\n\nname = os.name\nother = name\n'
    update = snippet(original, original.replace("1.2.3", "1.3.0"), Style(before=0, after=0))
    assert [line for line in update.splitlines() if line and "existing" not in line] == ['__version__ = "1.3.0"']


def test_a_line_that_replaces_an_unlike_one_shows_both_neighbours() -> None:
    original = "alpha = first()\nbeta = second()\ngamma = third()\ndelta = fourth()\n"
    update = snippet(
        original, original.replace("beta = second()", "run(everything, now=True)"), Style(before=0, after=0)
    )
    assert "alpha = first()\nrun(everything, now=True)\ngamma = third()" in update


@pytest.mark.parametrize(
    "expected",
    ["a = 1\n\n\nb = 2\n", "a = 1\n# ... existing code ...\nb = 2\n", "a = 1\nb = 2\n"],
    ids=["only a blank line", "a new line that reads like a marker", "no change"],
)
def test_what_no_snippet_can_say(expected: str) -> None:
    assert write_snippet("a = 1\nb = 2\n", expected, "python", random.Random(0), Style()) is None


def test_a_whole_file_that_loses_its_end_is_not_shown_as_a_whole_file() -> None:
    original = "".join(f"def f{n}():\n    return call_{n}()\n\n" for n in range(4))
    cut = original[: original.index("def f3")]
    assert write_snippet(original, cut, "python", random.Random(0), Style(shape="whole_file")) != cut


def test_changes_melt_over_brackets() -> None:
    found = changes(["f(", "  a", ")", "{", "  b", "}"], ["g(", "  c", ")", "{", "  d", "}"])
    assert [(c.old_start, c.old_end) for c in found] == [(0, 5)]


def test_an_insertion_beside_a_hidden_lookalike_shows_both_sides() -> None:
    original = "import os\n\ncmd = words[1]\ncmd3 = words[3]\nrun(cmd, cmd3)\nclose(os)\n"
    update = snippet(original, original.replace("cmd3 =", "cmd2 = words[2]\ncmd3 ="), Style(before=0, after=1))
    assert "cmd = words[1]\ncmd2 = words[2]\ncmd3" in update
