"""A line that a model quotes with other dashes, quotes or blanks keeps the file's own bytes."""

from __future__ import annotations

import pytest
from candidates import assert_meant

_BAR = "│\u00a0\u00a0 "
TREE = f"# Files\n\n{_BAR}├── theme\n{_BAR}{_BAR}└── Layout.vue\n{_BAR}├── public\n\nThe end.\n"


@pytest.mark.parametrize(
    ("original", "quoted", "new"),
    [
        (TREE, "│   │   └── Layout.vue", "│   ├── plugins"),
        ("# A\n\nIt’s here.\nAnother – one.\n", "It's here.", "New."),
        ("# A\n\nIt's here.\nAnother - one.\n", "It’s here.", "New."),
    ],
    ids=["hard blanks", "the file has typographic quotes", "the update has them"],
)
def test_the_file_keeps_its_signs(original: str, quoted: str, new: str) -> None:
    lines = original.split("\n")
    at = next(k for k, line in enumerate(lines) if line[-5:] == quoted[-5:])
    expected = "\n".join([*lines[: at + 1], new, *lines[at + 1 :]])
    update = f"<!-- ... -->\n{quoted}\n{new}\n{lines[at + 1]}\n<!-- ... -->\n"
    assert_meant(original, update, "markdown", expected)


def test_what_differs_in_more_is_new() -> None:
    original = "# A\n\nIt’s here.\n\nThe end.\n"
    assert_meant(original, "# A\n\nIt's there.\n\nThe end.\n", "markdown", original.replace("It’s here", "It's there"))


def test_blanks_inside_a_line_of_plain_signs_are_taken_as_sent() -> None:
    """Only lines with other signs are brought back to those of the file: here columns are aligned anew."""
    original = "// • one\ntype A struct {\n\tName string\n\tSize int\n}\n"
    update = "// ...\ntype A struct {\n\tName     string\n\tSize     int\n\tComments string\n}\n"
    assert_meant(original, update, "go", original[: original.index("type")] + update.removeprefix("// ...\n"))
