"""Runs of lines that a new function of an update has, in several languages."""

from __future__ import annotations

import pytest

from fastapply.align.chunks import Outline
from fastapply.align.extracted import extracted
from fastapply.align.field import Field
from fastapply.align.rows import read_snippet

JAVA = """\
class Names {
  String newName(String suggestion) {
    suggestion = toIdentifier(suggestion);
    while (isKeyword(suggestion) || !taken.add(suggestion)) {
      suggestion = suggestion + "_";
    }
    return suggestion;
  }
}
"""
UNIQUE = """\
  String newName(String suggestion) {
    suggestion = unique(toIdentifier(suggestion));
    // ... existing code ...
  }

  String unique(String name) {
    while (isKeyword(name) || !taken.add(name)) {
      name += "_";
    }
    return name;
  }
"""
GO = """\
func report(lines []string) {
	for _, line := range lines {
		if len(line) > width {
			line = line[:width]
			cut++
		}
		fmt.Println(line)
	}
}
"""
SHORTEN = """\
func shorten(line string) string {
	if len(line) > width {
		line = line[:width]
		cut++
	}
	return line
}
"""
SHORT = """\

func report(lines []string) {
	for _, line := range lines {
		// ...
		fmt.Println(shorten(line))
	}
}
"""


@pytest.mark.parametrize(
    ("language", "original", "update", "runs"),
    [
        ("java", JAVA, UNIQUE, [["while (isKeyword(suggestion) || !taken.add(suggestion)) {", "}"]]),
        ("go", GO, SHORTEN + SHORT, [["if len(line) > width {", "}"]]),
        ("go", GO, SHORTEN, []),  # nobody calls it: it may be for later
        ("go", GO, GO.replace("line[:width]", "line[:width-1]"), []),  # no new function
    ],
)
def test_runs(language: str, original: str, update: str, runs: list[list[str]]) -> None:
    field = Field(Outline(original.split("\n"), language))
    found = extracted(field, read_snippet(update, language, field.outline)[1])
    assert [[field.text[run.start], field.text[run.stop - 1]] for run in found] == runs


def test_a_loop_that_only_begins_alike_is_not_extracted() -> None:
    original = (
        "func g() {\n\tfor _, e := range c.entries {\n\t\tstart(e)\n\t\te.Prev = e.Next\n\t\tlog(now, e.ID)\n\t}\n}\n"
    )
    update = (
        "func Lookup(id int) Entry {\n\tfor _, e := range c.Entries() {\n\t\tif id == e.ID {\n\t\t\treturn e\n\t\t}\n"
        "\t}\n\treturn none\n}\n\nfunc Get(id int) Entry {\n\treturn Lookup(id)\n}\n"
    )
    field = Field(Outline(original.split("\n"), "go"))
    assert extracted(field, read_snippet(update, "go", field.outline)[1]) == []
