"""Units of a text: what fills whole lines, what it is called, where it begins and ends."""

from __future__ import annotations

import pytest

from fastapply_lab.data.units import Unit, enclosing, parse, parses

PYTHON = '''\
import os


# the loader
@cached
def load(path, strict=True):
    """Read it."""
    if strict:
        check(path)
    return open(path)


class Store:
    size = 3

    def get(self, key):
        return self.items[key]
'''


def named(text: str, language: str, name: str) -> Unit:
    parsed = parse(text, language)
    assert parsed is not None
    return next(unit for unit in parsed.units if unit.name == name and unit.kind != "comment")


def test_a_definition_begins_at_its_comment_and_decorator() -> None:
    unit = named(PYTHON, "python", "load")
    assert (unit.kind, unit.start, unit.head, unit.body, unit.end) == ("definition", 3, 4, 6, 10)


def test_kinds() -> None:
    parsed = parse(PYTHON, "python")
    assert parsed is not None
    kinds = {unit.start: unit.kind for unit in reversed(parsed.units)}
    assert kinds[0] == "import"
    assert kinds[6] == "comment"  # the docstring
    assert kinds[9] == "statement"


def test_enclosing_units_come_outermost_first() -> None:
    parsed = parse(PYTHON, "python")
    assert parsed is not None
    assert [unit.name for unit in enclosing(parsed, 16)] == ["Store", "get"]


@pytest.mark.parametrize(
    ("language", "text", "name", "kind", "lines"),
    [
        ("javascript", "export const add = (a) => {\n  return a;\n};\n\nadd(1);\n", "add", "definition", (0, 3)),
        ("go", "package a\n\n// F is one.\nfunc F(a int) int {\n\treturn a\n}\n", "F", "definition", (2, 6)),
        ("rust", "#[test]\nfn t() {\n    a();\n}\n\nfn u() {}\n", "t", "definition", (0, 4)),
        ("java", "class A {\n  @Override\n  int f() {\n    return 1;\n  }\n}\n// end\n", "f", "definition", (1, 5)),
        ("css", ".a {\n  color: red;\n}\n.b {\n  color: blue;\n}\n", ".b", "definition", (3, 6)),
        ("json", '{\n  "a": 1,\n  "b": [\n    2\n  ]\n}\n', "b", "member", (2, 5)),
        ("yaml", "a: 1\nb:\n  - c\n  - d\n", "b", "member", (1, 4)),
        ("markdown", "# One\n\ntext\n\n## Two\n\nmore\n", "Two", "definition", (4, 7)),
        ("html", "<div>\n  <p>\n    a\n  </p>\n</div>\n<!-- x -->\n", "p", "member", (1, 4)),
        ("bash", "f() {\n  echo 1\n}\n\nf\n", "f", "definition", (0, 3)),
    ],
)
def test_units_of_other_languages(language: str, text: str, name: str, kind: str, lines: tuple[int, int]) -> None:
    unit = named(text, language, name)
    assert (unit.kind, unit.start, unit.end) == (kind, *lines)


def test_broken_text_has_no_units() -> None:
    assert parse("def f(:\n", "python") is None
    assert not parses("def f(:\n", "python")
    assert not parses("anything", "no such language")


def test_columns_count_characters_not_bytes() -> None:
    parsed = parse('name = "é" + other\n', "python")
    assert parsed is not None
    leaf = next(leaf for leaf in parsed.leaves if leaf.text == "other")
    assert parsed.lines[0][leaf.start : leaf.end] == "other"
