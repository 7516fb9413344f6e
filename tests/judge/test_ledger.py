"""The ledger on small edits: which reason each line has that goes, and which lines have none."""

from __future__ import annotations

import pytest
from accounted import FILE, lost

from fastapply.applier import Applier
from fastapply.judge.ledger import account
from fastapply.text.replacements import Replacement
from fastapply.types import ApplyRequest, Status


def reasons(
    rewritten: str, update: str, instruction: str = "", original: str = FILE, language: str = "python"
) -> set[str]:
    found = account(original, rewritten, update, language, instruction)
    assert found.lost == ()
    return {reason.reason for hunk in found.hunks for reason in hunk.reasons}


def without(*lines: str, text: str = FILE) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if line.rstrip("\n") not in lines)


def test_nothing_goes_by_a_new_line() -> None:
    found = account(FILE, FILE.replace("LIMIT", "NEW = 1\nLIMIT"), "NEW = 1\n# ...\n", "python")
    assert [hunk.reasons for hunk in found.hunks] == [()]
    assert found.lost == ()


def test_between_two_neighbours() -> None:
    update = "# ...\nimport os\n\nLIMIT = 3\n# ...\n"
    assert reasons(without("import sys"), update) == {"between"}


def test_a_marker_between_them_keeps() -> None:
    update = "import os\n# ...\nLIMIT = 3\n# ...\n"
    assert lost(without("import sys"), update) == ["import sys"]


def test_a_lone_bracket_is_no_neighbour() -> None:
    file = "f(a => {\n  one();\n  two();\n});\ng(a => {\n  three();\n});\n"
    update = "// ...\n  one();\n});\n// ...\n"
    assert lost(without("  two();", text=file), update, original=file, language="javascript") == ["  two();"]


def test_what_stands_twice_is_no_neighbour() -> None:
    file = "- a\n- x\n- b\n- y\n- x\n- c\n"
    update = "# ...\n- x\n- c\n# ...\n"
    assert lost("- a\n- x\n- c\n", update, original=file, language="yaml") == ["- b", "- y", "- x"]


def test_replaced_by_what_is_shown_whole() -> None:
    new = FILE.replace("    log(x)\n    return x\n", "    return None\n")
    assert reasons(new, "# ...\ndef second(x):\n    return None\n\n\ndef third(x):\n# ...\n") == {"replaced"}


def test_a_definition_with_a_marker_inside_is_not_whole() -> None:
    new = FILE.replace("    log(x)\n", "")
    assert lost(new, "# ...\ndef second(x):\n    # ...\n    return x\n# ...\n") == ["    log(x)"]


def test_a_class_with_one_new_method_does_not_replace_the_others() -> None:
    file = "class A:\n    def one(self):\n        return 1\n\n    def two(self):\n        return 2\n"
    update = "class A:\n    def three(self):\n        return 3\n"
    assert "        return 1" in lost(update, update, original=file)


@pytest.mark.parametrize(
    ("instruction", "update"),
    [("Remove the `second` function", "# ...\n"), ("", "# ...\n# removed: second\n# ...\n")],
)
def test_asked_to_go(instruction: str, update: str) -> None:
    new = FILE.replace("def second(x):\n    log(x)\n    return x\n\n\n", "")
    assert reasons(new, update, instruction) == {"removed"}


def test_what_the_instruction_only_mentions_stays() -> None:
    new = FILE.replace("    log(x)\n", "")
    assert lost(new, "# ...\n", "Remove the check from `third`, which `log` needs") == ["    log(x)"]


MENU = """\
{
  links: [
    { label: 'Docs', to: 'docs' },
    { label: 'Chat', to: 'chat.example' },
    { label: 'Code', to: 'code' },
  ],
}
"""


@pytest.mark.parametrize(
    "instruction", ["Drop the chat link from the footer", "We have no room any more, so Chat can go."]
)
def test_a_plain_word_of_the_instruction_names_the_few_lines_that_have_it(instruction: str) -> None:
    new = MENU.replace("    { label: 'Chat', to: 'chat.example' },\n", "")
    assert lost(new, "// ...\n", instruction, MENU, "javascript") == []
    assert lost(new, "// ...\n", "", MENU, "javascript") == ["    { label: 'Chat', to: 'chat.example' },"]


