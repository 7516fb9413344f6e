"""`unused`: deleted lines that set a variable whose uses were all deleted for other reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from fastapply.judge.entries import Entries, Why
from fastapply.judge.paired import home_of
from fastapply.judge.sides import PLAIN_STRING, Original, Rewritten
from fastapply.judge.twins import Line, subject
from fastapply.text.brackets import open_brackets

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w+(?!\s*:(?![:=]))")  # no property and no key


def enter_unused(old: Original, new: Rewritten, gone: frozenset[int], entries: Entries) -> None:
    """Write the entries of such lines, until there are no more: a variable may only serve to set another one."""
    left = {name for c in new.changes for k in range(c.new_start, c.new_end) for name in _used(new.said[k])}
    unsure = {k: subject(Line(old.said[k])) for k in sorted(gone) if k not in entries and old.said[k]}
    setters = {k: name for k, (kind, name) in unsure.items() if kind == "variable" and name not in left}
    found = True
    while found:
        found = False
        for line, name in setters.items():
            if line not in entries and _is_unused(line, name, old, gone, entries):
                found = True
                for each in gone.intersection(_statement(line, old)):
                    entries.add(each, Why.UNUSED, name)


def _used(text: str) -> list[str]:
    """The names in a line of code."""
    return _NAME.findall(PLAIN_STRING.sub("", text))


@lru_cache(maxsize=1)  # all candidates of an update share it
def _lines_with(old: Original) -> dict[str, list[int]]:
    """The lines that contain each name."""
    found: dict[str, list[int]] = {}
    for k, text in enumerate(old.said):
        for name in dict.fromkeys(_used(text)):
            found.setdefault(name, []).append(k)
    return found


def _is_unused(line: int, name: str, old: Original, gone: frozenset[int], entries: Entries) -> bool:
    """Do all other lines of the definition around a line that contain the name go, and those for a reason that do not
    set it as well? There must be one of these."""
    home = home_of(old.outline, line)
    lines = (k for k in _lines_with(old).get(name, ()) if home_of(old.outline, k) == home)
    others = [k for k in lines if k != line]
    uses = [k for k in others if subject(Line(old.said[k])) != ("variable", name)]
    return bool(uses) and gone.issuperset(others) and all(k in entries for k in uses)


def _statement(line: int, old: Original) -> Iterator[int]:
    """The lines of the statement that begins with a line, by its brackets."""
    opened = ""
    for k in range(line, len(old.said)):
        yield k
        opened = open_brackets([old.said[k]], opened)
        if not opened:
            return
