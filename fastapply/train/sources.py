"""Where real code comes from: a folder, or a commit of a git repository; named by a recipe.

Yields texts that passed the filters. Knows no edits. Texts are LF and UTF-8, or they are left out.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapply.align import languages
from fastapply.errors import UsageError
from fastapply.train.filters import is_reserved, unwanted_path, unwanted_text

# fmt: off
LANGUAGES = frozenset({
    "python", "javascript", "typescript", "tsx", "go", "rust", "java", "c", "cpp", "csharp", "ruby", "php", "css",
    "html", "json", "yaml", "toml", "markdown", "bash", "scss", "kotlin",
})
# fmt: on

_MOST_BYTES = 300_000
_CPP = re.compile(r"^\s*(class|namespace|template|using|public:|private:|#include <[a-z_]+>)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """One repository at a commit, or one package of a version: what an exact split never tears apart."""

    name: str  # "owner/name", or a package's name
    version: str = ""  # a commit, or a version
    split: str = "train"
    kind: str = "git"  # git, pypi or npm
    only: tuple[str, ...] = ()  # languages to take; all where empty
    folder: str = ""  # a package's top folder where it is not the package's name


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a source, as text."""

    source: str
    path: str
    language: str
    text: str


def read_recipe(path: Path) -> tuple[list[Source], dict[str, Any]]:
    """The sources a recipe names, and its other settings.

    Raises: UsageError where the recipe names a reserved repository or package, or has no sources.
    """
    data = tomllib.loads(path.read_text())
    sources = [Source(**{**row, "only": tuple(row.get("only", ()))}) for row in data.get("source", [])]
    if not sources:
        raise UsageError(f"{path}: no [[source]] in the recipe")
    for source in sources:
        if is_reserved(source.name):
            raise UsageError(f"{path}: {source.name} is reserved for the final evaluation; take it out of the recipe")
    return sources, {key: value for key, value in data.items() if key != "source"}


def folder_files(folder: Path, source: Source) -> Iterator[SourceFile]:
    """The usable files below `folder`, in order of their paths."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            continue
        if _language(relative, source) and not unwanted_path(relative):
            yield from _usable(source, relative, path.read_bytes())


def git_files(repository: Path, source: Source) -> Iterator[SourceFile]:
    """The usable files of a commit (`source.version`, else HEAD) of a local repository, bare or not."""
    listing = git(repository, "ls-tree", "-r", "-l", "-z", source.version or "HEAD").decode(errors="replace")
    wanted: list[tuple[str, str]] = []
    for row in filter(None, listing.split("\0")):
        meta, path = row.split("\t", 1)
        _, kind, object_id, size = meta.split()
        if (
            kind == "blob"
            and size.isdigit()
            and int(size) < _MOST_BYTES
            and _language(path, source)
            and not unwanted_path(path)
        ):
            wanted.append((path, object_id))
    for (path, _), data in zip(wanted, _blobs(repository, [object_id for _, object_id in wanted]), strict=True):
        yield from _usable(source, path, data)


def git(repository: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    """Standard output of a git command.

    Raises: UsageError where git fails.
    """
    done = subprocess.run(["git", "-C", str(repository), *arguments], input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise UsageError(f"git {arguments[0]} failed in {repository}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _blobs(repository: Path, object_ids: list[str]) -> Iterator[bytes]:
    answer = git(repository, "cat-file", "--batch", stdin="\n".join(object_ids).encode() + b"\n") if object_ids else b""
    at = 0
    for _ in object_ids:
        end = answer.index(b"\n", at)
        words = answer[at:end].split()
        if words[-1] == b"missing":
            yield b"\0"
            at = end + 1
            continue
        size = int(words[2])
        yield answer[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _language(path: str, source: Source) -> str | None:
    language = languages.detect(path, "")
    wanted = source.only or LANGUAGES
    return language if language in wanted else None


def _usable(source: Source, path: str, data: bytes) -> Iterator[SourceFile]:
    language = _language(path, source)
    try:
        text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n")  # newline styles are another part's concern
    except UnicodeDecodeError:
        return
    if language and text.strip() and not unwanted_text(text):
        if language == "c" and path.endswith(".h") and _CPP.search(text):
            language = "cpp"
        yield SourceFile(source.name, path, language, text if text.endswith("\n") else text + "\n")


def all_files(sources: Iterable[Source], roots: Iterable[Path]) -> Iterator[SourceFile]:
    """Files of all sources: a repository lies at ROOT/owner/name, a package in ROOT/folder.

    Raises: UsageError where a source lies under none of the roots.
    """
    places = list(roots)
    for source in sources:
        found = [root / (source.folder or source.name) for root in places]
        place = next((path for path in found if path.exists()), None)
        if place is None:
            raise UsageError(f"{source.name}: not found under {', '.join(map(str, places))}; fetch it first")
        yield from (git_files if source.kind == "git" else folder_files)(place, source)
