# ruff: noqa: E501 - one case a line
from __future__ import annotations

import pytest

from fastapply.align.chunks import Outline, common, file_outline


def path(text: str, line: str, language: str | None) -> list[str]:
    """The names of the chunks around the first line that reads `line`, from the outside in."""
    lines = text.split("\n")
    outline = Outline(lines, language)
    chunk = outline.chunk_of[[text.strip() for text in lines].index(line)]
    return [inner.name for inner in chunk.chain()][-2::-1]


@pytest.mark.parametrize(
    ("language", "text", "line", "names"),
    [
        ("python", "class A:\n    @property\n    def f(self):\n        if x:\n            y()\n", "y()", ["A", "f", "if x:"]),
        ("python", "class A:\n    # why\n    @property\n    def f(self):\n        pass\n", "# why", ["A", "f"]),
        ("python", "def f(\n    a,\n):\n    b()\n", "b()", ["f"]),
        ("python", 'def f():\n    s = """\nx\n"""\n    b()\n', "x", ["f"]),
        ("java", "class A {\n  /** Doc. */\n  @Override\n  int f() {\n    g();\n  }\n}\n", "/** Doc. */", ["A", "f"]),
        ("javascript", "export const f = () => {\n  g()\n}\n", "g()", ["f"]),
        ("go", "func (s *Store) Get() {\n\tx()\n}\n", "x()", ["Get Store"]),
        ("rust", "impl Show for A {\n    fn f() {\n        x();\n    }\n}\n", "x();", ["A Show", "f"]),
        ("c", "static int\nf(int a)\n{\n#ifdef X\n    g();\n#endif\n}\n", "g();", ["f"]),
        ("cpp", "TEST_F(Clock, Stops) {\n  g();\n}\n", "g();", ["Stops Clock"]),
        ("cpp", "class A {\n  A(int a) {\n    g();\n  }\n};\n", "g();", ["A", "A"]),
        ("ruby", "class A\n  def self.f\n    if a\n      b\n    else\n      c\n    end\n  end\nend\n", "c", ["A", "f self", "if a"]),
        ("css", ".a {\n  color: red;\n}\n", "color: red;", [".a"]),
        ("yaml", "a:\n- b: 1\n  c: 2\n", "c: 2", ["a", "- b: 1"]),
        ("toml", "[a]\nb = 1\n", "b = 1", ["a"]),
        ("markdown", "# T\n\n## A\n\ntext\n", "text", ["T", "A"]),
        (None, "a\n  b\n    c\n", "c", ["a", "b"]),
        # Zsh, in which the grammar of bash sees a string that goes on to the next quote.
        ("bash", 'f() {\n\ta="${b:$(($#B - $#c))}"\n}\n\ng() {\n\tlocal d="$1"\n}\n', 'local d="$1"', ["g() {"]),
    ],
)  # fmt: skip
def test_the_path_of_a_line(language: str | None, text: str, line: str, names: list[str]) -> None:
    assert path(text, line, language) == names


@pytest.mark.parametrize(
    ("language", "header"),
    [
        ("javascript", "async f(a) {"),
        ("typescript", "private f(a: string): void {"),
        ("java", "public int f(int a) {"),
        ("php", "public function f($a) {"),
        ("csharp", "public int F(int a) {"),
        ("rust", "pub fn f(&self) -> i32 {"),
        ("ruby", "def f(a)"),
    ],
)
def test_a_bare_method_has_its_name(language: str, header: str) -> None:
    outline = Outline([f"  {header}", "    return 1;", "  end" if language == "ruby" else "  }"], language)
    assert [chunk.name.lower() for chunk in outline.definitions] == ["f"]


def test_markers_do_not_end_a_chunk() -> None:
    lines = ["class A {", "  f() {", "// ... existing code ...", "    g();", "  }", "}"]
    outline = Outline(lines, "javascript", frozenset({2}))
    assert [chunk.name for chunk in outline.chunk_of[3].chain()][:2] == ["f", "A"]


def test_names_are_borrowed_where_the_parser_is_lost() -> None:
    whole = Outline(["impl A {", "    fn long_name(a: i32) -> i32 {", "        1", "    }", "}"], "rust")
    part = Outline(["    fn long_name(a: i32, b: i32) -> i32 {", "        match"], "rust", frozenset(), whole)
    assert part.chunk_of[1].name == "long_name"


