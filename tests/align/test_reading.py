"""Readings written out: indentation, blank lines, the ends of the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pieces import region, writer_of

from fastapply.align.reading import Reading, Region, difference, shifted

FILE = "import os\n\n\nclass A:\n    def f(self):\n        a()\n\n    def g(self):\n        b()\n\n\nx = 1\n"
# columns: 0 import, 1 class, 2 f, 3 a, 4 g, 5 b, 6 x


def written(update: str, *places: tuple[int, int], gone: tuple[tuple[int, int], ...] = (), original: str = FILE) -> str:
    """The file with each unit of the update in its place."""
    writer = writer_of(original, update)
    regions = tuple(region(writer, unit, *place) for unit, place in enumerate(places))
    return writer.text(Reading(regions, gone))


def test_what_no_region_touches_stays_as_it_is() -> None:
    odd = "\n \na()  \n\t\nb()\n  \n"
    assert written("c()", (2, 2), original=odd) == "\n \na()  \n\t\nb()\nc()\n  \n"
    assert written("b()", (1, 2), original=odd) == odd


def test_ranges_go() -> None:
    assert written("import os", (0, 1), gone=((4, 6),)) == FILE.replace("\n    def g(self):\n        b()\n", "")
    assert written("import os", (0, 1), gone=((1, 6),)) == "import os\n\n\nx = 1\n"


def test_the_first_and_the_last_of_a_block_go_with_the_blank_lines_beside_them() -> None:
    assert written("import os", (0, 1), gone=((2, 4),)) == FILE.replace("    def f(self):\n        a()\n\n", "")
    closed = "{\n  a\n\n  b\n}"
    assert written("{", (0, 1), gone=((1, 2),), original=closed) == "{\n  b\n}"
    assert written("{", (0, 1), gone=((2, 3),), original=closed) == "{\n  a\n}"


def test_a_part_without_indentation_is_moved_to_that_of_its_pairs() -> None:
    new = FILE.replace("        a()\n", "        if c:\n            a()\n")
    assert written("def f(self):\n    if c:\n        a()", (2, 4)) == new.replace("            a()", "            a()")


def test_a_part_with_too_much_indentation_is_moved_out() -> None:
    assert written("    x = 1\n    y = 2", (6, 7)) == FILE.replace("x = 1\n", "x = 1\ny = 2\n")


def test_the_first_line_may_have_lost_its_indentation() -> None:
    update = "def f(self):\n        a()\n        c()"
    assert written(update, (2, 4)) == FILE.replace("        a()\n", "        a()\n        c()\n")


def test_new_lines_are_moved_as_the_other_parts_are() -> None:
    update = "def f(self):\n    a()\n# ...\ndef h(self):\n    c()"
    assert written(update, (2, 4), (6, 6)) == FILE.replace(
        "        b()\n", "        b()\n\n    def h(self):\n        c()\n"
    )


def test_a_shift_that_is_given_holds() -> None:
    writer = writer_of(FILE, "def h(self):\n    c()")
    part = writer.parts.units[0]
    text = writer.text(Reading((Region(part, 6, 6, (-1, -1), ("", "    ")),)))
    assert text == FILE.replace("        b()\n", "        b()\n\n    def h(self):\n        c()\n")


@pytest.mark.parametrize("blanks", [0, 1, 2])
def test_a_new_definition_stands_as_far_apart_as_its_siblings(blanks: int) -> None:
    gap = "\n" * (blanks + 1)
    original = gap.join(["def f():\n    a()", "def g():\n    b()"])
    update = f"# ...\n{'def h():'}\n    c()"
    assert written(update, (4, 4), original=original) == gap.join([original, "def h():\n    c()"])
    assert written(update, (2, 2), original=original) == original.replace("def g", f"def h():\n    c(){gap}def g")


def test_as_far_apart_as_the_snippet_shows_it() -> None:
    assert written("x = 1\n\ny = 2", (6, 7)) == FILE.replace("x = 1\n", "x = 1\n\ny = 2\n")
    assert written("y = 2\nx = 1", (6, 7)) == FILE.replace("x = 1\n", "y = 2\nx = 1\n")
    assert written("import re\n\n\nclass A:", (1, 1), (1, 2)) == FILE.replace("os\n", "os\nimport re\n")


def test_a_new_line_above_a_shown_one_is_not_glued_to_a_definition_above() -> None:
    assert written("y = 2\n\nx = 1", (6, 7)) == FILE.replace("x = 1\n", "y = 2\n\nx = 1\n")


def test_blank_lines_of_a_kept_line_keep_their_bytes() -> None:
    original = "a()\n  \nb()\n \t\n\nc()"
    assert written("a()\n\nb()", (0, 2), original=original) == original
    assert written("a()\n\nb2()\n# ...\nc()", (0, 2), (2, 3), original=original) == "a()\n\nb2()\n \t\n\nc()"


def test_a_new_line_keeps_its_trailing_blanks_and_a_known_one_those_of_the_file() -> None:
    assert written("a()   \nd()  ", (0, 1), original="a()\t\nb()") == "a()\t\nd()  \nb()"


def test_all_may_go() -> None:
    assert written("", gone=((0, 1),), original="a()") == ""


def test_what_changes_or_goes_is_taken() -> None:
    writer = writer_of(FILE, "def f(self):\n    c()")
    reading = Reading((region(writer, 0, 2, 4),), ((6, 7),))
    assert reading.taken() == {3, 6}
    assert (reading.regions[0].first_pair, reading.regions[0].last_pair) == (2, 2)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("    ", ""), ("", "  "), ("\t", "    "), ("        ", "    "), ("  ", "  ")]
)
def test_a_difference_of_indentation_makes_one_of_the_other(theirs: str, ours: str) -> None:
    assert shifted(f"{ours}x", difference(theirs, ours)) == f"{theirs}x"


def test_what_stands_further_out_goes_as_far_as_it_can() -> None:
    assert shifted("  x", ("    ", "")) == "x"


@given(
    st.lists(st.sampled_from(["", "  ", "a()", "def f():", "    b()  ", "\tc()", "class A:"]), min_size=1), st.data()
)
def test_what_is_shown_as_it_stands_changes_nothing(lines: list[str], data: st.DataObject) -> None:
    original = "\n".join([*lines, "end()"])
    writer = writer_of(original, original)
    kept = [unit for unit in writer.parts.units if data.draw(st.booleans())]
    columns = [(writer.field.column_of[unit.lines[0]], writer.field.column_of[unit.lines[-1]] + 1) for unit in kept]
    regions = [Region(unit, a, b, tuple(range(a, b))) for unit, (a, b) in zip(kept, columns, strict=True)]
    assert writer.text(Reading(tuple(regions))) == original


LOOP = """\
def f(rows):
    for row in rows:
        if row is None:
            continue
        if row:
            a(row)
            b(row)
    return rows
"""


def test_a_block_that_the_edit_takes_away_does_not_move_its_neighbours() -> None:
    update = "        if row is None:\n            continue\n        a(row)\n        b(row)"
    new = LOOP.replace("        if row:\n            a(row)\n            b(row)\n", "        a(row)\n        b(row)\n")
    writer = writer_of(LOOP, update)
    whole = Region(writer.parts.runs[0], 2, 7, (2, 3, 5, 6))
    assert writer.text(Reading((whole,))) == new
    assert writer.shifts.shifts_of(whole) == [("", ""), ("", "    ")]  # how it may be meant besides


def test_a_block_that_the_edit_puts_around_lines_does_not_move_its_neighbours() -> None:
    update = "    for row in rows:\n        if row is None:\n            continue\n    return rows"
    writer = writer_of("def f(rows):\n    if row is None:\n        continue\n    return rows\n", update)
    whole = Region(writer.parts.runs[0], 1, 4, (-1, 1, 2, 3))
    assert writer.text(Reading((whole,))) == "def f(rows):\n" + update + "\n"
