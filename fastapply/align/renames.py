"""Lines of a snippet that are lines of the file but for a new name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fastapply.align.chunks import Outline

_NAME = re.compile(r"[^\W\d]\w*")
_LEAST = 2  # lines that must show the same rename


@dataclass(frozen=True, slots=True)
class Renamed:
    """A line of the snippet, and the file's text that it equals with `old` for `new`."""

    line: int
    text: str
    old: str
    new: str


def renames(original: Outline, snippet: Outline) -> list[Renamed]:
    """The renamed lines. At least two of them must show the same rename, to a name that the file does not have.

    New siblings of an entry look the same: only the rest of a reading tells a rename from a copy.
    """
    known = {name for text in original.stripped for name in _NAME.findall(text)}
    texts = set(original.stripped)
    news = {
        line: names
        for line, text in enumerate(snippet.stripped)
        if text not in texts and line not in snippet.markers and (names := _NAME.findall(text))
    }
    times = Counter(name for names in news.values() for name in set(names) - known)
    wanted = {name for name, count in times.items() if count >= _LEAST}
    if not wanted:
        return []
    shapes: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        shapes[_NAME.sub("w", text)].append(text)
    found = [
        Renamed(line, text, old, new)
        for line, names in news.items()
        for new in wanted.intersection(names)
        for text in shapes.get(_NAME.sub("w", snippet.stripped[line]), ())
        for old in _replaced(names, _NAME.findall(text), new)
    ]
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in found:
        lines[each.old, each.new].add(each.line)
    return [each for each in found if len(lines[each.old, each.new]) >= _LEAST]


def _replaced(ours: list[str], theirs: list[str], new: str) -> Iterator[str]:
    """The name that stands for `new`, if nothing else differs."""
    olds = {other for name, other in zip(ours, theirs, strict=True) if name == new}
    if len(olds) == 1 and all(other == name or name == new for name, other in zip(ours, theirs, strict=True)):
        yield from olds
