"""`fastapply data plain`: the plainest edits there are, made of our own code: a member among its likes,
and statements in one function (`plain_bodies`).

Each kind of file (`recipes/plain.toml`) has siblings between a head and a closer. One is added, changed, replaced or
removed, and the update is what anyone would send. A fit has to get these right before all others: they are part of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fastapply_lab.data.plain_bodies import body_tasks
from fastapply_lab.tasks import Task


class Siblings(NamedTuple):
    """A kind of file. `part` with another NAME is another sibling; `apart` stands between two of them.

    `old` in a part becomes `new` where one is changed. `marker` is a comment line, `indent` that of the parts. A file
    may begin with `imports`, to which `new_import` comes as the last one.
    """

    language: str
    marker: str
    head: str
    part: str
    apart: str
    closer: str
    old: str
    new: str
    indent: str = ""
    imports: str = ""
    new_import: str = ""

    def parts(self, *names: str) -> str:
        return self.apart.join(self.part.replace("NAME", name) for name in names)

    def file(self, *names: str) -> str:
        return self.head + self.parts(*names) + self.closer

    def changed(self, name: str) -> str:
        return self.parts(name).replace(self.old, self.new)

    @property
    def rest(self) -> str:
        return self.indent + self.marker


RECIPE = Path(__file__).with_name("recipes") / "plain.toml"
NAMES = (("Alpha", "Beta", "Gamma", "Delta"), ("open", "read", "close", "reset"), ("left", "middle", "right", "extra"))


def plain_tasks() -> Iterator[Task]:
    """Every edit of every kind of file, with each of the names. A kind of file is one group (`eval.order.group_of`)."""
    for name, fields in tomllib.loads(RECIPE.read_text()).items():
        kind = Siblings(**fields)
        for row, names in enumerate(NAMES):
            original = kind.file(*names[:3])
            for edit, update, instruction, expected in _edits(kind, *names):
                task = f"plain-{name}-{row}-{edit}"
                yield Task(task, kind.language, original, update, expected, instruction, f"plain-{name}/file")
            for edit, before, update, instruction, expected in _imported(kind, *names) if kind.imports else ():
                task = f"plain-{name}-{row}-{edit}"
                yield Task(task, kind.language, before, update, expected, instruction, f"plain-{name}/file")
    yield from body_tasks()


def _edits(kind: Siblings, a: str, b: str, c: str, new: str) -> Iterator[tuple[str, str, str, str]]:
    """The name of each edit, its update, its instruction, and the right file.

    A new sibling that differs from another by its name alone comes with an instruction: it might be a new name.
    """
    head, rest, apart, closer, parts, file = kind.head, kind.rest, kind.apart, kind.closer, kind.parts, kind.file
    for silent, added in (("", parts(new)), ("-silent", kind.changed(new))):
        told = "" if silent else f"Add {new}."
        others = {
            "first": (added, a, b, c),
            "below": (a, b, added, c),
            "above": (a, added, b, c),
            "last": (a, b, c, added),
        }
        right = {
            place: head + apart.join(each if each is added else parts(each) for each in row) + closer
            for place, row in others.items()
        }
        yield f"last{silent}", head + rest + apart + added + closer, told, right["last"]
        yield f"last-shown{silent}", rest + apart + parts(c) + apart + added + closer, told, right["last"]
        yield f"first{silent}", head + added + apart + rest, told, right["first"]
        yield f"first-shown{silent}", head + added + apart + parts(a) + apart + rest, told, right["first"]
        yield f"below{silent}", rest + apart + parts(b) + apart + added + apart + rest, told, right["below"]
        yield f"above{silent}", rest + apart + added + apart + parts(b) + apart + rest, told, right["above"]
    yield "changed", rest + apart + kind.changed(b) + apart + rest, "", _with(file(a, b, c), parts(b), kind.changed(b))
    yield "changed-last", rest + apart + kind.changed(c) + closer, "", _with(file(a, b, c), parts(c), kind.changed(c))
    yield "exchanged", file(a, b, new), f"Replace {c} by {new}.", file(a, b, new)
    yield "gone", rest + apart + parts(a, c) + apart + rest, f"Remove {b}.", file(a, c)
    two = parts(a, b).replace(kind.old, kind.new)
    yield "two", rest + apart + two + apart + rest, "", _with(file(a, b, c), parts(a, b), two)
    if closer and kind.part.count("\n") > 3:  # a definition that needs nothing around it
        yield "bare", kind.changed(c), f"Change {c}.", _with(file(a, b, c), parts(c), kind.changed(c))
        shown = head + kind.changed(a) + apart + rest + closer
        yield "head", shown, "", _with(file(a, b, c), parts(a), kind.changed(a))


def _imported(kind: Siblings, a: str, b: str, c: str, new: str) -> Iterator[tuple[str, str, str, str, str]]:
    """The same, and the original: a member, new or in a new version, comes with an import and without its class."""
    both = kind.imports + kind.new_import + "\n"
    original, added = kind.imports + "\n" + kind.file(a, b, c), kind.changed(new)
    last = both + "\n" + kind.head + kind.parts(a, b, c) + kind.apart + added + kind.closer
    changed = both + "\n" + _with(kind.file(a, b, c), kind.parts(b), kind.changed(b))
    beside = kind.marker + kind.imports.splitlines(keepends=True)[-1] + kind.new_import + "\n" + kind.marker
    for name, shown in (("all", both), ("alone", kind.new_import + "\n"), ("marked", beside)):
        yield f"import-{name}", original, shown + "\n" + added, f"Add {new} at the end.", last
        yield f"import-changed-{name}", original, shown + "\n" + kind.changed(b), "", changed


def _with(text: str, old: str, new: str) -> str:
    return text.replace(old, new, 1)
