"""Limit the files that an agent or an update may touch to those inside the roots, after following links and `..`."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastapply.errors import UsageError

_DRIVE = re.compile(r"/[A-Za-z][:|]")  # of a path in a `file:` URL of Windows
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
            UsageError: the file is outside the roots (the message does not reveal whether it exists), in `.git`, or
                behind links that lead back to themselves.
        """
        bases = [base for base in (self.offered or self.configured) if self._allowed(base)]
        if not bases:
            raise UsageError("there is no folder to edit in: start the server with --root, or offer it as a root")
        inside = [path for path in (_resolve(base / target) for base in bases) if path and self._allowed(path)]
        if not inside:
            raise UsageError(f"{target} is outside of the roots: {', '.join(map(str, bases))}")
        found = next((path for path in inside if path.exists() or _is_loop(path)), inside[0])
        if _FORBIDDEN in found.parts:
            raise UsageError(f"{target} belongs to git: it is not edited")
        if _is_loop(found):
            raise UsageError(f"{target} is a loop of links: it leads to no file")
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
    paths = [Path(path) for uri in uris if (path := path_of_url(uri))]
    found = [_resolve(path) for path in paths if path.is_absolute()]
    return tuple(path for path in found if path is not None and path.is_dir())


def path_of_url(url: str, *, windows: bool = os.name == "nt") -> str:
    """The path in a `file:` URL, without the escapes; "" if the URL is not one of a file of this machine. On `windows`,
    the path may begin with a drive, and the URL may name a share (RFC 8089, appendix E)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host, path = "" if parts.netloc.lower() == "localhost" else parts.netloc, unquote(parts.path)
    if parts.scheme != "file" or (host and not windows):
        return ""
    if host:
        return f"//{host}{path}"
    return f"{path[1]}:{path[3:]}" if windows and _DRIVE.match(path) else path


def named_path(target: str) -> str:
    """The path that a `file:` URL, `~/...` or a plain path names. Raises UsageError for a URL of another machine."""
    if target[:7].lower() == "file://":
        path = path_of_url(target)
        if not path:
            raise UsageError(f"{target} is not the URL of a file here: it takes the form file:///folder/name")
        return path
    return os.path.expanduser(target) if target.startswith("~/") else target


def _resolve(path: Path) -> Path | None:
    """The path with links resolved, up to the first link of a loop; None if that fails (a NUL)."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return None


def _is_loop(resolved: Path) -> bool:
    """Whether a resolved path has a link in it, which is then one that leads back to itself."""
    try:
        resolved.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False
