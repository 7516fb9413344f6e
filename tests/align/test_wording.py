"""What the new lines of a part say again of the file."""

from __future__ import annotations

import pytest
from pieces import field_of, parts_of

from fastapply.align.wording import Wording

FILE = """\
def prefix(tag):
    check(tag)
    if "prefix" not in tag:
        tag["prefix"] = "sha-"
    if "format" not in tag:
        tag["format"] = SHORT
    log(tag)
    return tag
"""
UPDATE = """\
    check(tag)
    tag.set_default("prefix", "sha-")
    tag.set_default("format", SHORT)
    # ... existing code ...
"""


def test_old_versions_say_what_the_new_lines_say() -> None:
    parts = parts_of(UPDATE, FILE)
    words, part = Wording(field_of(FILE), parts.outline), parts.runs.get(0, parts.units[0])
    assert words.share(part, 2, 6) > 0.5 > words.share(part, 6, 8)
    assert list(words.ends_below(part, 2))[:2] == [4, 6]  # both statements
    assert list(words.starts_above(part, 6))[:2] == [4, 2]


@pytest.mark.parametrize("boundary", [0, 8])
def test_nothing_is_proposed_beyond_the_ends_of_the_file(boundary: int) -> None:
    parts = parts_of("    tag.other()\n", FILE)
    words = Wording(field_of(FILE), parts.outline)
    assert not list(words.starts_above(parts.units[0], boundary))
    assert not list(words.ends_below(parts.units[0], boundary))


def test_lines_without_words_say_nothing() -> None:
    parts = parts_of("}\n", "{\n}\n", "javascript")
    assert Wording(field_of("{\n}\n", "javascript"), parts.outline).share(parts.units[0], 0, 2) == 0.0
