"""Fetch and unpack pinned packages from registries, with the registries' ordinary clients.

Nothing is installed, built or imported: an archive is fetched and its files are unpacked below a cache folder.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from fastapply.errors import UsageError
from fastapply_lab.data.filters import is_reserved


def fetch_package(kind: str, name: str, version: str, cache: Path) -> Path:
    """The folder with the files of a package, which the first call fetches and unpacks.

    `kind` is npm, pypi (a wheel) or debian. Writes below `cache` atomically, so that a failed fetch leaves nothing.
    Raises UsageError if the package is reserved, the client or registry is missing, or the version is not available.
    """
    if is_reserved(name):
        raise UsageError(f"{name} is reserved for the final evaluation; take it out of the recipe")
    if kind not in _FETCH:
        raise UsageError(f"unknown registry `{kind}`; there are: {', '.join(_FETCH)}")
    place = cache / kind / f"{name.replace('/', '+')}-{version}"
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        archive, files = Path(scratch) / "archive", Path(scratch) / "files"
        archive.mkdir()
        files.mkdir()
        _FETCH[kind](name, version, archive)
        found = sorted(archive.iterdir())
        if not found:
            raise UsageError(f"{name}=={version}: the {kind} client fetched nothing")
        _unpack(found[0], files)
        files.rename(place)
    return place


def _npm(name: str, version: str, into: Path) -> None:
    _run(["npm", "pack", "--silent", f"{name}@{version}"], into)


def _pypi(name: str, version: str, into: Path) -> None:
    _run(["pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", ".", f"{name}=={version}"], into)


def _debian(name: str, version: str, into: Path) -> None:
    _run(["apt-get", "download", "-qq", f"{name}={version}"], into)


_FETCH: dict[str, Callable[[str, str, Path], None]] = {"npm": _npm, "pypi": _pypi, "debian": _debian}


def _run(command: list[str], folder: Path) -> None:
    if shutil.which(command[0]) is None:
        raise UsageError(f"{command[0]} is not installed; it is needed to fetch {command[-1]}")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UsageError(f"{command[0]} could not fetch {command[-1]}: {reason}")


def _unpack(archive: Path, into: Path) -> None:
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(into)
    elif archive.suffix == ".deb":
        _run(["dpkg-deb", "-x", str(archive.resolve()), str(into.resolve())], into)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data")
