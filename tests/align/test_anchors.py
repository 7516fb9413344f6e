from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fastapply.align.anchors import between_neighbours, sure_anchors, windows

LINES = st.lists(st.sampled_from([f"line {k}" for k in range(12)]), max_size=40)


@given(LINES, LINES)
def test_anchors_are_equal_lines_and_never_cross(ours: list[str], theirs: list[str]) -> None:
    found = sure_anchors(ours, theirs)
    assert all(ours[i] == theirs[j] for i, j in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))


@given(LINES, LINES)
def test_windows_ascend_and_reach_both_ends(ours: list[str], theirs: list[str]) -> None:
    found = windows(ours, theirs)
    assert len(found) == len(ours) + 1
    assert found[0][0] == 0
    assert found[-1][1] == len(theirs)
    assert all(low <= high for low, high in found)
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(found))


def test_a_file_against_itself_is_held_close() -> None:
    lines = [f"line {k}" for k in range(100)]
    assert max(high - low for low, high in windows(lines, lines)) < 20


def test_what_stands_between_two_neighbours_is_new() -> None:
    theirs = ["class A:", "", "def f():", "pass", "def g():", "pass"]
    ours = ["class A:", "x = 1", "pass", "def f():", "pass"]
    assert between_neighbours(ours, theirs, frozenset()) == {1, 2}
    assert not between_neighbours(ours, theirs, {1})
    moved = ["class A:", "def g():", "def f():", "pass"]
    assert not between_neighbours(moved, theirs, frozenset()), "it may have been moved here"
