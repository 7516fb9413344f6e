"""Lines of a snippet that are lines of the file but for a new name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from fastapply.align.chunks import Outline

NAME = re.compile(r"[^\W\d]\w*")
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
    theirs = set(snippet.stripped).intersection(original.stripped)
    ours = {
        line: NAME.findall(text)
        for line, text in enumerate(snippet.stripped)
        if text not in theirs and line not in snippet.markers
    }
    times = Counter(name for names in ours.values() for name in set(names))
    wanted = {name for name, count in times.items() if count >= _LEAST}
    wanted -= {name for text in original.stripped for name in NAME.findall(text) if name in wanted}
    lines_of: dict[str, list[int]] = defaultdict(list)
    for line, names in ours.items():
        if not wanted.isdisjoint(names):
            lines_of[shape(snippet.stripped[line])].append(line)
    if not lines_of:
        return []
    found = [
        Renamed(line, text, *pair)
        for text in dict.fromkeys(original.stripped)
        for line in lines_of.get(shape(text), ())
        if (pair := other_name(text, snippet.stripped[line])) is not None and pair[1] in wanted
    ]
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in found:
        lines[each.old, each.new].add(each.line)
    return [each for each in found if len(lines[each.old, each.new]) >= _LEAST]


def shape(text: str) -> str:
    """A line with its names masked."""
    return NAME.sub("w", text)


def other_name(old: str, new: str) -> tuple[str, str] | None:
    """The name of `old` and the one in its place in `new`, if two lines of one shape differ in nothing else."""
    pairs = set(zip(NAME.findall(old), NAME.findall(new), strict=True))
    changed = [pair for pair in pairs if pair[0] != pair[1]]
    return changed[0] if len(changed) == 1 and (changed[0][0], changed[0][0]) not in pairs else None
