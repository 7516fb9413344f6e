"""Reasons of single kinds: what changes a version, a name or an import, and what only looks like it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fastapply.judge.ledger import account
from fastapply.judge.renames import renamed_lines
from fastapply.judge.sides import Original, Rewritten
from fastapply.text.replacements import Replacement


def lines(text: str) -> str:
    """A text of the test's own indentation without it."""
    return dedent(text).removeprefix("\n")


WORKFLOW = lines("""
    steps:
      - uses: actions/checkout@v3
      - uses: actions/cache@v3
        with:
          path: ~/.cache
      - run: make
    """)


def lost(original: str, rewritten: str, update: str, language: str | None, instruction: str = "") -> list[str]:
    """The lines that go without a reason."""
    found = account(original, rewritten, update, language, instruction).lost
    return [line.strip() for start, end in found for line in original.split("\n")[start:end]]


@pytest.mark.parametrize(
    ("new", "goes"),
    [
        ("actions/checkout@v4", []),
        ("actions/setup-go@v4", ["- uses: actions/checkout@v3"]),
    ],
    ids=["its version", "another action"],
)
def test_an_entry_of_a_list_has_a_new_version(new: str, goes: list[str]) -> None:
    update = f"steps:\n  - uses: {new}\n  # ... existing steps ...\n"
    assert lost(WORKFLOW, WORKFLOW.replace("actions/checkout@v3", new), update, "yaml") == goes


@pytest.mark.parametrize(
    ("old", "new", "language"),
    [
        ("from abc import ABC, abstractproperty", "from abc import ABC, abstractmethod", "python"),
        ("from typing import TYPE_CHECKING, Optional", "from typing import TYPE_CHECKING", "python"),
        ("from a.b import Base", "from a.b import Base, Error", "python"),
        ("import { a, b } from 'x';", "import { a, c } from 'x';", "typescript"),
    ],
)
def test_an_import_from_the_same_module(old: str, new: str, language: str) -> None:
    marker = "# ..." if language == "python" else "// ..."
    original = f"{old}\n\n\nrun(1);\nstop(2);\n"
    assert lost(original, original.replace(old, new), f"{marker}\n{new}\n{marker}\n", language) == []


def test_an_import_from_another_module() -> None:
    original = "from abc import ABC\n\n\nrun(1)\nstop(2)\n"
    rewritten = original.replace("from abc import ABC", "from typing import Any")
    assert lost(original, rewritten, "# ...\nfrom typing import Any\n# ...\n", "python") == ["from abc import ABC"]


def test_the_first_line_of_a_file_and_of_an_update() -> None:
    original = "FROM debian:11\n\n# tools\nRUN make\nRUN make install\n"
    update = "FROM debian:12\n# ... the rest ...\n"
    assert lost(original, original.replace("debian:11", "debian:12"), update, "dockerfile") == []


def test_a_body_that_becomes_a_default() -> None:
    original = "A::A() {}\n\nA::~A() { }\n\nint one() { return 1; }\n"
    update = "// ...\nA::~A() = default;\n// ...\n"
    assert lost(original, original.replace("A::~A() { }", "A::~A() = default;"), update, "cpp") == []


def test_a_function_with_a_where_clause_is_shown_whole() -> None:
    original = lines("""
        impl Serialize for Level {
            fn serialize<S>(&self, to: S) -> Result<S::Ok, S::Error>
            where
                S: Serializer,
            {
                match *self {
                    Level::Off => to.unit("Level", 0),
                    Level::On => to.unit("Level", 1),
                }
            }
        }
        """)
    update = lines("""
        impl Serialize for Level {
            fn serialize<S>(&self, to: S) -> Result<S::Ok, S::Error>
            where
                S: Serializer,
            {
                to.unit("Level", *self as u32)
            }
        }
        """)
    assert lost(original, update, update, "rust") == []


ENTRIES = lines("""
    rules: [
      {
        topic: 'one',
        schedule: [
          'always',
        ],
        merge: true,
      },
      {
        topic: 'two',
        schedule: [
          'always',
        ],
        merge: true,
      },
    ]
    """)


