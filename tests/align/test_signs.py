"""What a reading as a whole shows of itself."""

from __future__ import annotations

from fastapply.align.signs import WEIGHTS, Readings, oddity

FILE = "import os\n\n\ndef get():\n    return 1\n\n\ndef put():\n    return 2\n"
UPDATE = "def get():\n    log()\n    return 1\n# ... existing code ...\n"
RIGHT = FILE.replace("    return 1", "    log()\n    return 1")


def signs(rewritten: str, update: str = UPDATE, instruction: str = "Add `log`") -> dict[str, float]:
    found = Readings(FILE, update, instruction, "python").signs(rewritten)
    assert set(found) == set(WEIGHTS)
    return {name: value for name, value in found.items() if value}


def test_one_hunk_that_does_what_was_asked_has_no_other_sign():
    assert set(signs(RIGHT)) == {"hunks"}


def test_what_the_update_shows_together_stays_together():
    assert "parted" in signs(FILE.replace("    return 1", "    return 1\n    log()"))
    assert "parted" not in signs(RIGHT, "def get():\n    # ... existing code ...\n    return 1\n")


def test_lines_vanish_unasked_where_something_was_to_be_added_only():
    without_put = RIGHT[: RIGHT.index("\n\n\ndef put")] + "\n"
    assert "vanished" in signs(without_put)
    assert "vanished" not in signs(without_put, instruction="Remove `put` and add `log`")


def test_doubled_lines_and_broken_syntax_are_odd():
    assert {"again", "imported"} <= set(signs("import os\n" + RIGHT.replace("import os\n", "x = 1\nimport os\n")))
    assert "errors" in signs(RIGHT.replace("def put():", "def put(:"))
    assert "missed" in signs(FILE)


def test_odd_readings_cost_more():
    odd = RIGHT.replace("def put():\n    return 2\n", "")
    readings = Readings(FILE, UPDATE, "Add `log`", "python")
    assert oddity(readings.signs(odd)) > oddity(readings.signs(RIGHT)) + 1
