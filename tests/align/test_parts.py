"""A snippet is cut into parts: at markers, and around definitions and blocks."""

from __future__ import annotations

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pieces import parts_of

from fastapply.align.parts import Part, Parts, arranged

MARK = "# ... existing code ..."
DEFINITIONS = "import os\nLIMIT = 1\n\ndef f():\n    a()\n\n    b()\n\n\ndef g():\n    c()\nLAST = 2"


def texts(parts: Parts, part: Part) -> list[str]:
    return [parts.outline.stripped[line] for line in part.lines]


def units(update: str, language: str | None = "python") -> list[list[str]]:
    parts = parts_of(update, language=language)
    return [texts(parts, unit) for unit in parts.units]


def test_a_run_is_cut_where_definitions_begin_and_end() -> None:
    assert units(DEFINITIONS) == [
        ["import os", "LIMIT = 1"],
        ["def f():", "a()", "b()"],
        ["def g():", "c()"],
        ["LAST = 2"],
    ]


def test_decorators_and_comments_stay_with_their_definition() -> None:
    assert units("x = 1\n# why\n@cached\ndef f():\n    pass") == [["x = 1"], ["# why", "@cached", "def f():", "pass"]]


def test_a_block_of_one_line_more_is_a_unit_and_statements_are_not() -> None:
    assert units("a()\nfor x in xs:\n    b(x)\nc()") == [["a()"], ["for x in xs:", "b(x)"], ["c()"]]
    assert units("a()\nb()\nc()") == [["a()", "b()", "c()"]]


def test_only_the_outermost_definition_is_cut_out() -> None:
    assert units("class A:\n    x = 1\n\n    def f(self):\n        a()\n\n    def g(self):\n        b()") == [
        ["class A:", "x = 1", "def f(self):", "a()", "def g(self):", "b()"]
    ]


def test_headers_one_below_the_other_tell_a_place_and_are_parted() -> None:
    """The file may have lines between them."""
    assert units("class A:\n    def f(self):\n        a()\n\n    def g(self):\n        b()") == [
        ["class A:"],
        ["def f(self):", "a()"],
        ["def g(self):", "b()"],
    ]
    assert units("def f():\n    if x:\n        a()") == [["def f():", "if x:", "a()"]]


def test_markers_part_and_say_so() -> None:
    parts = parts_of(f"a()\n{MARK}\nb()\n{MARK}")
    assert [(texts(parts, unit), unit.marked, parts.marked_below(unit)) for unit in parts.units] == [
        (["a()"], False, True),
        (["b()"], True, True),
    ]
    assert parts.marked_end
    assert parts.has_markers
    plain = parts_of("a()\nb()")
    assert not plain.marked_end
    assert not plain.has_markers


@pytest.mark.parametrize(("above", "below"), [(0, 0), (1, 2), (3, 1)])
def test_blank_lines_are_counted_on_both_sides_of_a_part(above: int, below: int) -> None:
    parts = parts_of(MARK + "\n" * (above + 1) + "b()" + "\n" * (below + 1) + MARK)
    assert parts.units[0].blanks == above
    assert parts.blanks_below(parts.units[0]) == below


def test_blank_lines_between_units_and_at_the_end() -> None:
    parts = parts_of("def f():\n    a()\n\n\ndef g():\n    b()\n\n")
    assert [unit.blanks for unit in parts.units] == [0, 2]
    assert [parts.blanks_below(unit) for unit in parts.units] == [2, 1]


def test_units_that_no_marker_parts_are_a_run_too() -> None:
    parts = parts_of(f"{DEFINITIONS}\n{MARK}\ndef h():\n    d()")
    assert {k: (run.first, run.last, len(run.lines)) for k, run in parts.runs.items()} == {0: (0, 4, 8)}
    assert parts.runs[0].start == parts.units[0].start
    assert parts.marked_below(parts.runs[0])


def test_a_removal_is_a_part_without_lines_and_ends_a_run() -> None:
    parts = parts_of("a()\n# ... remove old ...\nb()", "a()\nold()\nb()")
    assert [texts(parts, unit) for unit in parts.units] == [["a()"], [], ["b()"]]
    assert [unit.removes for unit in parts.units] == [None, "old", None]
    assert parts.runs == {}


def test_what_is_arranged_anew_has_markers_between_its_groups() -> None:
    parts = parts_of(f"def f():\n    a()\ndef g():\n    b()\n{MARK}\ndef h():\n    c()")
    f, g, h = parts.units
    found = arranged(parts, [[h], [f, g]])
    assert [(texts(found, unit)[0], unit.marked) for unit in found.units] == [
        ("def h():", True),
        ("def f():", True),
        ("def g():", False),
    ]
    assert [(unit.first, unit.last) for unit in found.units] == [(0, 1), (1, 2), (2, 3)]
    assert list(found.runs) == [1]


@examples(100)
@given(st.lists(st.sampled_from(["", MARK, "a()", "def f():", "class A:", "    b()", "        c()", "@x", "# why"])))
def test_no_line_is_lost_and_none_stands_twice(lines: list[str]) -> None:
    parts = parts_of("\n".join([*lines, "end()"]))
    code = [k for k, text in enumerate(parts.outline.stripped) if text and k not in parts.outline.markers]
    assert [line for unit in parts.units for line in unit.lines] == code
    assert [(unit.first, unit.last) for unit in parts.units] == [(k, k + 1) for k in range(len(parts.units))]
    for k, run in parts.runs.items():
        inside = parts.units[run.first : run.last]
        assert (run.first, run.marked, run.blanks) == (k, inside[0].marked, inside[0].blanks)
        assert run.lines == tuple(line for unit in inside for line in unit.lines)
        assert not any(unit.marked for unit in inside[1:])
