from __future__ import annotations

import time

from fastapply.align.check import run_checks

ORIGINAL = """import os
import sys


def first(a):
    return a


def second(b):
    total = 0
    for item in b:
        total += item
    return total


def last(c):
    print(c)
    sys.exit(os.EX_OK)
"""
UPDATE = "# ... existing code ...\ndef second(b):\n    return sum(b)\n# ... existing code ...\n"
BODY = "    total = 0\n    for item in b:\n        total += item\n    return total\n"
MERGED = ORIGINAL.replace(BODY, "    return sum(b)\n")


def failed(merged: str, update: str = UPDATE, original: str = ORIGINAL) -> set[str]:
    checks = run_checks(original, merged, update, "python")
    assert all(check.detail for check in checks)
    return {check.name for check in checks if not check.ok}


def test_a_right_merge_passes() -> None:
    assert failed(MERGED) == set()


def test_syntax_errors_count_only_if_they_are_new() -> None:
    assert "syntax" in failed(MERGED.replace("def second(b):", "def second(b:"))
    broken = ORIGINAL.replace("def first(a):", "def first(a:")
    assert "syntax" not in failed(MERGED.replace("def first(a):", "def first(a:"), original=broken)


def test_a_leaked_marker_is_found_unless_the_original_has_it() -> None:
    marker = "# ... existing code ...\n"
    assert "markers" in failed(marker + MERGED)
    assert "markers" not in failed(marker + MERGED, original=marker + ORIGINAL)


def test_lost_definitions_and_imports() -> None:
    assert "lost_chunks" in failed(MERGED.replace("def first(a):\n    return a\n\n\n", ""))
    assert "lost_chunks" in failed(MERGED.replace("import sys\n", ""))
    removal = UPDATE + "# ... remove first ...\n"
    assert "lost_chunks" not in failed(MERGED.replace("def first(a):\n    return a\n\n\n", ""), removal)


def test_a_lost_tail_is_a_truncation() -> None:
    assert "truncated" in failed(MERGED[: MERGED.index("def last")])


def test_no_op_matters_only_if_there_was_something_to_do() -> None:
    assert "no_op" in failed(ORIGINAL)
    assert "no_op" not in failed(ORIGINAL, "# ...\ndef first(a):\n    return a\n# ...\n")


def test_a_definition_that_stands_twice() -> None:
    assert "duplicates" in failed(MERGED + "\n\ndef first(a):\n    return a\n")


def test_lines_from_nowhere_and_unexplained_deletions() -> None:
    assert "explained" in failed(MERGED.replace("print(c)", "print(c, flush=True)"))
    assert "explained" in failed(MERGED.replace("    print(c)\n", ""))


def test_quick_on_a_file_of_400_lines() -> None:
    block = "def f{0}(x):\n    y = x + {0}\n    return y\n\n\n"
    original = "".join(block.format(k) for k in range(80))
    update = "# ...\ndef f40(x):\n    y = x - 40\n# ...\n"
    run_checks(original, original.replace("x + 40", "x - 40"), update, "python")
    start = time.thread_time()
    run_checks(original, original.replace("x + 40", "x - 40"), update, "python")
    assert time.thread_time() - start < 0.2  # 20 ms on an idle machine


CLASS = "class A {\n  one() {\n    return 1;\n  }\n\n  two() {\n    return 2;\n  }\n}\n"


def test_a_definition_that_gave_way_to_another_one_is_noticed() -> None:
    update = "class A {\n  // ... existing code ...\n\n  three() {\n    return 3;\n  }\n}\n"
    beside = CLASS.replace("    return 2;\n  }\n", "    return 2;\n  }\n\n  three() {\n    return 3;\n  }\n")
    instead = CLASS.replace("two", "three").replace("return 2", "return 3")
    assert outcome(CLASS, beside, update, "javascript", "overwritten")
    assert not outcome(CLASS, instead, update, "javascript", "overwritten")
    renamed = CLASS.replace("two", "three")  # the same body: a new name is what was meant
    assert outcome(CLASS, renamed, update.replace("return 3", "return 2"), "javascript", "overwritten")


def outcome(original: str, merged: str, update: str, language: str, name: str) -> bool:
    return next(check.ok for check in run_checks(original, merged, update, language) if check.name == name)


def test_an_item_of_a_list_that_gave_way_to_another_one_is_noticed() -> None:
    item = '  {{\n    "id": {0},\n    "name": "{1}",\n    "active": true\n  }}'
    original = "[\n" + ",\n".join([item.format(1, "Ada"), item.format(2, "Alan")]) + "\n]\n"
    update = "[\n  // ... existing code ...\n" + item.format(3, "Grace") + "\n]\n"
    instead = original.replace("2", "3").replace("Alan", "Grace")
    assert not outcome(original, instead, update, "json", "overwritten")
    renamed = original.replace("Alan", "Grace")  # the same item, by its number
    assert outcome(original, renamed, update.replace("3", "2"), "json", "overwritten")


def test_a_line_of_the_update_that_did_not_arrive_is_noticed() -> None:
    """avante#2048: "succeeded", and half of the edit was not there."""
    update = UPDATE.replace("    return sum(b)\n", "    b = list(b)\n    return sum(b)\n")
    assert "arrived" in failed(MERGED, update)
    assert "arrived" not in failed(MERGED.replace("    return sum", "    b = list(b)\n    return sum"), update)


