"""Property: among unique lines, a file that is sent with some lines exchanged comes out as it was sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.align.whole import is_said_to_be_whole, shown_line_for_line, shows_no_change

NAMES = [f"row {number} of the list" for number in range(40)]


@given(st.integers(4, 30), st.data())
def test_a_file_with_some_lines_exchanged_is_whole(size, data):
    lines = NAMES[:size]
    changed = data.draw(st.sets(st.integers(0, size - 1), max_size=size // 4))
    update = [f"other {line}" if k in changed else line for k, line in enumerate(lines)]
    padded = [line + data.draw(st.sampled_from(["", " ", "\t"])) for line in lines]
    result = shown_line_for_line("\n".join(padded) + "\n", "\n".join(update) + "\n", None)
    assert result == "\n".join(update[k] if k in changed else padded[k] for k in range(size)) + "\n"


@given(st.integers(4, 30), st.data())
def test_a_file_with_a_line_more_or_less_is_left_to_the_alignment(size, data):
    lines = NAMES[:size]
    at = data.draw(st.integers(0, size - 1))
    original = "\n".join(lines)
    assert shown_line_for_line(original, "\n".join(lines[:at] + lines[at + 1 :]), None) is None
    assert shown_line_for_line(original, "\n".join([*lines[:at], "one more", *lines[at:]]), None) is None


def test_what_has_a_marker_or_changes_too_much_is_not():
    original = "a = 1\nb = 2\nc = 3\nd = 4\n"
    assert shown_line_for_line(original, "a = 1\nb = 2\nc = 3\n# ... existing code ...\n", "python") is None
    assert shown_line_for_line(original, "a = 1\nb = 2\nx = 3\ny = 4\n", "python") is None
    assert shown_line_for_line("a\nb\nc\n", "a\nb\nx\n", None) is None


SHORTER = "name: ci\non: push\njobs:\n  a:\n    env:\n      X: 1\n    steps:\n      - run: make\n"
WORKFLOW = SHORTER + "        env:\n          Y: 2\n"


@pytest.mark.parametrize("said", ["The complete file:", "Full file please.", "the whole updated workflow"])
def test_an_answer_that_calls_itself_the_whole_file_is_one(said):
    assert is_said_to_be_whole(WORKFLOW, SHORTER, "yaml", said)
    assert not is_said_to_be_whole(WORKFLOW, SHORTER, "yaml", "The job becomes:")
    assert not is_said_to_be_whole(WORKFLOW, SHORTER + "# ... rest of the file\n", "yaml", said)
    assert not is_said_to_be_whole(WORKFLOW, "      - run: make all\n", "yaml", said)  # hardly a line of it


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_file_that_is_sent_line_for_line_keeps_its_end(end: str) -> None:
    lines = "import os\n\n\ndef f(x):\n    y = os.sep\n    return x\n\n\ndef g(x):\n    return y"
    sent = lines.replace("return x", "return y")
    for more in ("", "\n", "\n\n"):
        assert shown_line_for_line(lines + end, sent + more, "python") == sent + end


SHOP = """\
class Shop:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        self.total += item.price

    def clear(self):
        self.items = []
"""
REST = "# ... existing code ...\n"


@pytest.mark.parametrize(
    "update",
    [
        SHOP,
        REST + "    def add(self, item):\n        self.items.append(item)\n        self.total += item.price\n" + REST,
        REST + "    def add(self, item):\n        self.items.append(item)\n        # ... existing code ...\n",
        "class Shop:\n    # ...\n    def clear(self):\n        self.items = []\n",
        "        self.items.append(item)\n        self.total += item.price\n",
    ],
)
def test_an_update_that_only_quotes_the_file_changes_nothing(update):
    assert shows_no_change(SHOP, update, "python")


@pytest.mark.parametrize(
    "update",
    [
        REST + "    def add(self, item):\n        self.items.append(item)\n" + REST,  # a shorter method
        "class Shop:\n    def clear(self):\n        self.items = []\n",  # the others go
        SHOP.partition("\n\n    def clear")[0] + "\n",  # the file without its end
        REST + "        self.total += item.price\n" + REST + "    def __init__(self):\n" + REST,  # another order
        SHOP.replace("append", "push"),
        REST + "# removed: clear\n",
    ],
)
def test_what_may_mean_more_is_left_to_the_alignment(update):
    assert not shows_no_change(SHOP, update, "python")


def test_what_may_be_meant_for_a_place_that_lacks_it_is_left_to_the_alignment():
    log = "        self.log('start')\n"
    file = f"class A:\n    def run(self):\n{log}\n    def stop(self):\n{log}        self.done = True\n"
    assert not shows_no_change(file, "        self.log('start')\n        self.done = True\n", "python")
    shown = "    def stop(self):\n        self.log('start')\n        self.done = True\n"
    assert shows_no_change(file, f"    # ...\n{shown}", "python")
