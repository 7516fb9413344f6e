"""Steps of indentation: swallowed tabs come back, other widths are brought to the file's, and nothing else moves."""

from __future__ import annotations

import pytest

from fastapply.text.indentation import in_steps_of

TABS = "func f() {\n\tif x {\n\t\ty()\n\t}\n}\n\nfunc g() {\n\tz()\n}\n"
FOUR = "class A:\n    def f(self):\n        if self:\n            return 1\n\n    def g(self):\n        return 2\n"
FOUR += "\n    def h(self):\n        return 3\n\n    def i(self):\n        return 4\n"


@pytest.mark.parametrize("step", ["  ", "    ", "        "])
def test_swallowed_tabs_come_back(step: str) -> None:
    update = "func f() {\n\tif y {\n\t\ty()\n\t}\n}\n"
    assert in_steps_of(TABS, update.replace("\t", step)) == update


def test_tabs_become_the_files_spaces() -> None:
    update = "class A:\n    def g(self):\n        if self:\n            return 3\n"
    assert in_steps_of(FOUR, update.replace("    ", "\t")) == update


def test_another_width_becomes_the_files_when_three_depths_say_so() -> None:
    update = "class A:\n    def g(self):\n        return 2\n    def new(self):\n        return 5\n"
    assert in_steps_of(FOUR, update.replace("    ", "  ")) == update
    two = "    def g(self):\n            return 2\n"  # a step deeper on purpose, perhaps
    assert in_steps_of(FOUR, two) == two


def test_a_whole_file_with_spaces_for_tabs_and_one_change_keeps_its_tabs() -> None:
    update = TABS.replace("z()", "zz()")
    assert in_steps_of(TABS, update.replace("\t", "    ")) == update


@pytest.mark.parametrize("shift", ["", "    "])
def test_a_part_that_begins_deep_inside_tells_its_width_by_the_lines_it_shares(shift: str) -> None:
    update = "    if x {\n        y()\n            .z()\n    }\n"
    shifted = "".join(shift + line for line in update.splitlines(keepends=True))
    assert in_steps_of(TABS, shifted) == shifted.replace("    ", "\t")


def test_continuation_lines_of_a_file_of_tabs_keep_their_spaces() -> None:
    file = "int f(int a,\n    int b)\n{\n\tint c;\n\n\tc = a;\n\tif (c)\n\t\treturn b;\n\treturn c;\n}\n"
    update = file.replace("c = a", "c = a + 1")
    assert in_steps_of(file, update.replace("\t", "    ")) == update


@pytest.mark.parametrize(
    ("original", "update"),
    [
        (TABS, TABS.replace("\t", "    ")),  # the whole file: that may be the edit
        (TABS, "func g() {\n\tz()\n    odd()\n}\n"),  # both kinds
        ("a\n\tb\n\tb\n\tb\n\tb\n    text\n", "    text\n    more\n"),  # spaces that stand in the file
        (FOUR, "class A:\n    def g(self):\n        return 9\n"),
        ("x = 1\ny = 2\n", "if x:\n\ty = 3\n"),  # nothing to go by
    ],
)
def test_what_stays_as_it_is(original: str, update: str) -> None:
    assert in_steps_of(original, update) == update


def test_a_line_that_stands_elsewhere_with_the_snippets_spaces_is_scaled_like_the_others() -> None:
    file = FOUR + "\n    pass\n\n    pass\n"
    update = "class A:\n    def g(self):\n        return 2\n        pass\n"
    assert in_steps_of(file, update.replace("    ", "  ")) == update
