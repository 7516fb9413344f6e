"""Limit the files that an agent or an update may touch to those inside the roots, after following links and `..`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastapply.errors import UsageError

_FORBIDDEN = ".git"  # git runs the hooks and commands that it holds


@dataclass(frozen=True, slots=True)
class Roots:
    """Real folders. `configured` come from whoever starts the server, `offered` from the client (None: it offers none).

    A file must be inside both, if both are given: a client can narrow what it may touch, never widen it.
    """

    configured: tuple[Path, ...]
    offered: tuple[Path, ...] | None = None

    def find(self, target: str) -> Path:
        """The real path of a file, which need not exist. A relative path starts at the first root that has it.

        Raises:
            UsageError: the file is outside the roots (the message does not reveal whether it exists), or in `.git`.
        """
        bases = [base for base in (self.offered or self.configured) if self._allowed(base)]
        if not bases:
            raise UsageError("there is no folder to edit in: start the server with --root, or offer it as a root")
        inside = [path for path in (_resolve(base / target) for base in bases) if path and self._allowed(path)]
        if not inside:
            raise UsageError(f"{target} is outside of the roots: {', '.join(map(str, bases))}")
        found = next((path for path in inside if path.exists()), inside[0])
        if _FORBIDDEN in found.parts:
            raise UsageError(f"{target} belongs to git: it is not edited")
        return found

    def _allowed(self, path: Path) -> bool:
        return all(
            any(path.is_relative_to(root) for root in roots)
            for roots in (self.configured, self.offered)
            if roots is not None
        )


def real_folders(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The folders, with links resolved. Raises UsageError if one is not a folder."""
    real = []
    for folder in folders:
        found = _resolve(folder)
        if found is None or not found.is_dir():
            raise UsageError(f"{folder} is not a folder: give --root a folder that exists")
        real.append(found)
    return tuple(real)


def offered_folders(uris: Sequence[str]) -> tuple[Path, ...]:
    """The folders of a client's roots, without those that do not exist here."""
    paths = [Path(unquote(urlsplit(uri).path)) for uri in uris if urlsplit(uri).scheme == "file"]
    found = [_resolve(path) for path in paths if path.is_absolute()]
    return tuple(path for path in found if path is not None and path.is_dir())


def _resolve(path: Path) -> Path | None:
    """The path with links resolved; None if that fails (a loop, a NUL, a name that is too long)."""
    try:
        return path.resolve(strict=False)
    except (OSError, RuntimeError, ValueError):
        return None
