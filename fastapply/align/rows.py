"""The rows of the alignment: a snippet's lines, told apart into code and markers.

A line that the original holds as well is code, whatever it says: markers quoted in a docstring stay text.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapply.align.chunks import Outline
from fastapply.text.markers import MarkerKind, classify, marker_target


@dataclass(frozen=True, slots=True)
class Item:
    """One row: a line of the snippet (`line`), or the place before its first or after its last line (kind "edge")."""

    kind: str  # code, keep, bare, remove, edge
    line: int
    target: str = ""


def read_snippet(update: str, language: str | None, original: Outline) -> tuple[list[Item], Outline]:
    """The rows of the program, and the outline of the snippet."""
    lines = update.removesuffix("\n").split("\n")
    known = set(original.stripped)
    kinds: dict[int, Item] = {}
    for k, line in enumerate(lines):
        kind = classify(line, language) if line.strip() not in known or line.strip() == "..." else None
        if kind is not None:
            kinds[k] = Item(kind.value, k, marker_target(line, language) or "" if kind is MarkerKind.REMOVE else "")
    outline = Outline(lines, language, frozenset(kinds), original)
    rows = [kinds.get(k, Item("code", k)) for k in range(len(lines))]
    return [Item("edge", -1), *rows, Item("edge", len(lines))], outline
