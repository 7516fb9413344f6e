"""Update formats: what a text is, what is taken off it, and the laws of diffs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.errors import RejectedError, UsageError
from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.diff import line_hunks, unified_diff
from fastapply.text.formats import Update, UpdateKind, parse_update
from fastapply.text.lines import match_final_newline
from fastapply.text.replacements import Replacement

FENCE = "```"
CODE = "def f():\n    return 1\n"

ORIGINAL = """\
class A:
    def f(self):
        x = 1
        return x

    def g(self):
        x = 1
        return x
"""


def snippet(text: str) -> Update:
    return Update(UpdateKind.SNIPPET, text)


@pytest.mark.parametrize("update", ["", " \n\t\n", "\ufeff\r\n", "```python\n```\n", "<update>\n</update>"])
def test_an_empty_update_is_refused(update: str) -> None:
    with pytest.raises(UsageError, match="empty"):
        parse_update(update, path="a.py")


@pytest.mark.parametrize(
    "update",
    [
        CODE,
        f"```python\n{CODE}```",
        f"~~~\n{CODE}~~~\n",
        f"```python:src/a.py\n{CODE}```\n",
        f"Here is the new function:\n\n```python\n{CODE}```\n\nIt returns 1 now.\n",
        f"I changed `f()`:\n```py\n{CODE}```\nRun it with:\n```sh\npython a.py --with a long command line here\n```\n",
        f"<update>\n{CODE}</update>",
        f"<code_edit>\n```python\n{CODE}```\n</code_edit>\n",
        f"```\n<update>\n{CODE}</update>\n```\n",
        f"```python\n{CODE}",  # never closed
        CODE.replace("\n", "\r\n"),
        "\ufeff" + CODE,
    ],
)
def test_wrapping_is_taken_off(update: str) -> None:
    assert replace(parse_update(update, path="a.py"), left_out=(), said="") == snippet(CODE)


DOCSTRING = f'"""Module.\n\n{FENCE}python\nf()\n{FENCE}\n"""\nimport os\n\n\n{CODE}'
UNTAGGED = f'def g():\n    """\n{FENCE}\nsome words\n{FENCE}\n    """\n{CODE}'
ODD = f'HEAD = """\n{FENCE}\n"""\n{CODE}'


@pytest.mark.parametrize("content", [DOCSTRING, UNTAGGED, ODD])
def test_fences_inside_the_content_cut_nothing(content: str) -> None:
    assert parse_update(content, path="a.py") == snippet(content)
    assert parse_update(f"{FENCE}python\n{content}{FENCE}\n", path="a.py") == snippet(content)


def test_prose_around_content_with_fences_cuts_nothing() -> None:
    content = f'"""Module.\n\n{FENCE}\n$ run it\n{FENCE}\n"""\n{CODE}'
    update = f"Here is the file:\n\n{FENCE}python\n{content}{FENCE}\n\nIt is better now.\n"
    assert parse_update(update, path="a.py") == replace(snippet(content), said="Here is the file. It is better now.")


@pytest.mark.parametrize("path", ["README.md", "docs/a.rst", "LICENSE", "notes.txt"])
def test_prose_files_keep_their_fences(path: str) -> None:
    text = f"# Title\n\nRun:\n\n{FENCE}sh\nmake\n{FENCE}\n\nDone.\n"
    assert parse_update(text, path=path) == snippet(text)
    block = f"{FENCE}sh\nmake\n{FENCE}\n"
    assert parse_update(block, path=path) == snippet(block)
    assert parse_update(f"{FENCE}markdown\n{text}{FENCE}\n", path=path) == snippet(text)
    assert parse_update(f"````md\n{text}````\n", path=path) == snippet(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<update>\nx = 1\n", "a.py"),  # not closed
        ("<update>1</update>\n<update>2</update>\n", "a.py"),
        ("<update>1</update>\n", "a.xml"),  # content
        ("<div>\n</div>\n", "a.tsx"),
        ("x = '</update>'\n", "a.py"),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n", "fix.patch"),
        ("---\ntitle: x\n---\n+ 1\n", "a.yml"),
        ("@@count = 1\n", "a.rb"),
        ("@Override\npublic void f() {}\n", "A.java"),
        ("s = '''\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n'''\n", "test_a.py"),
        ("- one\n- two\n+ three\n", "a.yml"),
    ],
)
def test_content_that_looks_like_something_else(text: str, path: str) -> None:
    assert parse_update(text, path=path) == snippet(text)


# Unified diffs


lines = st.lists(st.sampled_from(["a", "b", "", "    c", "-- d", "++ e", "@@ f", "\\ g"]), max_size=25)


@given(lines, lines)
def test_our_own_diffs_come_back(old: list[str], new: list[str]) -> None:
    original, rewritten = ("".join(line + "\n" for line in side) for side in (old, new))
    diff = unified_diff(original, rewritten, "a.txt")
    if diff:
        update = parse_update(diff, path="a.c")
        assert update.kind is UpdateKind.UNIFIED_DIFF
        assert apply_replacements(original, update.replacements) == rewritten


DIFF = """\
--- a/a.py
+++ b/a.py
@@ -6,3 +6,3 @@ class A:
     def g(self):
