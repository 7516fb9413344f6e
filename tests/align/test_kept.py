"""What markers name, looked up in a file."""

from __future__ import annotations

import pytest

from fastapply.align.chunks import Outline
from fastapply.align.field import Field
from fastapply.align.kept import Kept
from fastapply.align.rows import read_snippet

SHOP = """\
class Shop:
    def __init__(self):
        self.rows = []

    def add(self, row):
        self.rows.append(row)

    def total(self):
        \"\"\"The sum of all rows.

        Taxes are not in it.
        \"\"\"
        return sum(self.rows)

    def show(self):
        print(self.total())
"""
# columns: 0 class, 1 init, 2 rows, 3 add, 4 append, 5 total, 6-8 docstring, 9 return, 10 show, 11 print
MENU = """\
soup:
  price: 3
bread:
  price: 1
salad:
  price: 4
"""


def kept(original: str, marker: str, language: str = "python") -> Kept:
    field = Field(Outline(original.split("\n"), language))
    return Kept(field, read_snippet(marker, language, field.outline)[1])


@pytest.mark.parametrize(
    ("marker", "gap", "expected"),
    [
        ("    # ... add() and total() unchanged ...", (3, 10), {"named_kept": 2.0}),
        ("    # ... add() and total() unchanged ...", (3, 5), {"named_kept": 1.0, "named_missed": 1.0}),
        ("    # ... show stays ...", (3, 10), {"named_missed": 1.0}),
        ("    # ... existing code ...", (3, 10), {}),
        ("    # ... methods of another class ...", (3, 10), {}),
    ],
)
def test_names_are_found_in_the_lines_that_stay_or_not(
    marker: str, gap: tuple[int, int], expected: dict[str, float]
) -> None:
    counts = kept(SHOP, marker).counts((0,), *gap)
    assert {name: counts.get(name, 0.0) for name in ("named_kept", "named_missed")} == {
        "named_kept": 0.0,
        "named_missed": 0.0,
        **expected,
    }


def test_names_may_be_keys() -> None:
    counts = kept(MENU, "# ... bread and salad stay the same ...", "yaml").counts((0,), 2, 6)
    assert counts == {"named_kept": 2.0, "named_missed": 0.0, "unnamed_kept": 0.0}


def test_what_a_list_of_names_leaves_out_is_counted() -> None:
    menu = "bread:\n  price: 1\nsoup:\n  price: 2\nsalad:\n  price: 3\ntea:\n  price: 4\n"
    of = kept(menu, "# ... bread, soup and tea unchanged ...", "yaml").counts
    assert of((0,), 0, 8)["unnamed_kept"] == 1.0
    assert of((0,), 0, 4)["unnamed_kept"] == 0.0


def test_a_name_of_many_lines_names_none_of_them() -> None:
    many = "\n".join(f"a{k}:\n  price: {k}" for k in range(5))
    assert kept(many, "# ... price unchanged ...", "yaml").counts((0,), 0, 4) == {}


def test_a_marker_for_a_docstring_stands_for_no_more() -> None:
    marker = "        # ... docstring unchanged ..."
    assert kept(SHOP, marker).counts((0,), 6, 9) == {"beyond_docstring": 0.0}
    assert kept(SHOP, marker).counts((0,), 6, 10) == {"beyond_docstring": 1.0}
    assert kept(SHOP, "        # ... rest unchanged ...").counts((0,), 6, 10) == {}


def test_without_a_marker_nothing_is_said() -> None:
    assert kept(SHOP, "x = 1").counts((), 0, 5) == {}
