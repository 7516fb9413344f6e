"""The indentation and the commas that new lines get from their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.text.apply_blocks import apply_fitting, apply_replacements
from fastapply.text.formats import parse_update

BLOCK = "<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n"


def applied(original: str, update: str, path: str = "a.txt") -> str:
    return apply_replacements(original, parse_update(update, path=path, original=original).replacements)


def block(before: str, after: str) -> str:
    return BLOCK.format(before, after)


JSON = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('  "b": 2\n', '  "b": 4\n', JSON.replace("2", "4")),
        ('  "a": 1,\n  "b": 2\n', '  "a": 1,\n  "x": 0,\n  "b": 2\n', JSON.replace('  "b"', '  "x": 0,\n  "b"')),
        ('  "c": 3,\n', '  "c": 5,\n', JSON.replace("3", "5")),
        ('  "c": 3,\n', '  "c": 3,\n  "d": 4,\n', JSON.replace('"c": 3', '"c": 3,\n  "d": 4')),
        ('  "b": 2\n', '  "b": 2,\n  "x": 0\n', JSON.replace('"b": 2', '"b": 2,\n  "x": 0')),
    ],
)
def test_the_comma_of_the_result_is_the_files(before: str, after: str, expected: str) -> None:
    assert applied(JSON, block(before, after)) == expected


TABS = "func f() {\n\tif ok {\n\t\trun()\n\t}\n\tend()\n}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("if ok {\nrun()\n}\n", "if ok {\nrun()\nlog()\n}\n", TABS.replace("run()\n", "run()\n\t\tlog()\n")),
        ("if ok {\nrun()\n}\n", "if ok {\nfor {\nrun()\n}\n}\n", None),
        ("    if ok {\n        run()\n", "    if ok {\n        walk()\n        run()\n",
         TABS.replace("\t\trun", "\t\twalk()\n\t\trun")),
        ("if ok {\n    run()\n}\n", "if ok && !done {\n    run()\n}\n", TABS.replace("ok", "ok && !done")),
        ("if ok {\nrun()\n", "\tif ok {\n\t\trun()\n\t\tlog()\n", TABS.replace("run()\n", "run()\n\t\tlog()\n")),
    ],
)  # fmt: skip
def test_lost_indentation_comes_back(before: str, after: str, expected: str | None) -> None:
    found = apply_fitting(TABS, parse_update(block(before, after), path="a.go", original=TABS).replacements)
    if expected is None:
        assert found.doubt
    else:
        assert (found.text, found.doubt) == (expected, "")


def test_a_new_line_that_is_as_deep_as_the_old_one_in_the_file_stays_so() -> None:
    """SEARCH quotes it deeper than it is, REPLACE does not."""
    original = "for f in *; do\n  if true; then\n    continue\n  fi\n  convert $f -resize 800 small-$f\ndone\n"
    update = block("    convert $f -resize 800 small-$f\n", "  convert $f -resize 800 -quality 85 small-$f\n")
    assert applied(original, update) == original.replace("800", "800 -quality 85")


def test_an_else_below_a_branch_on_one_line_is_no_shallower() -> None:
    original = "void f() {\n        g();\n        if (x > 9) y = -y;\n        else if (x < 0) y = 0;\n}\n"
    new = "if (x > 9) y = -abs(y);\nelse if (x < 0) y = abs(y);\nelse y = 1;\n"
    result = applied(original, block("if (x > 9) y = -y;\nelse if (x < 0) y = 0;\n", new))
    assert result == "void f() {\n        g();\n" + "".join(f"        {line}\n" for line in new.splitlines()) + "}\n"


STATEMENTS = st.lists(st.sampled_from(["a = load(x)", "save(a)", "log(a, x)"]), min_size=1, max_size=3, unique=True)


@given(STATEMENTS, st.integers(1, 3), st.integers(0, 3), st.booleans())
def test_a_block_that_lost_its_indentation_moves_as_one(
    statements: list[str], depth: int, kept: int, changes: bool
) -> None:
    """Its own depths stay: what is put around the old lines is a step further out than they are."""
    step = "    "
    inner = [text.replace("x)", "x, 1)") if changes else text for text in statements]
    new = ["with lock:", *(step + text for text in inner), "done(x)"]
    heads = [f"{step * k}if x > {k}:" for k in range(depth)]
    file = [*heads, *(step * depth + text for text in statements), "end()"]
    expected = [*heads, *(step * depth + text for text in new), "end()"]
    quoted = step * min(kept, depth - 1)
    update = block(*("".join(f"{quoted}{text}\n" for text in side) for side in (statements, new)))
    assert applied("\n".join(file) + "\n", update, "a.py") == "\n".join(expected) + "\n"
