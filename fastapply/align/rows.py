"""The rows of the alignment: a snippet's lines, told apart into code and markers.

A line that the original holds as well, in the same company, is code, whatever it says: markers quoted in a docstring
stay text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

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
    return _read(update.removesuffix("\n"), language, original)


@lru_cache(maxsize=2)  # the search and whoever judges what it finds read the same
def _read(update: str, language: str | None, original: Outline) -> tuple[list[Item], Outline]:
    lines = update.split("\n")
    quoted = _Quoted(original.stripped, [line.strip() for line in lines])
    kinds: dict[int, Item] = {}
    for k, line in enumerate(lines):
        kind = None if quoted.at(k) else classify(line, language)
        if kind is not None:
            kinds[k] = Item(kind.value, k, marker_target(line, language) or "" if kind is MarkerKind.REMOVE else "")
    outline = Outline(lines, language, frozenset(kinds), original)
    bodies = {k for k, item in kinds.items() if item.kind == "bare" and _is_new_body(k, outline, original)}
    if bodies:
        kinds = {k: item for k, item in kinds.items() if k not in bodies}
        outline = Outline(lines, language, frozenset(kinds), original)
    rows = [kinds.get(k, Item("code", k)) for k in range(len(lines))]
    return [Item("edge", -1), *rows, Item("edge", len(lines))], outline


class _Quoted:
    """Lines that stand in the original too, with the same neighbour; dots alone only below it, as the body of it."""

    def __init__(self, theirs: list[str], ours: list[str]) -> None:
        self._beside = _beside(ours)
        self._theirs = {pair for pairs in _beside(theirs) for pair in pairs if pair[1]}

    def at(self, line: int) -> bool:
        above, below = self._beside[line]
        return above in self._theirs or (below in self._theirs and below[0] != "...")


_Pair = tuple[str, str]


def _beside(texts: list[str]) -> list[tuple[_Pair, _Pair]]:
    """Each line with the next one above it that is not blank ("" for none), and with the next one below."""
    above = list(accumulate(texts, lambda last, text: text or last, initial=""))
    below = list(accumulate(reversed(texts), lambda last, text: text or last, initial=""))
    return [((text, up), (text, down)) for text, up, down in zip(texts, above, below[-2::-1], strict=False)]


def _is_new_body(line: int, snippet: Outline, original: Outline) -> bool:
    """Are these dots all there is of a definition that the original does not have? Then nothing can be kept there:
    they are a statement of Python."""
    chunk = snippet.chunk_of[line]
    if not chunk.is_definition or snippet.language != "python" or snippet.stripped[chunk.header].endswith("..."):
        return False
    body = [text for text in snippet.stripped[chunk.header + 1 : chunk.end] if text]
    return body == ["..."] and all(chunk.name != other.name for other in original.definitions)
