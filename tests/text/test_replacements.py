"""Where the blocks of an update stand, and what of the file they touch."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.errors import RejectedError
from fastapply.text.apply_blocks import apply_fitting, apply_replacements
from fastapply.text.diff import line_hunks
from fastapply.text.formats import parse_update
from fastapply.text.replacements import Replacement

BLOCK = "<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n"


def applied(original: str, update: str, path: str = "a.txt") -> str:
    return apply_replacements(original, parse_update(update, path=path, original=original).replacements)


def block(before: str, after: str) -> str:
    return BLOCK.format(before, after)


RUST = """\
impl Pump {
    fn start(&mut self) {
        self.open();
        self.log("start");
        self.running = true;
    }

    fn stop(&mut self) {
        self.close();
        self.log("stop");
        self.running = false;
    }
}
"""


# Elisions


def test_an_elision_on_both_sides_keeps() -> None:
    before = "    fn start(&mut self) {\n        // ... existing code ...\n        self.running = true;\n"
    after = "    fn start(&mut self, at: u32) {\n        // ... existing code ...\n        self.running = at > 0;\n"
    expected = RUST.replace("start(&mut self)", "start(&mut self, at: u32)").replace("= true", "= at > 0")
    assert applied(RUST, block(before, after)) == expected


def test_an_elision_in_search_alone_goes() -> None:
    before = "    fn stop(&mut self) {\n        ...\n        self.running = false;\n"
    after = "    fn stop(&mut self) {\n        self.running = false;\n"
    assert applied(RUST, block(before, after)) == RUST.replace('        self.close();\n        self.log("stop");\n', "")


def test_an_elision_in_replace_alone_stands_for_what_search_shows() -> None:
    before = '        self.open();\n        self.log("start");\n'
    after = "        self.check();\n        // ... existing code ...\n"
    assert applied(RUST, block(before, after)) == RUST.replace(
        "        self.open", "        self.check();\n        self.open"
    )


def test_dots_inside_a_line_of_search_stand_for_the_rest_of_it() -> None:
    before, after = "        self.log(...);\n        self.running = false;\n", "        self.running = false;\n"
    assert applied(RUST, block(before, after)) == RUST.replace('        self.log("stop");\n', "")
    kept = "        self.close();\n        self.log(...);\n"
    assert applied(RUST, block(kept, kept + "        self.wait();\n")) == RUST.replace(
        '        self.log("stop");\n', '        self.log("stop");\n        self.wait();\n'
    )


def test_dots_that_fit_two_lines_are_no_place() -> None:
    with pytest.raises(RejectedError, match="not in the file"):
        applied(RUST, block("        self.log(...);\n", "        self.note();\n"))


def test_an_elision_ends_where_the_block_ends() -> None:
    before = "    fn start(&mut self) {\n        // ...\n    }\n"
    after = "    fn start(&mut self) {\n        // ...\n        self.count += 1;\n    }\n"
    assert applied(RUST, block(before, after)) == RUST.replace(
        "        self.running = true;\n", "        self.running = true;\n        self.count += 1;\n"
    )


def test_dots_that_the_file_has_are_content() -> None:
    original = "def f():\n    ...\n\n\ndef g():\n    x()\n    y()\n"
    assert applied(original, block("def f():\n    ...\n", "def f():\n    return 1\n"), "a.py") == original.replace(
        "    ...", "    return 1"
    )


# Order, exact ones first


def test_an_inexact_block_moves_no_exact_one() -> None:
    misquoted = block('        self.open();\n        self.log("begin");\n', "        self.run();\n")
    exact = block("        self.close();\n", "        self.shut();\n")
    for text in (misquoted + exact, exact + misquoted):
        found = apply_fitting(RUST, parse_update(text, path="a.rs", original=RUST).replacements)
        assert found.text == RUST.replace("close", "shut")
        assert [part.after for part in found.left] == [("        self.run();",)]


def test_equal_blocks_take_equal_places_in_order() -> None:
    original = "a {\n  x\n}\nb {\n  x\n}\n"
    assert applied(original, block("  x\n", "  y\n") * 2) == original.replace("x", "y")


def test_the_blocks_around_tell_the_place() -> None:
    original = "head\nx\nmiddle\nx\ntail\nx\nend\n"
    update = block("middle\n", "MIDDLE\n") + block("x\n", "X\n") + block("tail\n", "TAIL\n")
    assert applied(original, update) == "head\nx\nMIDDLE\nX\nTAIL\nx\nend\n"
    with pytest.raises(RejectedError, match="fits 3 places"):
        applied(original, block("x\n", "X\n"))


def test_a_start_line_tells_the_place() -> None:
    original = "a\nx\nb\nx\nc\n"
    update = "<<<<<<< SEARCH\n:start_line:4\n-------\nx\n=======\ny\n>>>>>>> REPLACE\n"
    assert applied(original, update) == "a\nx\nb\ny\nc\n"


# Parts of a line, commas, blanks


@pytest.mark.parametrize(
    ("original", "before", "after", "expected"),
    [
        ("let a = size(x) + 1;\n", "size(x)\n", "len(x)\n", "let a = len(x) + 1;\n"),
        ("  return fold(\n    a,\n  );\n", "fold(\n    a,\n", "g(\n    b,\n", "  return g(\n    b,\n  );\n"),
        ("x = 1\n# Grow the trees with the clock\ny = 2\n", "x = 1\n# Grow the trees\n", "x = 3\n# Grow the trees\n",
         "x = 3\n# Grow the trees with the clock\ny = 2\n"),
    ],
)  # fmt: skip
def test_a_part_of_a_line(original: str, before: str, after: str, expected: str) -> None:
    assert applied(original, block(before, after)) == expected


@pytest.mark.parametrize("original", ["sizes = 1\nsize = 2 + size\n", "resize(x)\n"])
def test_a_part_that_stands_twice_or_within_a_word_is_no_place(original: str) -> None:
    with pytest.raises(RejectedError):
        applied(original, block("size\n", "len\n"))


def test_one_blank_line_stands_for_two() -> None:
    original = "a = 1\n\n\nb = 2\n\n\nc = 3\n"
    assert applied(original, block("a = 1\n\nb = 2\n", "a = 1\n\nb = 4\n")) == original.replace("2", "4")


def test_the_forgotten_head_of_a_block_stays() -> None:
    update = block("    fn stop(&mut self) {\n", "    fn pause(&mut self) {\n        self.open();\n    }\n\n")
    assert applied(RUST, update) == RUST.replace(
        "    fn stop", "    fn pause(&mut self) {\n        self.open();\n    }\n\n    fn stop"
    )


def test_a_bracket_in_a_comment_opens_nothing() -> None:
    original = 'def f(**more):\n    a = more.pop("a")  # , None)\n    return a\n'
    update = block('    a = more.pop("a")  # , None)\n', '    a = more.pop("a", None)\n')
    assert applied(original, update) == original.replace(")  # , None", ", None")


@pytest.mark.parametrize(("deeper", "tab"), [("  ", "  "), ("\t", "\t"), ("    ", "    ")])
def test_what_an_elision_stands_for_moves_as_it_does(deeper: str, tab: str) -> None:
    body = "    one()\n\n      two()\n"
    old, new = "  <ul>\n    ...\n  </ul>\n", "  <% if many %>\n    <ul>\n      ...\n    </ul>\n  <% end %>\n"
    original = f"<main>\n  <ul>\n{body}  </ul>\n</main>\n"
    wanted = "<main>\n  <% if many %>\n    <ul>\n      one()\n\n        two()\n    </ul>\n  <% end %>\n</main>\n"
    original, wanted = (text.replace("  ", tab) for text in (original, wanted))
    there, back = (block(*(side.replace("  ", deeper) for side in sides)) for sides in ((old, new), (new, old)))
    assert applied(original, there) == wanted
    assert applied(wanted, back) == original


# Dividers and headers


def test_a_divider_that_is_content() -> None:
    original = "Install\n=======\n\nold\n\nUsage\n=====\n"
    assert applied(original, block("Install\n=======\n\nold\n", "Install\n=======\n\nnew\n")) == original.replace(
        "old", "new"
    )
    heading = block("Usage\n=====\n", "Running\n=======\n\nUsage\n=====\n")
    assert applied(original, heading) == original.replace("Usage", "Running\n=======\n\nUsage")


@pytest.mark.parametrize(
    ("opener", "closer"),
    [
        ("<<<<<<< SEARCH", ">>>>>>> REPLACE"),
        ("<<<<<<< ORIGINAL", ">>>>>>> UPDATED"),
        ("<<<<<<< HEAD", ">>>>>>> UPDATED"),
        ("------- SEARCH", "+++++++ REPLACE"),
        ("<<<<<<< SEARCH", "REPLACE"),
        ("<<<<<<< SEARCH", ">>>>>>>"),
        ("<<<<<< SEARCH", ">>>>>> REPLACE"),
    ],
)
def test_headers(opener: str, closer: str) -> None:
    assert applied("a\nb\n", f"{opener}\na\n=======\nc\n{closer}\n") == "c\nb\n"


# Diffs

PYTHON = """\
def price(order):
    total = 0
    for line in order:
        total += line.amount
    total = round(total)
    return total


