"""The file's side of an alignment: columns, and what is open between them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pieces import field_of

from fastapply.align.field import Field

PYTHON = "import os\n\n\nclass A:\n    def f(self):\n        a()\n\n    @cached\n    def g(self):\n        b()\n\nx = 1"
SCRIPT = "class A {\n  f() {\n    a();\n  }\n\n  g() {\n    b();\n  }\n}\nend();"


def open_below(field: Field, text: str) -> list[str]:
    """The names of the chunks in which a line below `text` may stand."""
    return [chunk.name for chunk in field.open_at[field.text.index(text) + 1]]


def test_columns_are_the_lines_that_are_not_blank() -> None:
    field = field_of(PYTHON)
    assert len(field) == 8
    assert field.text[:3] == ["import os", "class A:", "def f(self):"]
    assert field.solid[:3] == [0, 3, 4]
    assert [field.column_of[line] for line in field.solid] == list(range(8))
    assert field.columns_of["b()"].tolist() == [6]
    assert field.depth(field.text.index("b()")) == 8


def test_a_python_body_may_go_on_below_its_last_line() -> None:
    field = field_of(PYTHON)
    assert open_below(field, "a()") == ["f", "A"]
    assert open_below(field, "b()") == ["g", "A", ""]
    assert open_below(field, "import os") == [""]
    assert open_below(field, "x = 1") == [""]
    assert [chunk.name for chunk in field_of("def f():\n    a()").open_at[-1]] == ["f", ""]


def test_a_block_that_a_line_closes_may_not() -> None:
    field = field_of(SCRIPT, "javascript")
    assert open_below(field, "a();") == ["f"]
    second = field.text.index("}", field.text.index("b();"))
    assert [chunk.name for chunk in field.open_at[second + 1]] == ["A"]
    assert [chunk.name for chunk in field.open_at[second + 2]] == [""]


def test_blank_lines_above_a_column_and_above_the_end() -> None:
    field = field_of("\na()\n\n\nb()\n\n")
    assert [field.blanks_above(column) for column in range(3)] == [1, 2, 2]


def test_a_chunk_has_the_columns_of_its_decorators_too() -> None:
    field = field_of(PYTHON)
    columns = {chunk.name: field.columns(chunk) for chunk in field.outline.chunks}
    assert columns["g"] == range(field.text.index("@cached"), field.text.index("b()") + 1)
    assert columns["f"] == range(2, 4)
    assert columns[""] == range(len(field))


def test_what_a_column_gives_a_value_to_and_defines() -> None:
    field = field_of(PYTHON)
    assert field.keys[-1] == "value x"
    assert field.labels[1:3] == ["type A", "function f"]
    assert field.labels[-1] == ""
    assert field.names == {"A", "f", "g"}


@given(
    st.lists(st.sampled_from(["", "a()", "def f():", "class A:", "    b()", "        c()", "}", "if x {"]), min_size=1)
)
def test_one_boundary_more_than_columns_and_the_neighbours_share_the_outermost(lines: list[str]) -> None:
    field = field_of("\n".join(lines), None)
    assert len(field.open_at) == len(field) + 1 == len(field.open_indices)
    for boundary, options in enumerate(field.open_at):
        beside = [field.outline.chunk_of[field.solid[c]] for c in (boundary - 1, boundary) if 0 <= c < len(field)]
        shared = options[-1]
        assert all(shared in list(chunk.chain()) for chunk in beside)
        assert not any(chunk.closed for chunk in options[:-1])
        assert [chunk.index for chunk in options] == list(dict.fromkeys(field.open_indices[boundary].tolist()))
