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