def weight(order):
    total = 0
    for line in order:
        total += line.weight
    total = round(total)
    return total
"""


@pytest.mark.parametrize(
    "diff",
    [
        " def weight(order):\n     # ... existing code ...\n-    return total\n+    return total / 1000\n",
        " def weight(order):\n     ...\n     total = round(total)\n-    return total\n+    return total / 1000\n",
        " def weight(order):\n     total = 0\n-    return total\n+    return total / 1000\n",
        "def weight(order):\n    total = 0\n    # ...\n-    return total\n+    return total / 1000\n",
        " def weight(order):\n    total = 0\n     for line in order:\n...\n-    return total\n+    return total / 1000",
        "def weight(order):\n    # ... existing code ...\n-     return total\n+     return total / 1000\n",
    ],
)
def test_a_diff_only_deletes_with_a_sign(diff: str) -> None:
    expected = PYTHON[:-13] + "return total / 1000\n"
    assert applied(PYTHON, f"```diff\n{diff}\n```\n", "a.py") == expected


@pytest.mark.parametrize(
    ("update", "path"),
    [
        ("# ...\ndef weight(order):\n    # ...\n-    return total\n+    return total / 1000\n", "a.py"),
        ("```python\ndef weight(order):\n    ...\n-    return total\n+    return total / 1000\n```\n", "a.py"),
        ("@@\n def weight(order):\n@@\n     # ... unchanged\n-    return total\n+    return total / 1000\n", "a.py"),
    ],
)
def test_markers_and_signs_in_one_update(update: str, path: str) -> None:
    original = PYTHON.replace("return total", "return whole", 1)
    assert applied(original, update, path) == original[:-13] + "return total / 1000\n"


@pytest.mark.parametrize(
    ("original", "update", "path"),
    [
        ("- one\n- two\n", "- one\n- two\n- three\n", "a.md"),
        ("x:\n  - a\n  - b\n", "x:\n  - a\n  - c\n", "a.yml"),
        ("-- tables\nCREATE TABLE a;\n", "-- tables\nCREATE TABLE a;\n-- more\nCREATE TABLE b;\n", "a.sql"),
        ("-1\n-2\n", "-1\n-3\n", "a.txt"),
        ("s = (a\n+ b)\n", "s = (a\n+ b\n+ c)\n", "a.js"),
    ],
)
def test_signs_that_are_content(original: str, update: str, path: str) -> None:
    assert parse_update(update, path=path, original=original).replacements == ()


# Laws

WORDS = st.lists(
    st.sampled_from([f"{indent}{word}" for indent in ("", "    ") for word in "abcdefgh"] + [""]), max_size=14
)


def lines_of(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


@given(WORDS, WORDS, st.randoms(use_true_random=False), st.sampled_from(["diff", "blocks", "marked", "gaps"]))
def test_an_edit_is_made_as_written_or_not_at_all(
    old: list[str], new: list[str], chance: random.Random, form: str
) -> None:
    """Files of look-alike lines: what is applied is the edit, or at least takes no line away that it does not name."""
    original, edited = lines_of(old), lines_of(new)
    hunks = line_hunks(original, edited)
    if not old or not hunks:
        return
    parts = [(hunk, old[hunk.start_line : hunk.end_line], hunk.new_text.split("\n")[:-1]) for hunk in hunks]
    replacements = []
    for hunk, gone, comes in parts:
        above, below = old[max(0, hunk.start_line - 3) : hunk.start_line], old[hunk.end_line : hunk.end_line + 3]
        if form == "marked" and len(above) == 3:
            above[1] = "# ... existing code ..."
        if form == "gaps" and len(above) == 3:
            del above[1]
        replacements.append(
            Replacement((*above, *gone, *below), (*above, *comes, *below), loose=form in ("diff", "gaps"))
        )
    if form == "blocks":
        chance.shuffle(replacements)
    found = apply_fitting(original, replacements)
    if found.left:
        return
    named = sum(len([line for line in gone if line.strip()]) for _, gone, _ in parts)
    lost = [line for hunk in line_hunks(original, found.text) for line in old[hunk.start_line : hunk.end_line]]
    assert len([line for line in lost if line.strip()]) <= named


UNIQUE = st.lists(st.integers(0, 400), min_size=4, max_size=30, unique=True)


@given(UNIQUE, st.data())
def test_among_unique_lines_every_form_gives_the_edit(numbers: list[int], data: st.DataObject) -> None:
    old = [f"    line {number}" for number in numbers]
    at = data.draw(st.integers(1, len(old) - 2))
    taken = data.draw(st.integers(0, len(old) - 1 - at))
    comes = [f"    new {i}" for i in range(data.draw(st.integers(0, 3)))]
    if not taken and not comes:
        return
    original, edited = lines_of(old), lines_of(old[:at] + comes + old[at + taken :])
    above, gone, below = old[:at], old[at : at + taken], old[at + taken :]
    if data.draw(st.booleans(), label="elided") and len(above) > 3:
        above = [above[0], "    // ... existing code ...", *above[-1:]]
    if data.draw(st.booleans(), label="indentation lost"):
        above, gone, below, comes = ([line.strip() for line in part] for part in (above, gone, below, comes))
    signed = [*(" " + x for x in above), *("-" + x for x in gone), *("+" + x for x in comes), *(" " + x for x in below)]
    hybrid = [*above, *("-" + x for x in gone), *("+" + x for x in comes), *below]
    blocks = block(lines_of(above + gone + below), lines_of(above + comes + below))
    for update in (f"```diff\n{lines_of(signed)}```\n", f"```js\n{lines_of(hybrid)}```\n", blocks):
        assert applied(original, update, "a.js") == edited


def test_a_block_may_end_before_the_last_sign_of_a_line() -> None:
    original = "const CHUNK = 64 * 1024;\nrun(CHUNK);\n"
    update = block("const CHUNK = 64 * 1024\n", "const CHUNK = 256 * 1024;\nconst TRIES = 3;\n")
    assert applied(original, update) == "const CHUNK = 256 * 1024;\nconst TRIES = 3;\nrun(CHUNK);\n"


def test_a_blank_line_that_search_leaves_out_does_not_come_twice() -> None:
    original = "width=800\ndry=0\n\nwhile more; do\n  next\ndone\n"
    update = block("dry=0\nwhile more; do\n  next\n", "dry=0\n\nwhile some more; do\n  next\n")
    assert applied(original, update) == original.replace("more;", "some more;")


@pytest.mark.parametrize("indent", ["", "    "])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("start(a)\n", "start(a)\nwatch(a)\n"),  # an insertion
        ("start(a)\nstop(a)\n", "start(a)\nwatch(a)\nstop(a)\n"),
        ("begin(a)\nstop(a)\n", "start(a)\nwatch(a)\n"),  # an exchange
    ],
)
def test_a_block_that_was_applied_already_changes_nothing(before: str, after: str, indent: str) -> None:
    """Agents send an edit twice."""
    done = "def f(a):\n    start(a)\n    watch(a)\n    stop(a)\n"
    update = block(*("".join(f"{indent}{line}\n" for line in side.splitlines()) for side in (before, after)))
    assert applied(done, update) == done


def test_a_block_whose_old_side_stands_elsewhere_is_applied_there() -> None:
    done = "def f(a):\n    start(a)\n    watch(a)\n\n\ndef g(a):\n    begin(a)\n    stop(a)\n"
    update = block("    begin(a)\n    stop(a)\n", "    start(a)\n    watch(a)\n")
    assert applied(done, update) == done.replace("begin", "start").replace("stop", "watch")
