"""Lines that have another name, and what is done with their old versions."""

from __future__ import annotations

from textwrap import dedent

from candidates import ranked

from fastapply.align.chunks import Outline
from fastapply.align.renames import renames

FILE = dedent("""\
    type Data struct {
    \tName string
    }

    func main() {
    \tcheck()
    \t// Key: 'Data.Name'
    \t// Key: 'Data.Age'

    \tother()
    }

    func check() {
    \tdata := Data{
    \t\tName: "leo",
    \t}
    \trun(data)
    }
    """)
RENAMED = dedent("""\
    // ... existing code ...
    type Person struct {
    \tName string
    }

    func main() {
    \tcheck()
    \t// Key: 'Person.Name'
    \t// Key: 'Person.Age'

    \t// ... other stays ...
    }

    func check() {
    \tdata := Person{
    \t\tName: "leo",
    \t}
    \trun(data)
    }
    """)


def outlines(file: str, snippet: str) -> tuple[Outline, Outline]:
    return Outline(file.split("\n"), "go"), Outline(snippet.split("\n"), "go")


def test_lines_with_another_name() -> None:
    found = renames(*outlines(FILE, RENAMED))
    assert {(each.old, each.new) for each in found} == {("Data", "Person")}
    assert len({each.line for each in found}) == 4


def test_one_line_is_no_rename() -> None:
    assert renames(*outlines(FILE, "func main() {\n\t// Key: 'Person.Age'\n}\n")) == []


def test_a_name_that_the_file_has_is_no_new_one() -> None:
    assert renames(*outlines(FILE + "// Person\n", RENAMED)) == []


def test_the_renamed_file_is_proposed() -> None:
    assert FILE.replace("Data", "Person") in [found.text for found in ranked(FILE, RENAMED, "go")]
