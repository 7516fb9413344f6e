"""The entries of a ledger: the reason for each deleted line, and the sentence that states it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

Entry = tuple["Why", str]  # the reason and its sentence


class Why(StrEnum):
    """Why a line is deleted."""

    NAMED = "named"
    REPLACED = "replaced"
    BETWEEN = "between"
    REMOVED = "removed"
    TWIN = "twin"
    MOVED = "moved"
    REINDENTED = "reindented"
    UNUSED = "unused"
    BLANK = "blank"


SENTENCES = {
    Why.NAMED: "The update names the line as deleted.",
    Why.REPLACED: "The update shows the whole of {0}, which stands in its place.",
    Why.BETWEEN: "The update shows {0} and {1} side by side, without a marker between.",
    Why.REMOVED: "The update or the instruction asks for its removal.",
    Why.TWIN: "Its new version stands in its place.",
    Why.MOVED: "The same line is elsewhere now.",
    Why.REINDENTED: "Only its indentation or its last comma changes.",
    Why.UNUSED: "Nothing uses `{0}` any more.",
    Why.BLANK: "It is blank.",
}


class Entries(dict[int, Entry]):
    """Line of the original -> entry."""

    def __init__(self, said: Sequence[str]) -> None:
        super().__init__()
        self._said = said

    def add(self, line: int, why: Why, *names: str) -> None:
        """Give a line its reason, unless the line is blank or has a reason. `names` fill the sentence."""
        if self._said[line]:
            self.setdefault(line, (why, SENTENCES[why].format(*names)))
