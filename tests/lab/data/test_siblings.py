"""Edits among look-alikes: what is made is a real file with one sibling more, or with one line changed."""

from __future__ import annotations

import random

import pytest

from fastapply_lab.data.history import Pair
from fastapply_lab.data.siblings import sibling_task

FILE = "class T:\n" + "\n".join(
    f"    def test_{name}(self):\n        x = make({number})\n        assert x == {number}\n"
    for number, name in enumerate(("one", "two", "three", "four"), 11)
)


@pytest.mark.parametrize("seed", range(30))
def test_the_new_side_is_the_real_file_and_the_update_shows_what_is_new(seed: int) -> None:
    task = sibling_task(Pair("a/b", "t.py", "", FILE), random.Random(seed), "a/b@1:t.py")
    assert task is not None
    assert task.expected == FILE
    assert task.original != FILE
    new = set(FILE.splitlines()) - set(task.original.splitlines())
    assert new <= set(task.update.splitlines())
    assert task.path == "a/b/t.py"


def test_a_file_without_siblings_gives_none() -> None:
    assert sibling_task(Pair("a/b", "t.py", "", "x = 1\n"), random.Random(0), "a") is None