-        x = 1
+        x = 2
         return x
"""


@pytest.mark.parametrize(
    "diff",
    [
        DIFF,
        DIFF.replace("-6,3 +6,3", "-4,99 +1,7"),  # wrong numbers
        DIFF.replace("@@ -6,3 +6,3 @@ class A:", "@@"),
        DIFF.replace("@@ -6,3 +6,3 @@ class A:", "@@ ... @@"),
        "".join(DIFF.splitlines(keepends=True)[2:]),  # no file header
        f"Here it is:\n```diff\n{DIFF}```\n",
        "diff --git a/a.py b/a.py\nindex 123abc..456def 100644\n" + DIFF,
        DIFF.replace("\n ", "\n"),  # context without its leading space
        DIFF.replace("\n", "\r\n"),
        "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-q\n+r\n" + DIFF,  # two files
    ],
)
def test_diffs_as_models_write_them(diff: str) -> None:
    update = parse_update(diff, path="src/a.py")
    assert update.kind is UpdateKind.UNIFIED_DIFF
    assert apply_replacements(ORIGINAL, update.replacements) == second_changed()


def second_changed() -> str:
    return ORIGINAL[:-30] + ORIGINAL[-30:].replace("x = 1", "x = 2")


def test_several_diff_fences_are_all_taken() -> None:
    update = parse_update("First:\n```diff\n@@\n-a\n+b\n```\nThen:\n```diff\n@@\n-c\n+d\n```\n", path="a.py")
    assert apply_replacements("a\nx\nc\n", update.replacements) == "b\nx\nd\n"


def test_a_diff_of_other_files_is_refused() -> None:
    two = "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-q\n+r\n--- a/c.py\n+++ b/c.py\n@@ -1 +1 @@\n-q\n+r\n"
    with pytest.raises(UsageError, match="several files"):
        parse_update(two, path="a.py")


def test_wrong_line_numbers_are_wrong_by_the_same() -> None:
    original = "".join(f"head {i}\n" for i in range(10)) + "same\nother\n" * 5
    hunks = [Replacement(("head 9",), ("HEAD",), 4), Replacement(("same",), ("SAME",), 9)]  # both 5 or 6 too low
    assert apply_replacements(original, hunks).splitlines()[14] == "SAME"


# SEARCH/REPLACE


BLOCK = "<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n"


@pytest.mark.parametrize(
    "text",
    [
        BLOCK.format("a\n", "b\n") + BLOCK.format("c\n", ""),
        "a.py\n```python\n" + BLOCK.format("a\n", "b\n") + "```\nand\n```python\n" + BLOCK.format("c\n", "") + "```\n",
        BLOCK.format("c\n", "") + BLOCK.format("a\n", "b\n"),  # in any order
        "------- SEARCH\na\n=======\nb\n+++++++ REPLACE\n" + BLOCK.format("c\n", ""),
    ],
)
def test_search_replace(text: str) -> None:
    update = parse_update(text, path="a.py")
    assert update.kind is UpdateKind.SEARCH_REPLACE
    assert apply_replacements("a\nx\nc\n", update.replacements) == "b\nx\n"


@pytest.mark.parametrize("text", [BLOCK.format("a\n=======\n", "b\n"), BLOCK.format("a\n", "b\n").replace("=", "-")])
def test_a_broken_block_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="line 1 "):
        parse_update(text, path="a.py")


def test_a_block_that_changes_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="changes nothing"):
        parse_update(BLOCK.format("a\n", "a\n"), path="a.py")


# *** Begin Patch


PATCH = """\
*** Begin Patch
*** Update File: a.py
@@ class A:
@@     def g(self):
-        x = 1
+        x = 2
         return x
