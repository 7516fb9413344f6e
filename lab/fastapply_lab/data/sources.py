"""Read the real code of a recipe's sources: folders, or commits of git repositories.

Yields texts (UTF-8, LF) that pass the filters, and counts the files that do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapply.align import languages
from fastapply.errors import UsageError
from fastapply_lab.data.filters import text_problem, unwanted_path
from fastapply_lab.data.recipe import Source, read_recipe
from fastapply_lab.data.repository import git, open_blobs
from fastapply_lab.data.reserved import is_copy

__all__ = [
    "LANGUAGES",
    "CorpusFile",
    "Source",
    "all_files",
    "folder_files",
    "git_files",
    "place_of",
    "read_recipe",
    "repository_below",
]

_LAYOUTS = ("{0}/{1}", "{0}/{1}.git", "{0}+{1}/repo")  # paths of a repository below a root, from owner and name

LANGUAGES = languages.NAMES
MOST_BYTES = 300_000
Dropped = Counter[str]  # reason -> how many were dropped
_CPP = re.compile(r"^\s*(class|namespace|template|using|public:|private:|#include <[a-z_]+>)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """The text of one file of a source."""

    source: str
    path: str
    language: str
    text: str


def plain_text(data: bytes | None) -> str | None:
    """`data` as text without BOM, with LF line ends and a final newline; None if it is not UTF-8 text."""
    if data is None or b"\0" in data:
        return None
    try:
        text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    return text if text.endswith("\n") else text + "\n"


def folder_files(folder: Path, source: Source, dropped: Dropped | None = None) -> Iterator[CorpusFile]:
    """The usable files below `folder`, in order of their paths. Counts in `dropped` what is left out, by reason."""
    dropped = Counter() if dropped is None else dropped
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file() or not _wanted(relative, path.stat().st_size, source, dropped):
            continue
        yield from _usable(source, relative, path.read_bytes(), dropped)


def git_files(repository: Path, source: Source, dropped: Dropped | None = None) -> Iterator[CorpusFile]:
    """The usable files of a commit (`source.version`, else HEAD) of a local repository, bare or not."""
    dropped = Counter() if dropped is None else dropped
    listing = git(repository, "ls-tree", "-r", "-l", "-z", source.version or "HEAD").decode(errors="replace")
    with open_blobs(repository) as blobs:
        for row in filter(None, listing.split("\0")):
            meta, path = row.split("\t", 1)
            mode, _, object_id, size = meta.split()
            if mode.startswith("100") and _wanted(path, int(size) if size.isdigit() else 0, source, dropped):
                yield from _usable(source, path, blobs.get(object_id, MOST_BYTES), dropped)


def _wanted(path: str, size: int, source: Source, dropped: Dropped) -> bool:
    if _language(path, source) is None:
        return False
    reason = "huge file" if size > MOST_BYTES else "vendored, built or generated, by its path"
    if size > MOST_BYTES or unwanted_path(path):
        dropped[reason] += 1
        return False
    return True


def _language(path: str, source: Source) -> str | None:
    language = languages.detect(path, "")
    wanted = source.only or LANGUAGES
    return language if language in wanted else None


def _usable(source: Source, path: str, data: bytes | None, dropped: Dropped) -> Iterator[CorpusFile]:
    text = plain_text(data)
    language = _language(path, source) or ""
    if text is None:
        problem = "binary, or not UTF-8"
    elif not text.strip():
        problem = "empty file"
    else:
        problem = text_problem(text) or ("copy of a reserved source" if is_copy(text) else "")
    if text is None or problem:
        dropped[problem] += 1
        return
    if language == "c" and path.endswith(".h") and _CPP.search(text):
        language = "cpp"
    yield CorpusFile(source.name, path, language, text)


def place_of(source: Source, roots: Iterable[Path]) -> Path | None:
    """The folder of a source: that of a repository, or ROOT/folder for a package. None if it is below no root."""
    if source.kind == "git" and not source.folder:
        return repository_below(source.name, roots)
    found = (root / (source.folder or source.name) for root in roots)
    return next((path for path in found if path.exists()), None)


def repository_below(name: str, roots: Iterable[Path]) -> Path | None:
    """The folder of the repository `owner/name`, bare or not, below one of the roots; None if it is not there."""
    owner, _, short = name.partition("/")
    places = (root / layout.format(owner, short) for root in roots for layout in _LAYOUTS)
    return next((place for place in places if place.is_dir()), None)


def all_files(sources: Iterable[Source], roots: Iterable[Path], dropped: Dropped | None = None) -> Iterator[CorpusFile]:
    """The files of all sources below the roots. Raises UsageError if a source is below none of them."""
    places = list(roots)
    for source in sources:
        place = place_of(source, places)
        if place is None:
            raise UsageError(f"{source.name}: not found under {', '.join(map(str, places))}; fetch it first")
        yield from (git_files if source.kind == "git" else folder_files)(place, source, dropped)
