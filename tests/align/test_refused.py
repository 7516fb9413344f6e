"""What a tolerant grammar lets pass and Python's own parsers do not."""

from __future__ import annotations

from fastapply.align.languages import new_errors

CODE = '''\
import os


class Boat:
    def load(self, crate):
        if crate:
            self.crates.append(crate)


def sail(boat):
    """Away.
nothing is indented here
"""
    return boat.go()
'''
TOML = '[boat]\nname = "Ada"\n\n[crew]\nsize = 3\n'


def test_a_line_that_is_indented_too_deep_is_an_error() -> None:
    deep = CODE.replace("        if crate:\n", "        self.count(crate)\n")
    assert new_errors(deep, CODE, "python") == 1
    assert new_errors(deep.replace("            self.crates", "        self.crates"), CODE, "python") == 0


def test_statements_that_do_not_change_are_not_looked_at() -> None:
    broken = "print 'old'\n\n\n" + CODE
    assert new_errors(broken.replace("return boat.go()", "return boat.stop()"), broken, "python") == 0


def test_an_original_that_python_refuses_says_nothing() -> None:
    old = CODE.replace("        if crate:\n", "        self.count(crate)\n")
    assert new_errors(old.replace("self.count", "self.weigh"), old, "python") == 0


def test_a_key_that_comes_twice_in_a_table_is_an_error() -> None:
    assert new_errors(TOML + "size = 4\n", TOML, "toml") == 1
    assert new_errors(TOML + "flag = true\n", TOML, "toml") == 0
