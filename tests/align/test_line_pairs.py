"""Which line of a part stands for which line of the file."""

from __future__ import annotations

from itertools import pairwise

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pieces import lines_of

FILE = """import os
LIMIT = 10

def first(x):
    total = 0
    check(x)
    return total

def second(x):
    total = 1
    check(x)
    return total

def third(x):
    return x"""
CODE = ["a = 1", "b = 2", "    c(a)", "    c(b)", "def f(x):", "def g(x):", "    return x", "x += 1", ""]


def pairs(update: str, start: int, end: int, original: str = FILE) -> list[str]:
    """What each line of the only part stands for where the part stands for [start, end); "" where it is new."""
    lines, parts = lines_of(original, update)
    (unit,) = parts.units
    return [lines.field.text[c] if c >= 0 else "" for c in lines.pairs(unit.lines, start, end)]


def test_the_same_line_is_a_pair_and_another_one_is_new() -> None:
    update = "def first(x):\n    total = 0\n    log('called')\n    check(x)\n    return total"
    assert pairs(update, 2, 6) == ["def first(x):", "total = 0", "", "check(x)", "return total"]


def test_a_new_value_or_a_like_line_is_a_pair() -> None:
    assert pairs("LIMIT = compute(os, 'anything')", 1, 2) == ["LIMIT = 10"]
    update = "def first(x, y):\n    total = 0\n    check(x, y)\n    return total"
    assert pairs(update, 2, 6) == ["def first(x):", "total = 0", "check(x)", "return total"]


def test_nothing_stands_for_an_empty_range() -> None:
    assert pairs("def first(x):\n    check(x)", 2, 2) == ["", ""]


@pytest.mark.parametrize(("start", "end", "row"), [(2, 6, 4), (6, 10, 8)])
def test_lines_that_stand_twice_are_found_in_the_given_range(start: int, end: int, row: int) -> None:
    lines, parts = lines_of(FILE, "    check(x)\n    return total")
    assert lines.pairs(parts.units[0].lines, start, end) == (row, row + 1)


def test_the_best_range_of_an_unchanged_part_is_where_it_stands() -> None:
    lines, parts = lines_of(FILE, "def second(x):\n    total = 1\n    check(x)\n    return total")
    best = lines.cores(parts.units[0].lines, 3)[0]
    assert (best.start, best.end, best.pairs) == (6, 10, (6, 7, 8, 9))


def test_lines_that_stand_twice_are_looked_for_in_what_is_shown_around_them() -> None:
    lines, parts = lines_of(FILE, "# ...\ndef second(x):\n    # ...\n    check(x)\n    # ...")
    cores = lines.cores(parts.units[1].lines, 3)
    assert cores[0].pairs == (8,)
    assert (4,) in [core.pairs for core in cores]


def test_what_is_new_has_its_look_alike_among_the_ranges() -> None:
    lines, parts = lines_of(FILE, "def fourth(x):\n    return x * 4")
    assert any(core.start == core.end - 1 == 10 for core in lines.cores(parts.units[0].lines, 4))


def test_what_is_like_nothing_has_no_range() -> None:
    lines, parts = lines_of(FILE, "¿qué?")
    assert lines.cores(parts.units[0].lines, 4) == []


def test_a_line_is_known_where_the_file_has_it_in_the_same_place() -> None:
    lines, parts = lines_of(FILE, "def first(x):\n    total = 0\n    total = 5\n")
    line = {parts.outline.stripped[k]: k for k in parts.units[0].lines}
    assert lines.known(line["total = 0"]) > 0.3
    assert lines.known(line["total = 5"]) == 0.0


def test_lines_of_definitions_that_the_file_lacks_are_new() -> None:
    lines, _ = lines_of(FILE, "def first(x):\n    a()\ndef fourth(x):\n    b()")
    assert [lines.is_new_definition(k) for k in range(4)] == [False, False, True, True]


@st.composite
def texts(draw: st.DrawFn) -> str:
    return "\n".join(draw(st.lists(st.sampled_from(CODE), min_size=1, max_size=12))) + "\nlast()"


@examples(150)
@given(texts(), texts(), st.data())
def test_pairs_ascend_and_stay_in_their_range(original: str, update: str, data: st.DataObject) -> None:
    lines, parts = lines_of(original, update)
    every = tuple(line for unit in parts.units for line in unit.lines)
    start = data.draw(st.integers(0, len(lines.field)))
    end = data.draw(st.integers(start, len(lines.field)))
    found = lines.pairs(every, start, end)
    known = [column for column in found if column >= 0]
    assert len(found) == len(every)
    assert all(above < below for above, below in pairwise(known))
    assert all(start <= column < end for column in known)
    for core in lines.cores(every, 3):
        inside = [column for column in core.pairs if column >= 0]
        assert (core.start, core.end) == (inside[0], inside[-1] + 1)
        assert all(above < below for above, below in pairwise(inside))


@examples(100)
@given(texts(), st.data())
def test_a_part_of_the_file_stands_for_itself(original: str, data: st.DataObject) -> None:
    lines, _ = lines_of(original, original)
    start = data.draw(st.integers(0, len(lines.field) - 1))
    end = data.draw(st.integers(start + 1, len(lines.field)))
    part = tuple(lines.field.solid[start:end])
    assert lines.pairs(part, start, end) == tuple(range(start, end))
