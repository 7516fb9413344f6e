"""What is proposed: the right file is among the candidates, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from candidates import ranked
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from fastapply.align.beam import Breadth
from fastapply.align.propose import Proposer
from fastapply.errors import RejectedError
from fastapply.judge.weights import PROPOSE
from fastapply.text.comments import comment
from fastapply.text.diff import unified_diff

# The lines above the definitions, a definition ({0} is its name, {1} its number), the lines below.
SHAPES = {
    "python": (["import os", "", ""], ["def {0}(x):", "    check(x)", "    y = x + {1}", "    return y"], []),
    "go": (["package main", ""], ["func {0}(x int) int {{", "\tcheck(x)", "\ty := x + {1}", "\treturn y", "}}"], []),
    "java": (
        ["class Depot {"],
        ["    int {0}(int x) {{", "        check(x);", "        return x + {1};", "    }}"],
        ["}"],
    ),
    "javascript": (
        ["export class Depot {"],
        ["  {0}(x) {{", "    check(x);", "    return x + {1};", "  }}"],
        ["}"],
    ),
    "ruby": (["class Depot"], ["  def {0}(x)", "    check(x)", "    x + {1}", "  end"], ["end"]),
}
NAMES = ("alpha", "beta", "gamma", "delta", "omega", "kappa", "sigma")


@dataclass
class File:
    """Definitions between a head and a tail, with blank lines between them."""

    language: str
    definitions: list[list[str]]

    @property
    def text(self) -> str:
        head, _, tail = SHAPES[self.language]
        return "\n".join([*head, "\n\n".join("\n".join(lines) for lines in self.definitions), *tail]) + "\n"

    def definition(self, name: str, number: int) -> list[str]:
        return [line.format(name, number) for line in SHAPES[self.language][1]]

    def update(self, shown: Sequence[int]) -> str:
        """The file with a marker for each run of definitions that are not shown, inside its type where there is one."""
        head, entry, tail = SHAPES[self.language]
        marker = entry[0][: len(entry[0]) - len(entry[0].lstrip())] + comment(self.language, "... existing code ...")
        blocks = list[str]()
        for k, lines in enumerate(self.definitions):
            if k in shown:
                blocks.append("\n".join(lines))
            elif not blocks or blocks[-1] != marker:
                blocks.append(marker)
        inside = "\n\n".join(blocks)
        return "\n".join([*head, inside, *tail] if tail else [marker, inside]) + "\n"


@st.composite
def edits(draw: st.DrawFn) -> tuple[File, File, list[int]]:
    """A file, what becomes of it, and the definitions that came or changed."""
    language = draw(st.sampled_from(sorted(SHAPES)))
    names = draw(st.permutations(NAMES))[: draw(st.integers(3, 6))]
    old, new = File(language, []), File(language, [])
    old.definitions = [old.definition(name, k) for k, name in enumerate(names)]
    changed = draw(st.sets(st.integers(0, len(names) - 1), min_size=0, max_size=2))
    added = draw(st.integers(0, len(names)))
    for k, lines in enumerate([*old.definitions, []]):
        if k == added:
            new.definitions.append(old.definition("fresh", 77))
        if k in changed:
            at = draw(st.integers(1, len(lines) - 2))
            indent = lines[1][: len(lines[1]) - len(lines[1].lstrip())]
            lines = [*lines[:at], f"{indent}notice(x, {k})", *lines[at + draw(st.integers(0, 1)) :]]
        if lines:
            new.definitions.append(lines)
    shown = [k for k, lines in enumerate(new.definitions) if lines not in old.definitions]
    return old, new, shown


def solid(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def assert_proposed(original: str, update: str, language: str, expected: str, instruction: str = "") -> None:
    __tracebackhide__ = True
    found = ranked(original, update, language, instruction)
    if not any(solid(candidate.text) == solid(expected) for candidate in found):
        diff = unified_diff(expected, found[0].text, "first")
        raise AssertionError(f"not among {len(found)} candidates\n{original}--- update\n{update}\n{diff}")


@examples(60)
@given(edits())
def test_the_right_file_is_proposed(edit: tuple[File, File, list[int]]) -> None:
    """A new definition among its like, and others that change, each shown whole beside markers. Between two markers
    the new one may be meant anywhere: then its neighbour above is shown too."""
    old, new, shown = edit
    beside = [k - 1 for k in shown if 0 < k < len(new.definitions) - 1 and k - 1 not in shown]
    assert_proposed(old.text, new.update([*shown, *beside]), old.language, new.text)


@pytest.mark.parametrize("language", SHAPES)
@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_new_member_between_markers_is_proposed_at_every_boundary_of_its_siblings(language: str, at: int) -> None:
    file = File(language, [])
    file.definitions = [file.definition(name, k) for k, name in enumerate(NAMES[:3])]
    new = File(language, [*file.definitions[:at], file.definition("fresh", 77), *file.definitions[at:]])
    marker = comment(language, "... existing code ...")
    shown = "\n".join([marker, "", *file.definition("fresh", 77), "", marker]) + "\n"
    assert_proposed(file.text, shown, language, new.text)


@pytest.mark.parametrize("language", SHAPES)
def test_a_whole_definition_takes_the_place_of_its_namesake_to_its_end(language: str) -> None:
    file = File(language, [])
    file.definitions = [file.definition(name, k) for k, name in enumerate(NAMES[:3])]
    short = [line for line in file.definition(NAMES[1], 9) if "check" not in line]
    new = File(language, [file.definitions[0], short, file.definitions[2]])
    marker = comment(language, "... existing code ...")
    assert_proposed(file.text, "\n".join([marker, *short, marker]) + "\n", language, new.text)


@pytest.mark.parametrize("language", SHAPES)
def test_groups_that_come_in_another_order_than_the_file_are_proposed(language: str) -> None:
    file = File(language, [])
    file.definitions = [file.definition(name, k) for k, name in enumerate(NAMES[:5])]
    new = File(language, list(file.definitions))
    for k in (1, 3):
        new.definitions[k] = [line.replace("check", "verify") for line in file.definitions[k]]
    marker = comment(language, "... existing code ...")
    update = "\n".join([marker, *new.definitions[3], marker, *new.definitions[1], marker]) + "\n"
    assert_proposed(file.text, update, language, new.text)


@pytest.mark.parametrize("language", SHAPES)
def test_what_a_marker_says_goes_is_proposed_without_it(language: str) -> None:
    file = File(language, [])
    file.definitions = [file.definition(name, k) for k, name in enumerate(NAMES[:3])]
    new = File(language, [file.definitions[0], file.definitions[2]])
    keep, remove = (comment(language, text) for text in ("... existing code ...", f"remove {NAMES[1]}"))
    assert_proposed(file.text, f"{keep}\n{remove}\n{keep}\n", language, new.text)


def test_a_definition_that_moves_is_proposed_in_its_new_place_only() -> None:
    file = File("python", [])
    file.definitions = [file.definition(name, k) for k, name in enumerate(NAMES[:4])]
    first, *others = file.definitions
    update = "\n\n".join(["# ... existing code ...", *("\n".join(lines) for lines in (others[-1], first))]) + "\n"
    assert_proposed(file.text, update, "python", File("python", [*others, first]).text)


def test_a_renamed_definition_is_proposed_in_the_place_of_the_one_that_the_instruction_names() -> None:
    file = File("go", [])
    file.definitions = [file.definition(name, k) for k, name in enumerate(NAMES[:3])]
    renamed = file.definition("fresh", 1)
    new = File("go", [file.definitions[0], renamed, file.definitions[2]])
    update = "\n".join(["// ... existing code ...", "", *renamed, "", "// ... existing code ..."]) + "\n"
    assert_proposed(file.text, update, "go", new.text, f"Rename {NAMES[1]} to fresh")


def test_an_update_for_another_file_is_rejected() -> None:
    file = File("python", [])
    file.definitions = [file.definition(name, 1) for name in NAMES]
    marker = "# ... existing code ..."
    with pytest.raises(RejectedError, match="matches nothing"):
        ranked(file.text, f"{marker}\n<Grid item={{row}} />\n{marker}\nselect * from depots;\n", "python")


@examples(20)
@given(edits())
def test_candidates_are_distinct_and_no_more_than_asked_for(edit: tuple[File, File, list[int]]) -> None:
    old, new, shown = edit
    breadth = Breadth(candidates=5)
    update = new.update(shown).removesuffix("\n")
    proposer = Proposer(old.text.removesuffix("\n"), update, old.language, "", PROPOSE, breadth)
    found = proposer.candidates()
    assert 1 <= len(found) <= breadth.candidates
    assert len({tuple(solid(candidate.text)) for candidate in found}) == len(found)
    for candidate in found:
        assert proposer.writer.text(candidate.reading) == candidate.text or "reordered" in candidate.counts


def proposed(original: str, update: str, language: str, instruction: str = "") -> list[str]:
    proposer = Proposer(original.removesuffix("\n"), update, language, instruction, PROPOSE, Breadth())
    return [candidate.text + "\n" for candidate in proposer.candidates()]


AREA = """\
import math