def test_neighbours_that_are_unique_in_their_block() -> None:
    update = lines("""
        // ...
          {
            topic: 'two',
            schedule: [
              'on monday',
            ],
            merge: true,
          },
        ]
        """)
    head, _, tail = ENTRIES.rpartition("'always'")
    assert lost(ENTRIES, f"{head}'on monday'{tail}", update, "json5") == []


def test_neighbours_that_are_not() -> None:
    update = "// ...\n    schedule: [\n      'on monday',\n    ],\n    merge: true,\n  // ...\n"
    assert lost(ENTRIES, ENTRIES.replace("'always'", "'on monday'", 1), update, "json5") == ["'always',"]


NAMED = lines("""
    class Mail:
        has_adress = False

        def check(self):
            if self.has_adress:
                send(self)

        def clear(self):
            self.has_adress = False
    """)


def test_a_name_that_changes_everywhere() -> None:
    renamed = NAMED.replace("has_adress", "has_address")
    assert set(renamed_lines(Original(NAMED, "python"), Rewritten(Original(NAMED, "python"), NAMED, renamed))) == {
        1,
        4,
        8,
    }


def test_a_name_that_is_still_used_was_not_renamed() -> None:
    renamed = NAMED.replace("has_adress", "has_address", 2)
    assert not list(renamed_lines(Original(NAMED, "python"), Rewritten(Original(NAMED, "python"), NAMED, renamed)))


def test_lines_that_follow_a_line_that_moved() -> None:
    original = lines("""
        def load(self, path):
            path = self.strip(path)
            return self.get(path)

        def other(self, path):
            path = self.strip(path)
            return path
        """)
    helper = "def get_all(self, path):\n    return self.get(path)\n\n\n"
    update = helper + "def load(self, path):\n    path = self.strip(path)\n    # ...\n"
    rewritten = helper + original
    assert lost(original, rewritten, update, "python") == []


def test_brackets_that_a_diff_moves() -> None:
    original = "a = [\n  f(function()\n    x()\n  end)\n  g(function()\n    y()\n  end)\n]\n"
    before, after = original.split("\n")[:-1], ["a = [", "  both(function()", "    x()", "    y()", "  end)", "]"]
    rewritten = "\n".join(after) + "\n"
    found = account(original, rewritten, rewritten, None, replacements=[Replacement(tuple(before), tuple(after))])
    assert found.lost == ()


@pytest.mark.parametrize(("instruction", "goes"), [("", True), ("Remove clear", False)], ids=["unsaid", "asked for"])
def test_a_class_that_is_shown_without_one_of_its_methods(instruction: str, goes: bool) -> None:
    mill = lines("""
        class Mill {
          run(x) {
            start(x);
            log(x);
          }

          clear(x) {
            reset(x);
          }
        }
        """)
    head, _, _ = mill.partition("\n  clear")
    update = head.replace("log(x);", "log(x);\n    count(x);") + "}\n"
    file = "import { a } from 'a';\nimport { b } from 'b';\n\n{0}\nfunction other() {\n  return a(b);\n}\n"
    found = lost(file.replace("{0}", mill), file.replace("{0}", update), update, "javascript", instruction)
    assert found == (["clear(x) {", "reset(x);"] if goes else [])


def test_dots_in_an_old_line_name_the_whole_line() -> None:
    condition = "github.event_name == 'push' || github.event.pull_request.head.repo.name == github.repository"
    original = f"job:\n  if: {condition}\n  run: make\n"
    rewritten = original.replace(condition, "matrix.os == 'linux'")
    block = Replacement(("  if: github.event_name == 'push' || ...",), ("  if: matrix.os == 'linux'",))
    update = "# ...\n  if: matrix.os == 'linux'\n# ...\n"
    assert account(original, rewritten, update, "yaml", "", (block,)).lost == ()