def test_common_is_the_innermost_shared_chunk() -> None:
    outline = Outline(["class A:", "    def f(self):", "        a", "    def g(self):", "        b"], "python")
    assert common(outline.chunk_of[2], outline.chunk_of[4]).name == "A"


RST = "=====\nFerry\n=====\n\nIntro.\n\nRates\n-----\n\nOne a day::\n\n    ferry --day\n\nCargo\n~~~~~\n\nBarrels.\n\nStops\n-----\nTwo.\n"


def test_titles_of_restructuredtext_open_sections() -> None:
    outline = Outline(RST.rstrip("\n").split("\n"), "rst")
    sections = {chunk.name: chunk for chunk in outline.chunks if chunk.kind == "type"}
    assert list(sections) == ["Ferry", "Rates", "Cargo", "Stops"]
    assert sections["Cargo"].parent is sections["Rates"]
    assert sections["Stops"].parent is sections["Ferry"]
    assert outline.lines[sections["Rates"].end - 1] == "Barrels."


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("export const run = async (x) => {\n  go(x);\n};", "typescript", "run"),
        ("module.exports.run = function (x) {\n  go(x);\n};", "javascript", "module.exports.run"),
        ("class Mill {\n  run = () => {\n    go();\n  };\n}", "typescript", "run"),
        ("M.run = function(x)\n  go(x)\nend", "lua", "M.run"),
    ],
)
def test_a_function_that_is_assigned_is_a_definition(code: str, language: str, name: str) -> None:
    outline = Outline(code.split("\n"), language)
    assert name in {chunk.name for chunk in outline.definitions if chunk.kind == "function"}


def test_a_list_that_is_assigned_is_none() -> None:
    outline = Outline(["const rates = [", "  1,", "  2,", "];"], "javascript")
    assert outline.definitions == []


@pytest.mark.parametrize(
    ("language", "text", "start"),
    [
        ("python", '@fixture(\n    "a",\n    [1, 2],\n)\n@other\ndef run(a):\n    assert a\n', 0),
        ("rust", "use x;\n\n#[test]\n#[cases(\n    one,\n)]\nfn run() {\n    one();\n}\n", 2),
        ("css", "@media (x) {\n  a {\n    b: c;\n  }\n}\nrun {\n  d: e;\n}\n", 5),
    ],
)
def test_a_decorator_of_several_lines_belongs_to_its_definition(language: str, text: str, start: int) -> None:
    outline = file_outline(text, language)
    [chunk] = [chunk for chunk in outline.chunks if "run" in chunk.name]
    assert chunk.start == start


@pytest.mark.parametrize("closer", ["  }", " }", "    }"])
def test_a_closer_that_is_indented_a_little_less_closes_its_block(closer: str) -> None:
    outline = file_outline(
        f"class A {{\n    void b()\n    {{\n      c();\n{closer}\n\n    void d() {{\n    }}\n}}\n", "java"
    )
    assert [(chunk.name, chunk.end) for chunk in outline.definitions] == [("A", 9), ("b", 5), ("d", 8)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "import re\n\n    def f(self):\n        g()\n"),
        ("kotlin", "import a.B\n\n    fun f() {\n        g()\n    }\n"),
        ("ruby", "require 'a'\n\n  def f\n    g()\n  end\n"),
        ("java", "static int LEAST = 3;\n\n    void f() {\n        g();\n    }\n"),
    ],
)
def test_a_complete_line_opens_no_block_below_a_blank_one(language: str, text: str) -> None:
    assert path(text, "g();" if language == "java" else "g()", language) == ["f"]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", "from a import (\n\n    b,\n)\n", ["a"]),  # still open
        ("yaml", "jobs:\n\n  b: 1\n", ["jobs"]),
    ],
)
def test_a_line_that_goes_on_does(language: str, text: str, names: list[str]) -> None:
    assert path(text, "b," if language == "python" else "b: 1", language) == names


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("ruby", "require_relative 'lib/a'\n", "lib/a"),
        ("r", "library(dplyr)\n", "dplyr"),
        ("elixir", "alias Foo.Bar\n", "Foo.Bar"),
        ("bash", "source lib/a.sh\n", "lib/a.sh"),
    ],
)
def test_imports_that_are_calls(language: str, text: str, name: str) -> None:
    info = Outline(text.split("\n"), language).info[0]
    assert (info.kind, info.name) == ("import", name)