*** End of File
*** End Patch
"""


@pytest.mark.parametrize(
    "patch", [PATCH, f"```\n{PATCH}```\n", PATCH.replace("@@ class A:\n", ""), PATCH.replace("@@     def", "@@ def")]
)
def test_patch(patch: str) -> None:
    update = parse_update(patch, path="a.py")
    assert update.kind is UpdateKind.PATCH
    assert apply_replacements(ORIGINAL, update.replacements) == second_changed()


def test_a_patch_may_add_a_file() -> None:
    update = parse_update("*** Begin Patch\n*** Add File: a.py\n+x = 1\n+\n+y = 2\n*** End Patch\n", path="a.py")
    assert apply_replacements("", update.replacements) == "x = 1\n\ny = 2\n"
    with pytest.raises(RejectedError, match="not empty"):
        apply_replacements("z = 1\n", update.replacements)


def test_a_patch_that_deletes_is_refused() -> None:
    with pytest.raises(UsageError, match="exactly one file"):
        parse_update("*** Begin Patch\n*** Delete File: a.py\n*** End Patch\n", path="a.py")


# Finding the place


@pytest.mark.parametrize(
    ("original", "before", "after", "expected"),
    [
        ("a  \nb\t\nc\n", ("a", "b", "c"), ("a", "B", "c"), "a  \nB\nc\n"),  # trailing whitespace stays where kept
        ("if x:\n\tif y:\n\t\tgo()\n", ("if y:", "    go()"), ("if y:", "    stop()", "    go()", "end()"),
         "if x:\n\tif y:\n\t\tstop()\n\t\tgo()\n\tend()\n"),
        ("f()\n", ("    f()",), ("    if a:", "        f()", "g()"), "if a:\n    f()\ng()\n"),
        ("a\nb", ("b",), ("b", "c"), "a\nb\nc"),  # no final newline before, none after
        ("a\nb\n", ("b",), (), "a\n"),
    ],
)  # fmt: skip
def test_inexact_places(original: str, before: tuple[str, ...], after: tuple[str, ...], expected: str) -> None:
    assert apply_replacements(original, [Replacement(before, after)]) == expected


NEAR = "# Adds two numbers, quickly.\ndef add(a, b):\n    log(a, b)\n    return a + b\n\n\nprint(add(1, 2))\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [  # the comment is retyped; the lines that change are not
        ("# Adds two numbers.\ndef add(a, b):\n    log(a, b)\n", "# Adds two numbers.\ndef add(a, b):\n    log(b, a)\n",
         NEAR.replace("log(a, b)", "log(b, a)")),
        ("# Adds 2 numbers, quickly.\ndef add(a, b):\n", "# Adds 2 numbers, quickly.\n@fast\ndef add(a, b):\n", None),
        ("def add(a, b)\n    log(a, b)\n    return a + b\n", "def add(a, b)\n    log(a, b)\n    return b + a\n",
         NEAR.replace("a + b", "b + a")),
        ("def add(a, b):\n    return a + b + c\n", "def add(a, b):\n    return c\n", None),  # what goes is not there
    ],
)  # fmt: skip
def test_context_may_be_retyped_but_not_what_changes(before: str, after: str, expected: str | None) -> None:
    update = parse_update(BLOCK.format(before, after), path="a.py")
    if expected is None:
        with pytest.raises(RejectedError, match="not in the file"):
            apply_replacements(NEAR, update.replacements)
    else:
        assert apply_replacements(NEAR, update.replacements) == expected


def test_context_that_is_near_in_two_places_is_no_place() -> None:
    update = parse_update(BLOCK.format("# one\nx = 1\n", "# one\nx = 2\n"), path="a.py")
    with pytest.raises(RejectedError, match="not in the file"):
        apply_replacements("# ones\nx = 1\n# tone\nx = 1\n", update.replacements)


@pytest.mark.parametrize(
    ("replacements", "message"),
    [
        ([Replacement(("nowhere",), ("b",))], "block 1 .* not in the file"),
        ([Replacement(("        x = 1",), ("b",))], r"fits 2 places \(lines 3, 7\)"),
        ([Replacement(("        x = 1",), ("b",), 4)], "fits 2 places"),  # as far from one as from the other
        ([Replacement((), ("b",))], "names no lines"),
        ([Replacement(("class A:",), ("b",)), Replacement(("class A:",), ("c",))], "block 2 .* not in the file"),
        ([Replacement(("        x = 1",), ("b",), None, ("def h():",))], "belongs below"),
    ],
)
def test_rejected(replacements: list[Replacement], message: str) -> None:
    with pytest.raises(RejectedError, match=message) as caught:
        apply_replacements(ORIGINAL, replacements)
    assert "\n" not in str(caught.value)


@given(lines, lines)
def test_untouched_lines_stay_bytewise(old: list[str], new: list[str]) -> None:
    """One block with all lines as context, trailing whitespace lost: only what changed is written."""
    if not old or old == new or not any(old):
        return
    original = "".join(line + " \n" for line in old)
    result = apply_replacements(original, [Replacement(tuple(old), tuple(new))])
    clean = "".join(line + "\n" for line in old)
    kept = len(old) - sum(h.end_line - h.start_line for h in line_hunks(clean, "".join(line + "\n" for line in new)))
    assert result.count(" \n") >= kept
    assert [line.rstrip() for line in result.split("\n")[:-1]] == [line.rstrip() for line in new]
    assert result == match_final_newline(original, result)


@pytest.mark.parametrize("said", ["// src/lamp.ts", "// lamp.ts", "// File: src/lamp.ts", "/* src/lamp.ts */"])
def test_a_first_comment_that_names_the_file_is_no_code(said):
    update = f"Here you are:\n```ts\n{said}\nconst lit = true\n```\n"
    assert parse_update(update, path="web/src/lamp.ts", original="const lit = false\n").text == "const lit = true\n"
    kept = parse_update(f"{said}\nconst lit = true\n", path="web/src/lamp.ts", original=f"{said}\nconst lit = false\n")
    assert kept.text.startswith(said)
    assert parse_update("// other.ts\nconst lit = true\n", path="src/lamp.ts").text.startswith("// other.ts")
