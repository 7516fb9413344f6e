"""Read and check a recipe: its repositories and packages, their commits or versions, and their side of the split."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapply.errors import UsageError
from fastapply_lab.data.filters import is_reserved


@dataclass(frozen=True, slots=True)
class Source:
    """One repository at a commit, or one version of a package. All its tasks are on one side of the split."""

    name: str  # "owner/name", or a package's name
    version: str = ""  # a commit or a version
    split: str = "train"
    kind: str = "git"  # git, pypi, npm or debian
    only: tuple[str, ...] = ()  # languages to take; empty means all
    folder: str = ""  # a package's top folder, if it differs from the package's name
    history: int = 0  # how many commits of a repository to read for real edits


@dataclass(frozen=True, slots=True)
class Release:
    """Two releases of a package, for the real edits between them."""

    name: str
    before: str
    after: str
    kind: str = "pypi"
    split: str = "train"


def read_recipe(path: Path) -> tuple[list[Source], dict[str, Any]]:
    """The sources in a recipe, and its other settings.

    Raises UsageError if the recipe cannot be read, names something reserved, has no sources, or has a source on both
    sides of the split.
    """
    try:
        data = tomllib.loads(path.read_text())
        sources = [Source(**{**row, "only": tuple(row.get("only", ()))}) for row in data.get("source", [])]
        releases = [Release(**row) for row in data.get("release", [])]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path}: not a recipe ({error})") from None
    if not sources:
        raise UsageError(f"{path}: no [[source]] in the recipe")
    sides: dict[str, str] = {}
    every: list[Source | Release] = [*sources, *releases]
    for source in every:
        if is_reserved(source.name):
            raise UsageError(f"{path}: {source.name} is reserved for the final evaluation; take it out of the recipe")
        # A repository and the package made from it have the same code.
        if sides.setdefault(short_name(source.name), source.split) != source.split:
            raise UsageError(f"{path}: {source.name} is on both sides of the split; give it one")
    return sources, {key: value for key, value in data.items() if key != "source"}


def short_name(name: str) -> str:
    """The common name of a repository and its package: "pallets/flask" and "Flask" are both "flask"."""
    return name.rpartition("/")[2].lower().replace("_", "-") if not name.startswith("@") else name.lower()
