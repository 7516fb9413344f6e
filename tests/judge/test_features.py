"""Each feature of a finished text: a candidate that shows it, and one that does not."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from fastapply.judge.beside import Beside
from fastapply.judge.features import Features

FILE = """import os
import sys


def first(x):
    total = os.path.join(x)
    return total


def second(x):
    total = sys.path[x]
    log("twice")
    return first(total)


def third(x):
    return [x]
"""
MARK = "# ... existing code ...\n"
CHANGED = MARK + "def first(x):\n    total = os.path.abspath(x)\n    return total\n" + MARK
GOOD = FILE.replace("path.join", "path.abspath")


class Case(NamedTuple):
    """`odd` shows the feature, `plain` does not."""

    odd: str
    plain: str = GOOD
    update: str = CHANGED
    instruction: str = ""


ADDED = FILE + "\n\ndef fourth(x):\n    return -x\n"
ADDS = Case(FILE, ADDED, MARK + "\n\ndef fourth(x):\n    return -x\n", "Add fourth")
WITHOUT_THIRD = FILE.replace("\n\ndef third(x):\n    return [x]\n", "")
WITHOUT_FIRST = FILE.replace("def first(x):\n    total = os.path.join(x)\n    return total\n\n\n", "")

CASES = {
    "hunks": Case(GOOD, FILE),
    "unchanged": Case(FILE, GOOD),
    "errors": Case(GOOD.replace("return [x]", "return [x")),
    "unbalanced": Case(GOOD.replace("return [x]", "return [x")),
    "parted": Case(GOOD.replace("    return total\n", "    log()\n    return total\n", 1)),
    "above_imports": ADDS._replace(odd="def fourth(x):\n    return -x\n\n\n" + FILE, plain=ADDED),
    "kept_reshaped": Case(
        GOOD.replace("def second", "x = 1\ndef second").replace("abspath", "join"), instruction="Merge x"
    ),
    "missed": ADDS._replace(plain=ADDED.replace("fourth", "fourth_one"), instruction="Add `fourth_one`"),
    "lost": Case(GOOD.replace("    return first(total)\n", "")),
    "doubled": Case(GOOD + "\n\ndef third(x):\n    return [x]\n"),
    "dangling": Case(WITHOUT_FIRST, WITHOUT_THIRD),
    "went_unasked": Case(WITHOUT_THIRD, GOOD),
    "went_unused": Case(WITHOUT_FIRST.replace("first(total)", "total")),
    "stranded": Case(GOOD.replace("first(total)", "total")),
    "orphaned": Case(FILE.replace("os.path.join(x)", "x")),
    "unreachable": Case(GOOD.replace("    return [x]\n", "    return [x]\n    return [x, x]\n")),
    "identities_gone": Case(GOOD.replace('    log("twice")\n', "")),
    "identities_replaced": Case(GOOD.replace('log("twice")', 'log("once")')),
    "unset": Case(GOOD.replace("import sys\n", "")),
    "uses_doubled": Case(GOOD.replace('    log("twice")\n', '    log("twice")\n    log(twice=1)\n')),
    "uses_doubled_share": Case(GOOD.replace('    log("twice")\n', '    log("twice")\n    log(twice=1)\n')),
    "lines_taken": Case(GOOD.replace("    return total\n", "", 1)),
    "lines_again": Case(GOOD.replace("def second", "    return [x]\ndef second")),
    "lines_imported": Case(GOOD.replace("def second", "import sys\ndef second")),
    "lines_stutters": Case(GOOD.replace("    return total\n", "    return total\n    return total\n", 1)),
    "lines_vanished": ADDS._replace(odd=ADDED.replace("    return [x]\n", "")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_feature_is_there_where_something_is_odd(name: str) -> None:
    case = CASES[name]
    features = Features(FILE, case.update, case.instruction, "python")
    assert features.of(case.odd).get(name, 0.0) > 0
    assert features.of(case.plain).get(name, 0.0) == 0


def test_every_feature_has_its_case() -> None:
    shown = set[str]()
    for case in CASES.values():
        features = Features(FILE, case.update, case.instruction, "python")
        shown |= features.of(case.odd).keys() | features.of(case.plain).keys()
    assert shown - Beside([], [], {}).features().keys() == CASES.keys()


def test_what_changes_nothing_shows_nothing() -> None:
    assert Features(FILE, MARK + "def third(x):\n    return [x]\n", "", "python").of(FILE) == {"unchanged": 1.0}


def test_more_of_the_same_is_a_larger_number() -> None:
    features = Features(FILE, CHANGED, "", "python")
    one = FILE.replace("    return [x]\n", "")
    two = one.replace("    return first(total)\n", "")
    assert 0 < features.of(one)["lost"] < features.of(two)["lost"]


def test_a_removal_that_was_asked_for_leaves_nothing_unasked() -> None:
    asked = Features(FILE, MARK, "Remove `third`", "python").of(WITHOUT_THIRD)
    assert "went_unasked" not in asked
    assert "went_unasked" in Features(FILE, MARK, "", "python").of(WITHOUT_THIRD)


@pytest.mark.parametrize(
    ("language", "original", "torn"),
    [
        ("c", "#ifdef DEEP\nint depth;\n#endif\nint width;\n", "int depth;\n#endif\nint width;\n"),
        ("csharp", "#region A\nint depth;\n#endregion\nint width;\n", "#region A\nint depth;\nint width;\n"),
        ("java", "/**\n * Deep.\n */\nint depth;\n", "/**\n/**\n * Deep.\n */\nint depth;\n"),
    ],
)
def test_comments_and_directives_are_balanced_too(language: str, original: str, torn: str) -> None:
    assert Features(original, torn, "", language).of(torn)["unbalanced"] > 0
    assert "unbalanced" not in Features(original, original + "int c;\n", "", language).of(original + "int c;\n")


@pytest.mark.parametrize(
    ("language", "original", "torn"),
    [
        ("csharp", "/// <summary>\n/// Deep.\n/// </summary>\nint depth;\n", "/// Deep.\n/// </summary>\nint depth;\n"),
        ("html", "<ul>\n<li>a\n<li>b\n</ul>\n", "<li>a\n<li>b\n</ul>\n"),
    ],
)
def test_a_tag_that_is_closed_and_not_opened(language: str, original: str, torn: str) -> None:
    assert Features(original, torn, "", language).of(torn)["untagged"] > 0
    both = original + original
    assert "untagged" not in Features(original, both, "", language).of(both)


DOCUMENTED = """\
class Gate {
  /// Opens it.
  /// Slowly.
  open() { this.at = 1; }
}
"""


@pytest.mark.parametrize(
    ("update", "text", "odd"),
    [
        ("  shut() { this.at = 0; }\n", DOCUMENTED.replace("  /// Slowly.\n", ""), True),
        ("  shut() { this.at = 0; }\n", DOCUMENTED.replace("/// Slowly.", "/// Quickly."), False),  # rewritten
        ("  open() { this.at = 1; }\n", DOCUMENTED.replace("  /// Slowly.\n", ""), False),  # shown without
    ],
)
def test_a_definition_that_stays_and_loses_a_part_of_its_comment(update: str, text: str, odd: bool) -> None:
    assert ("uncommented" in Features(DOCUMENTED, update, "", "typescript").of(text)) is odd


def test_the_types_of_a_generic_are_no_tags() -> None:
    new = "Map<String, List<Int>> a;\nVec<T> b;\n"
    assert "untagged" not in Features("int a;\n", new, "", "java").of(new)


def test_a_comment_that_begins_with_if_is_no_directive() -> None:
    original = "x = 1\n# if x is set\ny = 2\n"
    assert "unbalanced" not in Features(original, "x = 1\ny = 2\n", "", "python").of("x = 1\ny = 2\n")


def test_what_a_sentence_wants_to_go_goes_not_unasked() -> None:
    gone = FILE.replace("\n\ndef third(x):\n    return [x]\n", "")
    assert "went_unasked" not in Features(FILE, MARK, "Get rid of third.", "python").of(gone)
    assert "went_unasked" in Features(FILE, MARK, "Get rid of the list.", "python").of(gone)
