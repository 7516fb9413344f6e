"""Reasons that follow from others: nothing uses a variable any more, a block has a new head, a function its end."""

from __future__ import annotations

import pytest

from fastapply.judge.ledger import account
from fastapply.judge.sides import Original
from tests.judge.test_ledger_kinds import lines, lost

PAGES = lines("""
    function list(params) {
      const raw = params.get('page')
      const page = raw === null ? undefined : Number.parseInt(raw, 10)

      return {
        sort: params.get('sort'),
        page: Number.isNaN(page) ? undefined : page,
      }
    }
    """)
SHORT = PAGES.replace(
    "  const raw = params.get('page')\n  const page = raw === null ? undefined : Number.parseInt(raw, 10)\n\n", ""
).replace("Number.isNaN(page) ? undefined : page", "number(params.get('page'))")
SHOWS_PAGE = "// ...\n    page: number(params.get('page')),\n// ...\n"


def test_a_variable_that_nothing_uses_any_more_goes_with_its_uses() -> None:
    assert lost(PAGES, SHORT, SHOWS_PAGE, "javascript") == []
    ledger = account(PAGES, SHORT, SHOWS_PAGE, "javascript")
    reasons = [reason for hunk in ledger.hunks for reason in hunk.reasons if reason.reason == "unused"]
    assert {reason.detail for reason in reasons} == {
        "Nothing uses `raw` any more.",
        "Nothing uses `page` any more.",
    }


def test_a_variable_that_is_still_used_is_lost() -> None:
    kept = SHORT.replace("  return {\n", "  log(raw)\n\n  return {\n")
    original = PAGES.replace("  return {\n", "  log(raw)\n\n  return {\n")
    assert lost(original, kept, SHOWS_PAGE, "javascript")[:1] == ["const raw = params.get('page')"]


def test_a_variable_without_uses_is_lost_too() -> None:
    """Nothing that goes says why: it may be set for its effect."""
    original = "def f(x):\n    lock = acquire(x)\n    y = x + 1\n    return y\n"
    rewritten = "def f(x):\n    y = x + 2\n    return y\n"
    update = "def f(x):\n    # ...\n    y = x + 2\n    return y\n"
    assert lost(original, rewritten, update, "python") == ["lock = acquire(x)"]


@pytest.mark.parametrize(
    ("old", "new", "goes"),
    [
        ("else if (origin.indexOf('*') !== -1) {", "else if (origin.includes('*')) {", False),
        ("else if (origin.indexOf('*') !== -1) {", "while (origin.includes('*')) {", True),
    ],
    ids=["the same kind", "another kind"],
)
def test_a_block_that_stays_has_a_new_head(old: str, new: str, goes: bool) -> None:
    original = f"if (origin === 'ignore') {{\n  skip()\n}}\n{old}\n  check(origin)\n  allow(origin)\n}}\nend()\n"
    update = f"// ...\n{new}\n  // ...\n}}\n// ...\n"
    assert lost(original, original.replace(old, new), update, "javascript") == ([old] if goes else [])


LOOP = lines("""
    class Kinds
    {
        // A partial type may have another declaration.
        bool IsPartial(Type type)
        {
            Check(type);

            // Another part may have a list.
            foreach (var modifier in type.Modifiers)
            {
                if (modifier.IsPartial)
                {
                    return true;
                }
            }

            return false;
        }
    }
    """)
ANY = (
    LOOP[: LOOP.index("        foreach")]
    + "        return type.Modifiers.Any(IsPartial);\n"
    + LOOP[-len("    }\n}\n") :]
)
SHOWS_ANY = lines("""
    bool IsPartial(Type type)
    {
        // ... check stays

        // Another part may have a list.
        return type.Modifiers.Any(IsPartial);
    }
    """)


def test_the_bracket_that_closes_a_shown_function_is_a_neighbour() -> None:
    assert lost(LOOP, ANY, SHOWS_ANY, "csharp") == []


def test_the_bracket_that_closes_a_type_is_none() -> None:
    original = "class Barge {\n  name = 1;\n\n  moor() { tie(); }\n\n  cast() { loosen(); }\n}\n"
    rewritten = "class Barge {\n  name = 1;\n\n  sink() { drown(); }\n}\n"
    update = "class Barge {\n  // ...\n  name = 1;\n\n  sink() { drown(); }\n}\n"
    assert "cast() { loosen(); }" in lost(original, rewritten, update, "javascript")


def test_a_function_with_inner_functions_is_replaced_as_a_whole() -> None:
    original = "def wrap(x):\n    def inner(f):\n        keep(f)\n        return f\n\n    return inner\n"
    rewritten = "def wrap(x):\n    return register(x)\n"
    assert lost(original, rewritten, rewritten, "python") == []


def test_an_alias_of_several_lines_becomes_one_line() -> None:
    original = "type Id = string\n\nexport type Config =\n  | Record<string, Id>\n  | Id\n\ntype Last = Id\n"
    new = "export type Task = Id[]\n\nexport type Config = Record<string, Task> | Id\n"
    rewritten = f"type Id = string\n\n{new}\ntype Last = Id\n"
    update = f"// ...\n{new}// ...\n"
    assert lost(original, rewritten, update, "typescript") == []


def test_several_variables_are_set_by_one_line() -> None:
    assert Original("a, err := f()\n", "go").said == ["a, err := f()"]
    original = "func f() {\n\ta, err := old(1)\n\tb, err := old(2)\n\tuse(a, b)\n}\n"
    rewritten = original.replace("a, err := old(1)", "a, err := short(1)")
    update = "func f() {\n\ta, err := short(1)\n\t// ...\n"
    assert lost(original, rewritten, update, "go") == []


def test_a_line_below_a_head_that_goes_marks_no_place() -> None:
    """What stood below it would be in the table above."""
    original = '[release]\nlto = "thin"\n\n[release.bytes]\nopt-level = 3\ndebug = false\n\n[dev]\nopt-level = 1\n'
    rewritten = original.replace("\n[release.bytes]\n", "")
    update = '# ...\n[release]\nlto = "thin"\nopt-level = 3\ndebug = false\n# ...\n'
    assert lost(original, rewritten, update, "toml") == ["[release.bytes]"]