def test_a_plain_word_names_nothing_while_a_line_with_it_stays() -> None:
    menu = MENU.replace("to: 'code'", "to: 'chat/code'")
    new = menu.replace("    { label: 'Chat', to: 'chat.example' },\n", "")
    assert lost(new, "// ...\n", "Drop the chat link", menu, "javascript") != []


def test_a_line_whose_words_all_stand_in_the_new_one() -> None:
    old = "def f(sign):\n    # a sign of ours\n    if sign in signs:\n        log(sign)\n    return sign\n"
    update = "def f(sign):\n    # a sign of ours\n    if has_own(signs, sign):\n    # ...\n"
    assert lost(old.replace("sign in signs", "has_own(signs, sign)"), update, original=old) == []


def test_a_twin() -> None:
    assert reasons(FILE.replace("LIMIT = 3", "LIMIT = 4"), "# ...\nLIMIT = 4\n# ...\n") == {"twin"}


YAML = "mill:\n  image: mill:3\n  logging:\n    driver: journald\n    options:\n      tag: mill\n  restart: always\n"


def test_the_block_of_a_key_goes_with_it() -> None:
    update = "mill:\n  image: mill:3\n  logging: *common\n  # ...\n"
    block = "  logging:\n    driver: journald\n    options:\n      tag: mill\n"
    assert reasons(YAML.replace(block, "  logging: *common\n"), update, original=YAML, language="yaml") == {"twin"}


def test_the_block_of_a_key_stays_where_a_block_takes_its_place() -> None:
    update = "mill:\n  image: mill:3\n  logging: &common\n    driver: none\n    # ...\n"
    other = YAML.replace("logging:", "logging: &common").replace("driver: journald", "driver: none")
    gone = other.replace("    options:\n      tag: mill\n", "")
    assert lost(gone, update, original=YAML, language="yaml") == ["    options:", "      tag: mill"]


def test_one_more_entry_is_no_twin() -> None:
    file = "<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>\n"
    update = "<!-- ... -->\n  <li>new</li>\n</ul>\n"
    assert lost(file.replace("two", "new"), update, original=file, language="html") == ["  <li>two</li>"]


def test_another_definition_is_no_twin() -> None:
    new = FILE.replace("def third(x):\n    return x + 1", "def fourth(x):\n    return x + 2")
    assert lost(new, "# ...\ndef fourth(x):\n    return x + 2\n") == ["def third(x):", "    return x + 1"]


def test_moved() -> None:
    new = "import sys\nimport os\n" + FILE.split("\n", 2)[2]
    update = "import sys\nimport os\n# ...\n"
    assert reasons(new, update) <= {"moved", "between"}


def test_a_new_definition_with_the_same_line_takes_none_away() -> None:
    new = FILE.replace("    log(x)\n", "") + "\n\ndef fourth(x):\n    log(x)\n"
    assert lost(new, "# ...\n\n\ndef fourth(x):\n    log(x)\n") == ["    log(x)"]


def test_reindented() -> None:
    new = FILE.replace("    log(x)\n", "    if x:\n        log(x)\n")
    assert reasons(new, "# ...\ndef second(x):\n    if x:\n        log(x)\n    # ...\n") == {"reindented"}


def test_a_bracket_that_is_shown_elsewhere_says_nothing_of_another() -> None:
    file = "class A\n{\n    void One()\n    {\n        Run();\n    }\n}\n"
    update = "// ...\n{\n    // ...\n    {\n        Go();\n        Run();\n// ...\n"
    new = file.replace("    {\n        Run", "{\n        Run")
    assert lost(new, update, original=file, language="csharp") == ["    {"]


def test_a_diff_takes_away_what_it_names_alone() -> None:
    part = Replacement(("def second(x):", "    return x"), ("def second(x):", "    return None"))
    new = FILE.replace("    log(x)\n    return x\n", "    return None\n")
    update = "# ...\ndef second(x):\n    return None\n# ...\n"
    found = account(FILE, new, update, "python", "", [part])
    assert [(FILE.split("\n")[a:b]) for a, b in found.lost] == [["    log(x)"]]
    assert [reason.reason for hunk in found.hunks for reason in hunk.reasons] == ["named"]


def test_a_whole_file_leaves_out_what_it_does_not_show() -> None:
    new = without("LIMIT = 3", "import os")
    assert reasons(new, new) <= {"between", "blank"}


