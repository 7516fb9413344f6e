"""Lines of an update that stand at another depth in a rewrite: below the same header, but in another block.

Authors leave lines out, and they may move a whole part to the margin. But a line below a header that they show is as
deep in the file as they show it, or right in that header's block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from fastapply.align.chunks import Outline
from fastapply.align.rows import SnippetRow
from fastapply.text.diff import is_telling
from fastapply.text.lines import indent_of

_NOWHERE = 1 << 30  # the width of a line that ends no block: a blank one, a lone bracket
_tells = lru_cache(maxsize=1 << 15)(is_telling)  # candidates share most of their lines


class Depths:
    """The lines of one update of which the update shows the header: the nearest line above that is indented less."""

    def __init__(self, snippet: Outline, rows: Sequence[SnippetRow]) -> None:
        self._lines = snippet.lines
        code = [row.line for row in rows if row.kind == "code" and is_telling(snippet.stripped[row.line])]
        self._texts = {line: _text(snippet.lines[line]) for line in code}
        counts = Counter(self._texts.values())
        found = self._headers(code)
        self._headed = [(line, top) for line, top in found if top is None or counts[self._texts[top]] == 1]
        self._wanted = set(self._texts.values())
        parts = accumulate(int(row.kind not in ("code", "edge")) for row in rows)
        self._part_of = {row.line: part for row, part in zip(rows, parts, strict=True)}

    def off(self, lines: Sequence[str]) -> list[int]:
        """The lines of the update that a rewrite has below their header, but only at another depth. Without a header
        they are at the margin: then the rewrite must have another line there that the update shows beside them."""
        places: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            if (text := _text(line)) in self._wanted:
                places.setdefault(text, []).append(number)
        widths = [_width(line) if _tells(line) else _NOWHERE for line in lines]
        at_margin = (line for line, header in self._headed if header is None and self._at_margin(line, widths, places))
        margin = {self._part_of[line] for line in at_margin}
        return [line for line, header in self._headed if self._is_off(line, header, widths, places, margin)]

    def _headers(self, code: Sequence[int]) -> Iterator[tuple[int, int | None]]:
        """Each line with its header, None for lines at the margin."""
        above: list[int] = []
        for line in code:  # lone brackets aside, which may stand below their header
            while above and _width(self._lines[above[-1]]) >= _width(self._lines[line]):
                above.pop()
            if above or not _width(self._lines[line]):
                yield line, above[-1] if above else None
            above.append(line)

    def _at_margin(self, line: int, widths: Sequence[int], places: dict[str, list[int]]) -> bool:
        found = places.get(self._texts[line], [])
        return len(found) == 1 and not widths[found[0]]

    def _is_off(
        self, line: int, header: int | None, widths: Sequence[int], places: dict[str, list[int]], margin: set[int]
    ) -> bool:
        stand = places.get(self._texts[line], [])
        if header is None:
            return bool(stand) and self._part_of[line] in margin and all(widths[place] for place in stand)
        headers = places.get(self._texts[header], [])
        if len(headers) != 1:
            return False
        top = headers[0]
        deep = _width(self._lines[line]) - _width(self._lines[header])
        found = False
        for place in (place for place in stand if place > top):
            least = min(widths[top + 1 : place + 1])
            if least <= widths[top]:
                return found  # the block has ended
            if widths[place] in (widths[top] + deep, least):
                return False
            found = True
        return found


def _text(line: str) -> str:
    return line.strip().rstrip(",;")


def _width(line: str) -> int:
    return len(indent_of(line))
