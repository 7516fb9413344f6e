from __future__ import annotations

from fastapply.text.echoes import echoes, repeated_share

FILE = "phones = [\n    'iPhone 16',\n    'Apple',\n    'iPhone 15',\n    'Apple',\n    'Pixel',\n]\n"


def test_a_plain_change_has_no_echo():
    assert echoes(FILE, FILE.replace("'Pixel'", "'Pixel 9'"), {"'Pixel 9',"}) == 0


def test_a_line_that_went_though_it_is_shown_is_one():
    gone = FILE.replace("    'iPhone 15',\n    'Apple',\n", "")
    assert echoes(FILE, gone, {"'Apple',"}) == 1
    assert echoes(FILE, gone, {"phones = ["}) == 0


def test_a_line_put_in_that_was_there_is_one():
    assert echoes(FILE, FILE.replace("]\n", "    'Pixel',\n]\n"), {"'Pixel',"}) == 1


def test_lines_that_stand_twice_place_nothing():
    assert repeated_share(FILE, "# ...\n    'Apple',\n    'new',\n") == 1.0
    assert repeated_share(FILE, "    'Apple',\n    'Pixel',\n") == 0.5
    assert repeated_share(FILE, "unknown\n") == 0.0
