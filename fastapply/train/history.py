"""Real edits: one file before and after a commit of a local git repository, or in two releases of a package.

The snippet is written as for made edits. Knows git and folders, not how the edit came about.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapply.align import languages
from fastapply.train.compare import changes
from fastapply.train.filters import is_reserved, unwanted_path, unwanted_text
from fastapply.train.snippets import write_snippet
from fastapply.train.sources import LANGUAGES, git
from fastapply.train.styles import INSTRUCTION
from fastapply.train.units import parses
from fastapply.types import Task

_PLAIN_SUBJECT = re.compile(r"^(merge|revert|bump|release|v?\d|wip|fix(up)?!?$|update$)", re.IGNORECASE)
_SUBJECT_END = re.compile(r"\s*\(?#\d+\)?\s*$")
_PREFIX = re.compile(r"^\w+(\([^)]*\))?!?:\s*")


@dataclass(frozen=True, slots=True)
class Limits:
    """Which edits are taken. Lines count on the longer side; `most_share` is changed lines of all."""

    least_lines: int = 12
    most_lines: int = 200
    most_changes: int = 5
    most_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """One file on both sides of a real change, with LF line ends, and the sentence that came with it."""

    source: str
    path: str
    original: str
    expected: str
    subject: str = ""


def mine(repository: Path, name: str, *, most_commits: int, until: str = "HEAD") -> Iterator[Pair]:
    """The changed files of the newest commits of a repository, newest first; merges are left out."""
    log = git(repository, "log", f"-{most_commits}", "--no-merges", "--format=%H%x09%s", until).decode(errors="replace")
    for row in log.splitlines():
        commit, _, subject = row.partition("\t")
        raw = git(repository, "diff-tree", "-r", "--root", "--no-renames", "--diff-filter=M", "-z", commit)
        parts = raw.decode(errors="replace").split("\0")[1:]
        changed = list(zip(parts[::2], parts[1::2], strict=False))
        if len(changed) > 12:
            continue  # sweeping changes are mostly mechanical
        for meta, path in changed:
            _, _, old, new, _ = meta.split()
            if languages.detect(path, "") in LANGUAGES and not unwanted_path(path):
                sides = [_text(repository, blob) for blob in (old, new)]
                if sides[0] is not None and sides[1] is not None:
                    yield Pair(name, path, sides[0], sides[1], subject)


def _text(repository: Path, blob: str) -> str | None:
    try:
        text = _plain(git(repository, "cat-file", "blob", blob))
    except (UnicodeDecodeError, OSError):
        return None
    return text


def _plain(data: bytes) -> str:
    """UTF-8 text without BOM, with LF line ends and a final newline: fidelity of bytes is another part's concern."""
    text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    return text if text.endswith("\n") else text + "\n"


def releases(before: Path, after: Path, name: str) -> Iterator[Pair]:
    """The files that differ between two unpacked releases of a package, in order of their paths."""
    for path in sorted(before.rglob("*")):
        relative = path.relative_to(before).as_posix()
        other = after / relative
        if not path.is_file() or not other.is_file() or unwanted_path(relative):
            continue
        if languages.detect(relative, "") not in LANGUAGES:
            continue
        try:
            old, new = _plain(path.read_bytes()), _plain(other.read_bytes())
        except UnicodeDecodeError:
            continue
        if old != new:
            yield Pair(name, relative, old, new)


def usable(pair: Pair, limits: Limits) -> bool:
    """Whether a pair is within the limits, parses on both sides, and comes from nothing reserved or generated."""
    language = languages.detect(pair.path, pair.expected)
    counts = [side.count("\n") for side in (pair.original, pair.expected)]
    if language is None or is_reserved(pair.source) or not limits.least_lines <= max(counts) <= limits.most_lines:
        return False
    if unwanted_text(pair.original) or unwanted_text(pair.expected):
        return False
    found = changes(pair.original.splitlines(), pair.expected.splitlines())
    touched = sum(max(c.old_end - c.old_start, c.new_end - c.new_start) for c in found)
    if not 1 <= len(found) <= limits.most_changes or touched > limits.most_share * max(counts):
        return False
    return parses(pair.original, language) and parses(pair.expected, language)


def real_task(pair: Pair, rng: random.Random, identity: str) -> Task | None:
    """The task of a usable pair, or None where no snippet of the drawn style tells what is meant."""
    language = languages.detect(pair.path, pair.expected) or ""
    update = write_snippet(pair.original, pair.expected, language, rng)
    if update is None:
        return None
    instruction = _instruction(pair.subject) if rng.random() < INSTRUCTION else ""
    return Task(identity, language, pair.original, update, pair.expected, instruction, f"{pair.source}/{pair.path}")


def _instruction(subject: str) -> str:
    """A commit's subject as an instruction; empty where it says nothing about the edit."""
    text = _PREFIX.sub("", _SUBJECT_END.sub("", subject)).strip()
    if _PLAIN_SUBJECT.match(text) or not 10 <= len(text) <= 100:
        return ""
    return text[0].upper() + text[1:]