def test_a_line_that_a_block_only_indents_leaves_a_similar_one_its_name() -> None:
    original = "mount(() => {\n\tif (page) {\n\t\tpage.add('hash', go);\n\t}\n\tgo();\n\tpage.drop('hash', go);\n});\n"
    rewritten = "mount(() => {\n\tpage.add('hash', go);\n\tgo();\n\treturn () => page.drop('hash', go);\n});\n"
    block = Replacement(tuple(original.splitlines()), tuple(rewritten.splitlines()))
    assert account(original, rewritten, rewritten, "javascript", "", (block,)).lost == ()


LICENCES = lines("""
    classifiers =
        Framework :: Shop
        Programming Language :: Python :: 3
        Programming Language :: Python :: 3.9
        Programming Language :: Python :: 3.10
        Programming Language :: Python :: 3.11
    """)


def test_a_sibling_that_stands_once_is_no_new_version_of_one_that_goes() -> None:
    update = "classifiers =\n    # ...\n    {0} 3\n    {0} 3.10\n    # ...\n".format(
        "Programming Language :: Python ::"
    )
    assert lost(LICENCES, LICENCES.replace("    Programming Language :: Python :: 3.9\n", ""), update, "ini") == []


def test_a_version_that_the_instruction_drops() -> None:
    update = "classifiers =\n    Framework :: Shop\n    # ...\n    Programming Language :: Python :: 3.10\n    # ...\n"
    rewritten = LICENCES.replace("    Programming Language :: Python :: 3.9\n", "")
    assert lost(LICENCES, rewritten, update, "ini", "Drop Python 3.9.") == []
    assert lost(LICENCES, rewritten, update, "ini") == ["Programming Language :: Python :: 3.9"]


CHECKS = lines("""
    function check(errors) {
      for (const each of names) {
        if (!known(each)) {
          errors.push(each);
        }
      }

      if (errors.length > 0) {
        if (errors.length === 1) {
          throw errors[0];
        } else {
          throw new AggregateError(errors, 'several are not known');
        }
      }
    }

    /** Next. */
    """)
TWO_CHECKS = """\
  if (errors.length === 1) {
    throw errors[0];
  }
  if (errors.length > 1) {
    throw new AggregateError(errors, `${errors.length} are not known`);
  }
}
"""


def test_lone_brackets_between_new_lines_and_their_neighbour() -> None:
    old = CHECKS[CHECKS.index("  if (errors") : CHECKS.index("\n/**")]
    update = "// ...\n      errors.push(each);\n    }\n  }\n\n" + TWO_CHECKS + "// ...\n"
    assert lost(CHECKS, CHECKS.replace(old, TWO_CHECKS), update, "javascript") == []


def test_the_end_of_a_file_that_the_update_shows() -> None:
    original = (
        "<project>\n  <build>\n    <plugin/>\n  </build>\n  <profiles>\n    <profile/>\n  </profiles>\n</project>\n"
    )
    rewritten = original.replace("  <profiles>\n    <profile/>\n  </profiles>\n", "")
    shown = "<!-- ... -->\n    <plugin/>\n  </build>\n</project>\n"
    assert lost(original, rewritten, shown, "xml") == []
    assert lost(original, rewritten, shown + "<!-- ... -->\n", "xml") != []


@pytest.mark.parametrize("new", ["FROM base AS dev", "FROM base as developing"], ids=["case", "another name"])
def test_a_line_in_another_case_is_its_new_version(new: str) -> None:
    original = "FROM base as dev\nRUN make\n"
    update = f"# ...\n\n{new}\n# ...\n"
    goes = lost(original, original.replace("FROM base as dev", new), update, "dockerfile")
    assert goes == ([] if new.endswith("AS dev") else ["FROM base as dev"])


def test_a_chained_call_with_a_block_has_a_new_version() -> None:
    original = "names = rows()\n    .filter { limits.all!!.has(it.value) }\n    .map { it.name }\n"
    update = "names = rows()\n    .filter { it.value in all }\n    // ...\n"
    rewritten = original.replace("limits.all!!.has(it.value)", "it.value in all")
    assert lost(original, rewritten, update, "kotlin") == []
