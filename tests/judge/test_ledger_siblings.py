"""The ledger among lines and blocks that look alike: which one a new line is a version of, and when that is unknown."""

from __future__ import annotations

import pytest
from accounted import lost

TABLE = """\
var cases = []struct {
	name string
	by   int
}{
	{
		name: "turns",
		by:   7,
	},
	{
		name: "wraps",
		by:   2,
	},
}
"""


def test_an_entry_does_not_stand_for_its_sibling_because_it_has_the_same_key() -> None:
    update = '\t{\n\t\tname: "wraps twice",\n\t\tby:   2,\n\t},\n\t// ... existing code ...\n'
    over = TABLE.replace('"wraps"', '"wraps twice"')
    assert lost(over, update, "Add a case.", TABLE, "go") == ['\t\tname: "wraps",']
    assert lost(over, update, 'Rename "wraps".', TABLE, "go") == []
    changed = TABLE.replace("by:   2", "by:   3")
    assert lost(changed, update.replace(" twice", "").replace("by:   2", "by:   3"), "", TABLE, "go") == []


SERVICES = """\
services:
  web:
    environment:
      LEVEL: info
      HOST: a
  worker:
    environment:
      LEVEL: info
      HOST: b
"""


@pytest.mark.parametrize(
    ("header", "lines"),
    [("  worker:\n", []), ("", ["      LEVEL: info"])],
    ids=["the block is shown", "whose block is not said"],
)
def test_a_key_is_told_by_the_block_that_the_update_shows(header: str, lines: list[str]) -> None:
    update = f"services:\n  # ...\n{header}    environment:\n      LEVEL: debug\n      # ...\n"
    changed = "LEVEL: debug".join(SERVICES.rsplit("LEVEL: info", 1))
    assert lost(changed, update, "", SERVICES, "yaml") == lines


GROUP = """\
group "web" {
  rule {
    from = 22
    to = 22
    by = "tcp"
  }
  rule {
    from = 80
    to = 80
    by = "tcp"
  }
  other {
    by = "udp"
  }
}
"""


@pytest.mark.parametrize("port", [("    from = 80\n", "    from = 443\n"), ("    to = 80\n", "    to = 443\n")])
def test_a_block_of_several_that_are_headed_alike_is_no_new_version_if_little_stays(port: tuple[str, str]) -> None:
    new = '  rule {\n    from = 443\n    to = 443\n    by = "tcp"\n  }\n'
    update = f'group "web" {{\n  # ...\n{new}  other {{\n    # ...\n  }}\n}}\n'
    over = GROUP.replace("80", "443")
    assert lost(over, update, "", GROUP, "hcl") == ["    from = 80", "    to = 80"]
    one = update.replace(new, new.replace("443", "80").replace(port[0], port[1]))
    assert lost(GROUP.replace(*port), one, "", GROUP, "hcl") == []


def test_an_entry_with_the_same_name_is_a_new_version() -> None:
    feeds = '[\n  { "name": "a", "every": 9 },\n  { "name": "b", "every": 9 },\n  { "name": "c", "every": 9 }\n]\n'
    update = '[\n  // ...\n  { "name": "b", "every": 1 },\n  // ...\n]\n'
    assert lost(feeds.replace('"b", "every": 9', '"b", "every": 1'), update, "", feeds, "json") == []
    other = update.replace('"b"', '"d"')
    assert lost(feeds.replace('"b", "every": 9', '"d", "every": 1'), other, "", feeds, "json") != []


def test_a_statement_that_goes_on_is_a_new_version() -> None:
    guards = "def f(u):\n    if u.gone and not u.kept:\n        return\n    if u.x:\n        return\n    send(u)\n"
    grown = guards.replace("u.kept:", "u.kept or u.hour < 8 or u.hour > 20:")
    assert (
        lost(grown, "    # ...\n    if u.gone and not u.kept or u.hour < 8 or u.hour > 20:\n    # ...\n", "", guards)
        == []
    )


HOOKS = """\
repos:
  - repo: https://example.com/first
    rev: v1
  - repo: https://example.com/second
    rev: v2
  - repo: https://example.com/third
    rev: v3
"""


def test_units_set_apart_by_a_blank_line_are_not_side_by_side() -> None:
    update = "  - repo: https://example.com/first\n    rev: v9\n{}  - repo: https://example.com/third\n    rev: v3\n"
    kept = HOOKS.replace("v1", "v9")
    second = "  - repo: https://example.com/second\n    rev: v2\n"
    assert lost(kept.replace(second, "\n"), update.format("\n"), "Update it.", HOOKS, "yaml") == second.splitlines()
    assert lost(kept.replace(second, ""), update.format(""), "Remove the second.", HOOKS, "yaml") == []
