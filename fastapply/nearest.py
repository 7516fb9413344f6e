"""Find the files that a missing path may have meant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path, PureWindowsPath

_MOST_SEEN = 5000
_MOST_NAMED = 3
_ALIKE = 0.6
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "target", "build", "dist"})


def missing(path: Path, shown: str, within: Path, remedy: str) -> str:
    """The error for a missing `path`, which the user calls `shown`, with the most similar names and `remedy`."""
    near = " or ".join(nearest(path, within))
    meant = f": did you mean {near}?" if near else ""
    return f"{shown}: no such file{meant or ';'} {remedy}"


def nearest(path: Path, within: Path) -> list[str]:
    """The names of files, relative to `within`, that are most similar to that of `path`. Searches its nearest existing
    folder, and below that folder if it is inside `within`."""
    folder = next(parent for parent in path.parents if parent.is_dir())
    inside = folder.is_relative_to(within)
    if not inside and folder != path.parent:
        return []
    stem = PureWindowsPath(path.name).stem.lower()  # the path may be one of Windows, on another system
    scored = []
    for found in _files(folder, deep=inside):
        alike = SequenceMatcher(None, found.stem.lower(), stem).ratio()
        if alike >= _ALIKE:
            alike += found.suffix == path.suffix
            shown = os.path.relpath(found, within) if inside else str(found)
            scored.append((-alike, found.parent != path.parent, len(found.parts), shown))
    return [shown for *_, shown in sorted(scored)[:_MOST_NAMED]]


def _files(folder: Path, *, deep: bool) -> Iterator[Path]:
    seen = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if deep and name[0] != "." and name not in _SKIPPED)
        for name in sorted(names):
            seen += 1
            if seen > _MOST_SEEN:
                return
            yield Path(place, name)