def area(r):
    \"\"\"Of a circle.

    In square metres.
    \"\"\"
    total = math.pi * r
    total *= r
    return total


def twice(n):
    return n + n


def rim(r):
    return 2 * math.pi * r
"""


def test_what_the_instruction_wants_to_go_is_proposed_as_gone_and_as_kept() -> None:
    update = "# ...\n\ndef rim(r):\n    return math.tau * r\n"
    kept = AREA.replace("2 * math.pi", "math.tau")
    gone = kept.replace("def twice(n):\n    return n + n\n\n\n", "")
    found = proposed(AREA, update, "python", "Use tau, and get rid of twice().")
    assert kept in found
    assert gone in found
    assert gone not in proposed(AREA, update, "python", "Use tau.")


def test_what_the_update_shows_is_not_proposed_as_gone() -> None:
    update = "# ...\n\ndef twice(n):\n    return 2 * n\n\n\ndef rim(r):\n    return math.tau * r\n"
    found = proposed(AREA, update, "python", "Get rid of the addition in twice.")
    assert found
    assert all("def twice(n):" in text for text in found)


def test_the_end_of_a_unit_is_proposed_for_what_is_shown_as_its_end() -> None:
    update = "def area(r):\n    # ... docstring unchanged ...\n    return math.pi * r * r\n"
    new = AREA.replace("    total = math.pi * r\n    total *= r\n    return total\n", "    return math.pi * r * r\n")
    assert new in proposed(AREA, update, "python")


def test_a_list_may_become_one_line() -> None:
    original = (
        "run(\n    a=1,\n    rows=[\n        1,\n        2,\n        3,\n        4,\n        5,\n    ],\n    b=2,\n)\n"
    )
    update = "run(\n    # ...\n    rows=ROWS,\n    # ...\n)\n"
    assert "run(\n    a=1,\n    rows=ROWS,\n    b=2,\n)\n" in proposed(original, update, "python")


@pytest.mark.parametrize(("more", "goes"), [("", True), ("\n\nlast = csv.reader\n", False)], ids=["unused", "used"])
def test_an_import_above_the_first_shown_one_may_go_if_nothing_uses_it_any_more(more: str, goes: bool) -> None:
    original = (
        "import csv\nimport io\n\n\ndef read(x):\n    if x:\n        return csv.reader(x)\n    return io.open(x)\n"
    )
    update = "import io\n\n\ndef read(x):\n    return io.open(x)\n# ...\n"
    found = Proposer(original + more, update, "python", "", PROPOSE, Breadth()).candidates()
    assert any("unused_gone" in candidate.counts for candidate in found) is goes
