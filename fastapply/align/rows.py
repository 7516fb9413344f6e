"""The rows of a snippet: its lines, classified as code or markers.

A line is code, whatever it says, if the original has it too with the same neighbour. Markers quoted in a docstring
remain text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, takewhile

from fastapply.align.chunks import Outline
from fastapply.text.markers import MarkerKind, classify, is_bare_comment, marker_target

_DOCUMENTS = ("markdown", "rst")


@dataclass(frozen=True, slots=True)
class SnippetRow:
    """A row: line `line` of the snippet, or the position before its first or after its last line (kind "edge")."""

    kind: str  # code, keep, bare, remove, edge
    line: int
    target: str = ""


def read_snippet(update: str, language: str | None, original: Outline) -> tuple[list[SnippetRow], Outline]:
    """The rows and the outline of a snippet."""
    return _read(update.removesuffix("\n"), language, original)


@lru_cache(maxsize=2)  # the search and the judge read the same snippet
def _read(update: str, language: str | None, original: Outline) -> tuple[list[SnippetRow], Outline]:
    lines = update.split("\n")
    quoted = _Quoted(original.stripped, [line.strip() for line in lines])
    kinds: dict[int, SnippetRow] = {}
    for k, line in enumerate(lines):
        kind = None if quoted.at(k) else classify(line, language)
        if kind is not None:
            kinds[k] = SnippetRow(
                kind.value, k, marker_target(line, language) or "" if kind is MarkerKind.REMOVE else ""
            )
    examples = {k for k in kinds if language in _DOCUMENTS and is_bare_comment(lines[k], language)}
    if len(examples) < len(kinds):  # dots in a code block are part of it where comments of the document are the markers
        kinds = {k: row for k, row in kinds.items() if k not in examples}
    outline = Outline(lines, language, frozenset(kinds), original)
    bodies = {k for k, row in kinds.items() if row.kind == "bare" and _is_new_body(k, outline, original)}
    if bodies:
        kinds = {k: row for k, row in kinds.items() if k not in bodies}
        outline = Outline(lines, language, frozenset(kinds), original)
    if leaving := _leaving(outline, original):
        outline = Outline(lines, language, frozenset(kinds), original, leaving=leaving)
    rows = [kinds.get(k, SnippetRow("code", k)) for k in range(len(lines))]
    return [SnippetRow("edge", -1), *rows, SnippetRow("edge", len(lines))], outline


def _leaving(snippet: Outline, original: Outline) -> frozenset[int]:
    """The markers below which the snippet leaves a block, though it goes on deeper than the head of that block.

    Such a marker is not indented deeper than the head, and what the file has of the lines below stands elsewhere.
    """
    counts = Counter(original.stripped)
    found = set()
    for marker in snippet.markers:
        below = next((k for k in range(marker + 1, len(snippet.lines)) if snippet.stripped[k]), None)
        if below is None or below in snippet.markers:
            continue
        around = (c for c in snippet.chunk_of[below].chain() if 0 <= c.header < marker)
        block = next((c for c in around if snippet.width[c.header] >= snippet.width[marker]), None)
        if block is None:
            continue
        run = takewhile(lambda k: k not in snippet.markers, range(below, len(snippet.lines)))
        known = {text for k in run if counts[text := snippet.stripped[k]] == 1}
        places = [k for k, text in enumerate(original.stripped) if text in known]
        header = snippet.stripped[block.header]
        theirs = [c for c in original.chunks[1:] if original.stripped[c.header] == header]
        if theirs and places and not any(c.start <= k < c.end for c in theirs for k in places):
            found.add(marker)
    return frozenset(found)


class _Quoted:
    """Lines that the original has too, with the same neighbour. For bare dots only the neighbour above counts, since
    they are its body."""

    def __init__(self, theirs: list[str], ours: list[str]) -> None:
        self._beside = _beside(ours)
        self._theirs = {pair for pairs in _beside(theirs) for pair in pairs if pair[1]}

    def at(self, line: int) -> bool:
        above, below = self._beside[line]
        return above in self._theirs or (below in self._theirs and below[0] != "...")


_Pair = tuple[str, str]


def _beside(texts: list[str]) -> list[tuple[_Pair, _Pair]]:
    """Each line paired with the nearest line above that is not blank ("" for none), and with the nearest below."""
    above = list(accumulate(texts, lambda last, text: text or last, initial=""))
    below = list(accumulate(reversed(texts), lambda last, text: text or last, initial=""))
    return [((text, up), (text, down)) for text, up, down in zip(texts, above, below[-2::-1], strict=False)]


def _is_new_body(line: int, snippet: Outline, original: Outline) -> bool:
    """Are these dots the whole body of a definition that the original lacks? Then they cannot keep anything: they are a
    Python statement."""
    chunk = snippet.chunk_of[line]
    if not chunk.is_definition or snippet.language != "python" or snippet.stripped[chunk.header].endswith("..."):
        return False
    body = [text for text in snippet.stripped[chunk.header + 1 : chunk.end] if text]
    return body == ["..."] and all(chunk.name != other.name for other in original.definitions)
