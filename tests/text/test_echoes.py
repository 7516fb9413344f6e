from __future__ import annotations

from fastapply.text.echoes import echoes, line_counts, only_adds_to, repeated_share

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


def test_a_line_may_only_add_to_another_one():
    assert only_adds_to("print(net(12))", "print(net(12), gross(10))") is False  # it is twice as long
    assert only_adds_to("print(net(12) + gross(10))", "print(net(12) + gross(10) + 5)")
    assert not only_adds_to("print(net(12) + gross(10) + 5)", "print(net(12) + gross(10))")
    assert not only_adds_to("print(net(12) + gross(10))", "print(net(14) + gross(10) + 5)")
    assert not only_adds_to("- tea", "- tea pot")  # too short to tell


def test_an_old_line_above_its_longer_version_stutters():
    update = "# ...\nprint(net(12) + gross(10) + 5)\n"
    file = "import shop\nprint(net(12) + gross(10))\n"
    longer = "print(net(12) + gross(10) + 5)\n"
    assert line_counts(file, file + longer, update)["stutters"] == 1
    assert line_counts(file, "import shop\n" + longer, update)["stutters"] == 0
    both = f"# ...\nprint(net(12) + gross(10))\n{longer}"
    assert line_counts(file, file + longer, both)["stutters"] == 0  # the update shows it so