def test_a_gutted_file_is_out_of_proportion() -> None:
    """continue#2037, aider#1832: three lines of update, and the file is gone."""
    many = "".join(f"def f{k}(x):\n    return x + {k}\n\n\n" for k in range(20))
    assert "blast_radius" in failed(UPDATE, original=ORIGINAL + many)
    assert "blast_radius" not in failed(MERGED + many, original=ORIGINAL + many)
    removal = UPDATE + "# remove f1\n"  # asked for
    assert "blast_radius" not in failed(MERGED, removal, original=ORIGINAL + many)


def test_comments_that_vanished_from_code_that_stays() -> None:
    original = ORIGINAL.replace("    print(c)\n", "    # for the log\n    print(c)\n")
    assert "comments" in failed(MERGED, original=original)
    shown = UPDATE + "def last(c):\n    print(c)\n    sys.exit(os.EX_OK)\n"  # the update says that it goes
    assert "comments" not in failed(MERGED, shown, original=original)


def test_indentation_of_another_kind_and_lines_that_moved_by_themselves() -> None:
    """continue#6908: tabs for spaces; zed#60302: the indentation doubled."""
    assert "indentation" in failed(MERGED.replace("    return sum", "\treturn sum"))
    assert "indentation" in failed(MERGED.replace("    print(c)\n", "        print(c)\n"))
    moved = UPDATE + "def last(c):\n    if c:\n        print(c)\n"
    assert "indentation" not in failed(MERGED.replace("    print(c)\n", "    if c:\n        print(c)\n"), moved)
    makefile = "a: b\n\tcc b\n"
    assert not outcome(makefile, "a: b\n    cc c\n", "a: b\n    cc c\n", "make", "indentation")


def test_a_twin_that_was_not_meant_perhaps() -> None:
    twins = 'class A:\n    def f(self):\n        return "?"\n\n\nclass B:\n    def f(self):\n        return "?"\n'
    update = '    def f(self):\n        return "!"\n'
    first = twins.replace("?", "!", 1)
    assert not outcome(twins, first, update, "python", "ambiguous")
    assert outcome(twins, first, "class A:\n" + update, "python", "ambiguous")  # now it says which
    assert outcome(twins, twins.replace("?", "!"), update, "python", "ambiguous")  # both


def test_an_end_that_the_update_shows_anew_is_no_truncation() -> None:
    original = "class A {\n  f() {\n    count = 0;\n  }\n}\n"
    new = original.replace("count = 0", "count = -1")
    assert outcome(original, new, "  f() {\n    count = -1;\n  }\n", "javascript", "truncated")
    assert not outcome(ORIGINAL, MERGED[: MERGED.index("def last")], UPDATE, "python", "truncated")


def test_the_old_version_of_what_is_renamed_is_not_left() -> None:
    original = "def total(x):\n    return sum(x)\n\n\ndef last(x):\n    return x[-1]\n"
    renamed = original.replace("total", "amount")
    beside = original + "\n\ndef amount(x):\n    return sum(x)\n"
    told = "Rename `total` to `amount`"
    checks = {text: run_checks(original, text, renamed, "python", told) for text in (renamed, beside)}
    assert [c.name for c in checks[beside] if not c.ok and c.name == "renamed"] == ["renamed"]
    assert all(c.ok for c in checks[renamed] if c.name == "renamed")
    unasked = run_checks(original, beside, renamed, "python", "Add amount, and rename nothing to total")
    assert all(c.ok for c in unasked if c.name == "renamed")


def test_a_brace_too_many_is_an_error_even_where_the_grammar_takes_it_for_a_word() -> None:
    script = "run() {\n\techo 1\n}\n\nrun\n"
    left = script.replace("echo 1\n}", "echo 2\n}\n}")
    names = [check.name for check in run_checks(script, left, "run() {\n\techo 2\n}\n", "bash") if not check.ok]
    assert "syntax" in names
    added = script + "stop() { exit 1; }\n"
    assert all(
        check.ok for check in run_checks(script, added, "stop() { exit 1; }\n", "bash") if check.name == "syntax"
    )


def test_a_new_line_in_a_block_is_deeper_than_the_head_of_it() -> None:
    config = 'resource "a" "b" {\n  disk {\n    size = 1\n  }\n}\n'
    tags = "  tags = {\n    Owner = 1\n  }\n"
    inside = config.replace("    size = 1\n", "    size = 1\n\n" + tags)
    behind = config.replace("  }\n}", "  }\n\n" + tags + "}")
    update = 'resource "a" "b" {\n  # ...\n\n' + tags + "}\n"
    for text, right in ((inside, False), (behind, True)):
        checks = {check.name: check.ok for check in run_checks(config, text, update, "hcl")}
        assert checks["indentation"] == right
    margin = config.replace("    size", "size")  # a file that is not indented says nothing
    checks = {check.name: check.ok for check in run_checks(margin, margin.replace("= 1", "= 2"), "size = 2\n", "hcl")}
    assert checks["indentation"]
