"""Answers that show old code in one block and the new code in the next."""

from __future__ import annotations

import pytest

from fastapply.text.formats import UpdateKind, parse_update
from fastapply.text.replacements import Replacement

OLD = "    if not data:\n        return None\n    return data\n"
NEW = "    return data or None\n"
FILE = f"def load(path):\n    data = read(path)\n{OLD}\n\ndef other():\n    pass\n"


def fenced(*parts: str) -> str:
    """Prose and code in turn."""
    return "\n".join(f"```python\n{part}```\n" if k % 2 else f"{part}\n" for k, part in enumerate(parts))


def read(update: str) -> tuple[UpdateKind, list[tuple[str, str]]]:
    found = parse_update(update, path="load.py", original=FILE)
    return found.kind, [_sides(part) for part in found.replacements]


def _sides(part: Replacement) -> tuple[str, str]:
    before, after = ("".join(f"{line}\n" for line in side) for side in (part.before, part.after))
    return before, after


@pytest.mark.parametrize(
    ("above", "between"),
    [
        ("Replace this:", "with this:"),
        ("Before:", "After:"),
        ("**Before**", "**After**"),
        ("Old:", "New:"),
        ("Find these lines", "and replace them with"),
        ("Instead of", "use"),
        ("Change the lines at the end of `load`:", "to:"),
        ("In `load`, replace the block", "by"),
    ],
)
def test_old_code_and_then_the_new(above: str, between: str) -> None:
    kind, sides = read(fenced(above, OLD, between, NEW, "That is all."))
    assert kind is UpdateKind.SEARCH_REPLACE
    assert sides == [(OLD, NEW)]


def test_several_pairs_and_what_is_to_go() -> None:
    gone = "def other():\n    pass\n"
    kind, sides = read(fenced("Replace this:", OLD, "with:", NEW, "And remove this function:", gone))
    assert kind is UpdateKind.SEARCH_REPLACE
    assert sides == [(OLD, NEW), (gone, "")]


def test_old_code_that_is_not_quoted_exactly_is_old_by_its_words() -> None:
    loose = "    if not data: return None\n    return data\n"
    assert read(fenced("Before:", loose, "After:", NEW))[1] == [(loose, NEW)]


@pytest.mark.parametrize(
    ("above", "first", "between", "second"),
    [
        ("Change the function:", "def load(path):\n    return read(path)\n", "Use it like this:", "load('a')\n"),
        ("The old one stays:", OLD, "Below it comes:", "def third():\n    pass\n"),
        ("Two functions:", NEW, "With a test:", "def test_load():\n    pass\n"),
        ("Find this line:", OLD, "After that line, add:", "    log(data)\n"),
        ("Below these lines:", OLD, "write:", "    log(data)\n"),
        ("Here is `load` as it is now:", OLD, "Use it like this:", "load('a')\n"),
        ("Change `load` to this:", "def load(path):\n    return read(path)\n", "To test it:", "load('a')\n"),
        ("Replace the old function with this:", "def load(path):\n    return 1\n", "To use it:", "load('a')\n"),
    ],
    ids=[
        "a new version and its use",
        "a quote and an addition",
        "two additions",
        "a line and what comes below it",
        "lines and what comes below them",
        "a quote and its use",
        "a new version and its test",
        "a new version of old code and its use",
    ],
)
def test_other_blocks_are_no_pair(above: str, first: str, between: str, second: str) -> None:
    assert read(fenced(above, first, between, second))[0] is UpdateKind.SNIPPET


@pytest.mark.parametrize(
    "above",
    [
        "Your `remove` method looks right already, no change needed:",
        "Don't remove this block:",
        "Remove the unreachable `print`, so that it is:",
        "Remove the check from this function:",
        "Just above `def delete()`, after this line:",
    ],
)
def test_quoted_code_goes_only_where_prose_says_no_more_than_that(above: str) -> None:
    assert read(fenced(above, OLD))[0] is UpdateKind.SNIPPET
    assert (
        read(fenced(above, OLD, "Replace this:", "def other():\n    pass\n", "with:", "x = 1\n"))[0]
        is UpdateKind.SNIPPET
    )


def test_an_answer_that_is_cut_off_in_its_last_block() -> None:
    update = f"Replace this:\n```python\n\n{OLD}\n```\nWith this:\n```python\n{NEW[:-1]}"
    assert read(update)[1] == [(OLD, NEW)]
