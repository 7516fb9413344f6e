"""Lines that a rewrite has in another block than the update shows."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fastapply.align.check import run_checks
from fastapply.align.chunks import file_outline
from fastapply.align.depths import Depths
from fastapply.align.rows import read_snippet
from fastapply.applier import Applier
from fastapply.types import ApplyRequest, Status


def off(update: str, rewritten: str, language: str) -> list[str]:
    """The lines of the update that are off, without their indentation."""
    update, rewritten = dedent(update).strip("\n"), dedent(rewritten).strip("\n")
    rows, snippet = read_snippet(update, language, file_outline(rewritten, language))
    return [snippet.stripped[line] for line in Depths(snippet, rows).off(rewritten.split("\n"))]


SUM = """
    def stats(rows):
        total = 0
        for row in rows:
            total = sum(rows)
        return total
    """
SHOWS_SUM = """
    def stats(rows):
        # ... existing code ...
        total = sum(rows)
        # ... existing code ...
    """


def test_a_line_inside_a_loop_that_the_update_shows_outside() -> None:
    assert off(SHOWS_SUM, SUM, "python") == ["total = sum(rows)"]
    assert off(SHOWS_SUM, SUM.replace("            total = sum", "        total = sum"), "python") == []


def test_a_line_that_stands_at_both_depths_is_not_off() -> None:
    both = SUM.replace("        return total", "        total = sum(rows)\n        return total")
    assert off(SHOWS_SUM, both, "python") == []


def test_a_line_shown_at_its_true_depth_without_the_header_between() -> None:
    assert off(SHOWS_SUM.replace("        total", "            total"), SUM, "python") == []


def test_a_part_that_came_without_its_header_says_nothing_of_its_depth() -> None:
    assert off("total = sum(rows)\n# ... existing code ...\n", SUM, "python") == []


def test_other_steps_of_indentation_are_no_other_depth() -> None:
    assert off("def stats(rows):\n  # ...\n  return total\n", SUM, "python") == []


def test_a_header_that_stands_twice_tells_nothing() -> None:
    twice = SUM + SUM.replace("total = 0", "total = 1")
    assert off(SHOWS_SUM, twice, "python") == []


def test_a_bracket_on_a_line_of_its_own_is_no_header() -> None:
    loop = """
        int Sum(Row[] rows)
        {
            var total = 0;
            foreach (var row in rows)
            {
                var total = rows.Sum();
            }
            return total;
        }
        """
    update = """
        int Sum(Row[] rows)
        {
            // ...
            var total = rows.Sum();
            // ...
        }
        """
    assert off(update, loop, "csharp") == ["var total = rows.Sum();"]
    assert off(update, loop.replace("                var total", "            var total"), "csharp") == []


def test_a_line_at_the_margin_beside_one_that_is_there() -> None:
    nested = "build:\n  image: node:20\n  script: make\ntest:\n  script: make test\n"
    assert off("image: node:20\nbuild:\n  # ...\n", nested, "yaml") == ["image: node:20"]
    assert off("image: node:20\n# ...\ntest:\n  # ...\n", nested, "yaml") == []


AGAIN = {
    "python": (
        "class Writer:\n    def write(self, rows):\n        for row in rows:\n            if row.urgent:\n"
        "                self.flush()\n            self.put(row)\n",
        "    def write(self, rows):\n        # ... existing code ...\n        self.flush()\n",
    ),
    "java": (
        "class Writer {\n    void write(List<Row> rows) {\n        for (Row row : rows) {\n            if (row.now) {\n"
        "                out.flush();\n            }\n        }\n    }\n}\n",
        "    void write(List<Row> rows) {\n        // ... existing code ...\n        out.flush();\n    }\n",
    ),
    "html": (
        '<main class="page">\n  <section>\n    <p class="note">Closed today</p>\n  </section>\n</main>\n',
        '<main class="page">\n  <!-- ... -->\n  <p class="note">Closed today</p>\n</main>\n',
    ),
    "yaml": (
        "deploy:\n  steps:\n    - run: make\n      timeout: 10\n",
        "deploy:\n  # ...\n  timeout: 10\n",
    ),
}


@pytest.mark.parametrize("language", AGAIN)
def test_an_edit_whose_line_stands_deeper_already_is_not_taken_for_done(language: str) -> None:
    original, update = AGAIN[language]
    result = Applier(None).apply(ApplyRequest(original, update, "", None, language))
    assert result.text != original or result.status is Status.NEEDS_REVIEW


def test_the_check_names_the_line() -> None:
    original, update = AGAIN["java"]
    found = {check.name: check for check in run_checks(original, original, update, "java")}
    assert not found["depth"].ok
    assert "`out.flush();`" in found["depth"].detail
    assert {check.name: check for check in run_checks(original, original, update, "java", placed=True)}["depth"].ok


@pytest.mark.parametrize(
    ("language", "block", "again"),
    [
        ("typescript", "const a = 1;\n  const b = 2;", True),
        ("typescript", "const a = 1;\n  if (a) { const b = 2; }", False),
        ("tsx", "const a = 1;\n  const { b } = f();", False),
        ("javascript", "let a = 1;\n  let b = 2, c = 3;", True),
        ("java", "int a = 1;\n  int b = 2;", True),
        ("csharp", "var a = 1;\n  var b = 2;", True),
        ("csharp", "var a = 1;\n  { var b = 2; }", False),
    ],
)
def test_a_name_declared_twice_in_a_block_is_an_error(language: str, block: str, again: bool) -> None:
    head = {"java": "class A { void f() {", "csharp": "class A { void F() {"}.get(language, "{ function f() {")
    original = f"{head}\n  {block}\n  use(a);\n}} }}\n"
    word = original.split()[original.split().index("a") - 1]
    rewritten = original.replace("  use(a);", f"  {word} b = 5;\n  use(a);")
    syntax = next(check for check in run_checks(original, rewritten, "x", language) if check.name == "syntax")
    assert syntax.ok is not again
