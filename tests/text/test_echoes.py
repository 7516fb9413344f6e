from __future__ import annotations

from collections import Counter

from fastapply.text.diff import lf_lines, line_hunks
from fastapply.text.echoes import Echoes, only_adds_to, pairs

FILE = "phones = [\n    'iPhone 16',\n    'Apple',\n    'iPhone 15',\n    'Apple',\n    'Pixel',\n]\n"


def echoes(rewritten: str, update: str, new: frozenset[str] = frozenset(), file: str = FILE) -> dict[str, float]:
    """Those that there are."""
    hunks, lines = line_hunks(file, rewritten), lf_lines(file)
    gone = [line.strip() for hunk in hunks for line in lines[hunk.start_line : hunk.end_line]]
    come = [line.strip() for hunk in hunks for line in hunk.new_text.split("\n")]
    changed = Counter(pairs(rewritten))
    changed.subtract(pairs(file))
    found = Echoes(file, update, new).of(gone, come, changed)
    return {name: count for name, count in found.items() if count}


def test_a_plain_change_only_takes_its_line_away():
    assert echoes(FILE.replace("'Pixel'", "'Pixel 9'"), "'Pixel 9',\n") == {"vanished": 1}


def test_a_line_that_went_though_it_is_shown_is_one():
    gone = FILE.replace("    'iPhone 15',\n    'Apple',\n", "")
    assert echoes(gone, "'Apple',\n") == {"vanished": 2, "taken": 1}
    assert echoes(gone, "phones = [\n") == {"vanished": 2}


def test_a_line_put_in_that_was_there_is_one():
    more = FILE.replace("'Apple',\n    'Pixel'", "'Apple',\n    'iPhone 16',\n    'Pixel'")
    assert echoes(more, "") == {"again": 1}
    assert echoes(more, "", frozenset({"'iPhone 16',"})) == {"again": 0.5}


def test_a_line_that_stands_twice_in_a_row_stutters_unless_the_update_shows_it_so():
    twice = FILE.replace("]\n", "    'Pixel',\n]\n")
    assert echoes(twice, "'Pixel',\n") == {"again": 1, "stutters": 1}
    assert echoes(twice, "'Pixel',\n\n'Pixel',\n") == {"again": 1}


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
    assert echoes(file + longer, update, file=file)["stutters"] == 1
    assert "stutters" not in echoes("import shop\n" + longer, update, file=file)
    both = f"# ...\nprint(net(12) + gross(10))\n{longer}"
    assert "stutters" not in echoes(file + longer, both, file=file)  # the update shows it so
