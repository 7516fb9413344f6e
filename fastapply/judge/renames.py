"""`twin`, by a rename: lines that are equal to a new line but for a name that the rewrite has no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from fastapply.align.renames import NAME, other_name, shape
from fastapply.judge.sides import Original, Rewritten, telling

_LEAST = 2  # changes that must show the same rename
_MOST = 400  # lines of one change


def renamed_lines(old: Original, new: Rewritten) -> Iterator[int]:
    """The deleted lines whose new version differs from them only by a renamed name.

    Two changes or more must rename it, and no line may be left that has the old name: a new sibling of an entry differs
    from it by a name as well, but it stands in one place, and other lines go on to use the old name.
    """
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)  # (old, new name) -> (change, line)
    for number, change in enumerate(new.changes):
        gone = [k for k in range(change.start, change.end) if telling(old.said[k])]
        come = [new.said[k] for k in range(change.new_start, change.new_end) if telling(new.said[k])]
        if 0 < len(gone) <= _MOST and 0 < len(come) <= _MOST:
            for line, names in _changed_names(gone, old.said, come):
                found[names].append((number, line))
    if found:
        left = {name for text in new.said for name in NAME.findall(text)}
        for (name, _), places in found.items():
            if name not in left and len({number for number, _ in places}) >= _LEAST:
                yield from (line for _, line in places)


def _changed_names(
    gone: Sequence[int], said: Sequence[str], come: Sequence[str]
) -> Iterator[tuple[int, tuple[str, str]]]:
    """The deleted lines with the name by which they differ from a new line, and the name there."""
    new: dict[str, list[str]] = defaultdict(list)
    for text in come:
        new[shape(text)].append(text)
    for line in gone:
        for other in new.get(shape(said[line]), ()):
            if (names := other_name(said[line], other)) is not None:
                yield line, names