def test_a_part_without_a_marker_drops_no_definition() -> None:
    update = "def first(x):\n    return x\n\n\ndef third(x):\n    return x + 1\n"
    start = FILE.index("def first")
    assert "    log(x)" in lost(FILE[:start] + update, update)


def test_the_check_says_which_lines() -> None:
    found = account(FILE, without("    log(x)"), "# ...\nLIMIT = 3\n# ...\n", "python")
    assert found.check(FILE).detail == "line 15 goes and nothing in the update says so: `log(x)`"


def test_a_result_that_loses_a_line_is_for_review() -> None:
    """The alignment's own, whatever its score: each line that goes has a reason, or it is not applied."""
    update = "def first(x):\n    return x\n\n\ndef third(x):\n    return x + 1\n"
    result = Applier(None).apply(ApplyRequest(FILE, update, path="a.py"))
    unknown = [check for check in result.checks if check.name == "accounted" and not check.ok]
    assert not unknown or result.status is Status.NEEDS_REVIEW


HELPED = """\
def total(rows):
    kept = []
    for row in rows:
        if row.weight > 0 and not row.broken:
            kept.append(row.weight)
    return sum(kept)
"""


def test_lines_that_a_new_function_has_now_have_moved() -> None:
    helper = """\
def weights(rows):
    kept = []
    for row in rows:
        if row.weight > 0 and not row.broken:
            kept.append(row.weight)
    return kept
"""
    call = "def total(rows):\n    return sum(weights(rows))\n"
    update = f"{helper}\n\n{call}"
    assert lost(update, update, original=HELPED) == []


SETUP = 'setup(\n    name="boats",\n    packages=[\n        "boats",\n        "crew",\n    ],\n    zip_safe=False,\n)\n'


def test_a_value_goes_with_all_of_its_lines() -> None:
    new = SETUP.replace(
        '    packages=[\n        "boats",\n        "crew",\n    ],\n', "    packages=find_packages(),\n"
    )
    update = "setup(\n    # ...\n    packages=find_packages(),\n    # ...\n)\n"
    assert reasons(new, update, original=SETUP) == {"twin"}


def test_a_value_that_is_still_open_goes_not() -> None:
    update = 'setup(\n    # ...\n    packages=["sails"] + [\n    # ...\n)\n'
    new = SETUP.replace("    packages=[\n", '    packages=["sails"] + [\n').replace('        "crew",\n', "")
    assert lost(new, update, original=SETUP) == ['        "crew",']


def test_what_is_below_a_value_goes_not_with_it() -> None:
    update = "setup(\n    # ...\n    packages=find_packages(),\n    # ...\n)\n"
    new = 'setup(\n    name="boats",\n    packages=find_packages(),\n)\n'
    assert "    zip_safe=False," in lost(new, update, original=SETUP)


UPDATES = """\
version: 2
updates:
  - ecosystem: actions
    directory: /
    labels:
      - dependencies
  - ecosystem: docker
    directory: /
    labels:
      - dependencies
  - ecosystem: gomod
    directory: /examples
"""


def test_an_elision_on_the_old_side_names_all_lines_between() -> None:
    update = (
        "<<<<<<< SEARCH\n  - ecosystem: docker\n    directory: /\n    ...\n  - ecosystem: gomod\n=======\n"
        "  - ecosystem: gomod\n>>>>>>> REPLACE\n"
    )
    result = Applier(None).apply(ApplyRequest(UPDATES, update, path="dependabot.yml"))
    gone = "  - ecosystem: docker\n    directory: /\n    labels:\n      - dependencies\n"
    assert result.text == UPDATES.replace(gone, "")
    assert all(check.ok for check in result.checks if check.name == "accounted")


def test_a_line_of_a_block_that_only_moves_in_has_its_reason() -> None:
    original = "def f(t):\n    t.a = 1\n    check(t)\n\n    t.a = 2\n    check(t)\n\n    t.a = 3\n    check(t)\n"
    new = "    for a in (1, 2, 3):\n        t.a = a\n        check(t)\n"
    update = f"<<<<<<< SEARCH\n{original[10:]}=======\n{new}>>>>>>> REPLACE\n"
    result = Applier(None).apply(ApplyRequest(original, update, path="f.py"))
    assert result.text == "def f(t):\n" + new
    assert result.status is Status.APPLIED
