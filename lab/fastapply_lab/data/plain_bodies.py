"""The plainest edits inside one function among others, made of our own code, for `fastapply data plain`.

One statement is changed, added or taken away. The update shows the head of the function and a marker, or the
neighbours of the statement, or both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fastapply_lab.tasks import Task


class Body(NamedTuple):
    """A function between what stands `above` and `below` it. `changed` holds a new version of each statement, `added`
    is a new one, and `marker` a comment line, as deep as the statements. Those in `alike` are new ones too, each beside
    its `text` with the number `of` the statement that looks like it."""

    language: str
    marker: str
    above: str
    head: str
    statements: Sequence[str]
    changed: Sequence[str]
    added: str
    alike: Sequence[Mapping[str, Any]]
    closer: str
    below: str

    def file(self, statements: Sequence[str]) -> str:
        return "".join((self.above, self.head, *statements, self.closer, self.below))


RECIPE = Path(__file__).with_name("recipes") / "plain_bodies.toml"


def body_tasks() -> Iterator[Task]:
    """Every edit of every function. A function is one group (`eval.order.group_of`)."""
    for name, fields in tomllib.loads(RECIPE.read_text()).items():
        body = Body(**fields)
        original = body.file(body.statements)
        for place in range(len(body.statements) + 1):
            for edit, new, shown in _edits(body, place):
                for form, update in _forms(body, *shown):
                    task = f"plain-body-{name}-{place}-{edit}-{form}"
                    yield Task(task, body.language, original, update, body.file(new), "", f"plain-body-{name}/file")


def _edits(body: Body, place: int) -> Iterator[tuple[str, list[str], tuple[str, str, str]]]:
    """The name of each edit, the new statements, and what an update shows: the line above, the new one, the line
    below."""
    before, after = list(body.statements[:place]), list(body.statements[place:])
    lines = [body.head, *body.statements, body.closer]
    above = lines[place]
    yield "added", [*before, body.added, *after], (above, body.added, lines[place + 1])
    for number, alike in enumerate(body.alike):
        text = alike["text"]
        yield f"alike{number}", [*before, text, *after], (above, text, lines[place + 1])
    if after:
        changed, below = body.changed[place], lines[place + 2]
        yield "changed", [*before, changed, *after[1:]], (above, changed, below)
        yield "gone", [*before, *after[1:]], (above, "", below)


def _forms(body: Body, above: str, new: str, below: str) -> Iterator[tuple[str, str]]:
    """How the edit is sent: the name of the form and the update."""
    head, rest = body.head, body.marker
    top = head if above == head else head + rest + above
    end = below if below == body.closer else below + rest
    outside = rest[len(rest) - len(rest.lstrip()) :]
    yield "between", top + new + end
    yield "marked", outside + top + new + end + outside
    if new:
        yield "above", top + new + rest
        yield "below", head + rest + new + end
        if new in body.changed:
            yield "alone", head + rest + new + rest
