"""Real edits: one file before and after a commit of a local git repository, or in two releases of a package.

Their snippets are written like those of made edits.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fastapply.align import languages
from fastapply_lab.data.compare import changes
from fastapply_lab.data.filters import is_reserved, text_problem, unwanted_path
from fastapply_lab.data.repository import Blobs, git, log_lines, open_blobs
from fastapply_lab.data.reserved import is_copy
from fastapply_lab.data.sent import write_sent
from fastapply_lab.data.sent_styles import INSTRUCTION as ASKED
from fastapply_lab.data.snippets import write_snippet
from fastapply_lab.data.sources import LANGUAGES, MOST_BYTES, Dropped, plain_text
from fastapply_lab.data.styles import INSTRUCTION
from fastapply_lab.data.units import parses
from fastapply_lab.tasks import Task

_PLAIN_SUBJECT = re.compile(
    r"^(merge|revert|bump|release|v?\d|wip|(more |minor |small |some )?(updates?|changes|fixes|tweaks|clean\w*)$|"
    r"typos?$|(fix|run|apply) (up|it|this|bugs?|tests?|typos?|ci|lint\w*|build|pre-?commit|style|formatting)!?$)",
    re.IGNORECASE,
)
_SUBJECT_END = re.compile(r"\s*\(?#\d+\)?\s*$")
_PREFIX = re.compile(r"^\w+(\([^)]*\))?!?:\s*")
_SWEEPING = 12  # changed files in one commit; larger commits are mostly mechanical


@dataclass(frozen=True, slots=True)
class EditLimits:
    """Limits for usable edits. Lines are those of the longer side; `most_share` is the changed share of them."""

    least_lines: int = 12
    most_lines: int = 200
    most_changes: int = 5
    most_share: float = 0.5
    parsed: bool = True  # both sides are free of syntax errors


@dataclass(frozen=True, slots=True)
class Pair:
    """One file before and after a real change, with LF line ends, and the commit's subject."""

    source: str
    path: str
    original: str
    expected: str
    subject: str = ""
    commit: str = ""

    @property
    def language(self) -> str | None:
        return languages.detect(self.path, self.expected)


class _RawChange(NamedTuple):
    """One row of `git log --raw`: the change of a file."""

    mode: str
    old: str
    new: str
    status: str
    path: str


_Commit = tuple[str, str, list[_RawChange]]


def mine(
    repository: Path,
    name: str,
    *,
    most_commits: int | None = None,
    since: str | None = None,
    until: str = "HEAD",
    wanted: Collection[str] = LANGUAGES,
    dropped: Dropped | None = None,
    shuffled: random.Random | None = None,
) -> Iterator[Pair]:
    """The changed files in a repository's commits, newest first. Counts in `dropped` what is skipped, by reason.

    With `shuffled` the order is random, so that a few commits represent all times. Skips merges, renames, sweeping
    commits, and generated, binary or huge files.
    """
    dropped = Dropped() if dropped is None else dropped
    chosen = [*([f"-{most_commits}"] if most_commits else []), *([f"--since={since}"] if since else []), until]
    if merges := int(git(repository, "rev-list", "--count", "--merges", *chosen)):
        dropped["merge commit"] += merges
    shown = ("--no-merges", "--raw", "--no-abbrev", "--find-renames", "--format=%x00%H%x09%s")
    with open_blobs(repository) as blobs, closing(log_lines(repository, *shown, *chosen)) as lines:
        for commit, subject, changed in _ordered(_commits(lines), shuffled):
            if len(changed) > _SWEEPING:
                dropped["file of a sweeping commit"] += len(changed)
                continue
            for change in changed:
                if languages.detect(change.path, "") not in wanted:
                    continue
                sides = _sides(blobs, change)
                if isinstance(sides, str):
                    dropped[sides] += 1
                else:
                    yield Pair(name, change.path, *sides, subject, commit)


def _ordered(commits: Iterator[_Commit], shuffled: random.Random | None) -> Iterator[_Commit]:
    """The commits in the given order, or in random order."""
    if shuffled is None:
        yield from commits
        return
    every = list(commits)
    shuffled.shuffle(every)
    yield from every


def _commits(lines: Iterator[str]) -> Iterator[_Commit]:
    """Parse commits: id, subject and changes."""
    commit = subject = ""
    changed: list[_RawChange] = []
    for line in lines:
        if line.startswith("\0"):
            if changed:
                yield commit, subject, changed
            commit, _, subject = line[1:].partition("\t")
            changed = []
        elif line.startswith(":"):
            meta, _, path = line[1:].partition("\t")
            _, mode, old, new, status = meta.split()
            changed.append(_RawChange(mode, old, new, status, path.rpartition("\t")[2]))
    if changed:
        yield commit, subject, changed


def _sides(blobs: Blobs, change: _RawChange) -> tuple[str, str] | str:
    """Both texts, or the reason why there are none."""
    if change.status[0] in "RC":
        return "renamed file"
    if change.status != "M" or not change.mode.startswith("100"):
        return "file added, deleted, or no plain one"
    if unwanted_path(change.path):
        return "vendored, built or generated, by its path"
    data = [blobs.get(object_id, MOST_BYTES) for object_id in (change.old, change.new)]
    if any(side is None for side in data):
        return "huge file"
    old, new = map(plain_text, data)
    if old is None or new is None:
        return "binary, or not UTF-8"
    return old, new


def releases(before: Path, after: Path, name: str) -> Iterator[Pair]:
    """The files that differ between two unpacked releases of a package, in order of their paths."""
    for path in sorted(before.rglob("*")):
        relative = path.relative_to(before).as_posix()
        other = after / relative
        if not path.is_file() or not other.is_file() or unwanted_path(relative):
            continue
        if languages.detect(relative, "") not in LANGUAGES:
            continue
        old, new = plain_text(path.read_bytes()), plain_text(other.read_bytes())
        if old is not None and new is not None and old != new:
            yield Pair(name, relative, old, new)


def problem(pair: Pair, limits: EditLimits) -> str:
    """Why a pair is not usable (beyond the limits, broken, generated or reserved), or ""."""
    language = pair.language
    most = max(side.count("\n") for side in (pair.original, pair.expected))
    if is_reserved(pair.source):
        return "reserved source"
    if language is None or not limits.least_lines <= most <= limits.most_lines:
        return "file too short" if most < limits.least_lines else "file too long"
    if reason := text_problem(pair.original) or text_problem(pair.expected):
        return reason
    found = changes(pair.original.splitlines(), pair.expected.splitlines())
    touched = sum(max(c.old_end - c.old_start, c.new_end - c.new_start) for c in found)
    if not found:
        return "no change of a line"
    if len(found) > limits.most_changes or touched > limits.most_share * most:
        return "too much changed"
    if limits.parsed and not (parses(pair.original, language) and parses(pair.expected, language)):
        return "syntax error on one side"
    return "copy of a reserved source" if is_copy(pair.original) else ""


def usable(pair: Pair, limits: EditLimits) -> bool:
    """Whether a pair has no problem."""
    return not problem(pair, limits)


def real_task(pair: Pair, rng: random.Random, identity: str) -> Task | None:
    """The task of a usable pair, or None if no snippet of the drawn style is clear."""
    language = pair.language or ""
    update = write_snippet(pair.original, pair.expected, language, rng)
    if update is None:
        return None
    instruction = instruction_of(pair.subject) if rng.random() < INSTRUCTION else ""
    return Task(identity, language, pair.original, update, pair.expected, instruction, f"{pair.source}/{pair.path}")


def sent_task(pair: Pair, rng: random.Random, identity: str) -> Task | None:
    """Like `real_task`, but in the forms in which models and agents send edits. The id ends with `#` and the style."""
    subject = instruction_of(pair.subject)
    sent = write_sent(pair.original, pair.expected, pair.language or "", pair.path, rng, subject)
    if sent is None:
        return None
    instruction = subject if rng.random() < ASKED else ""
    path = f"{pair.source}/{pair.path}"
    name = f"{identity}#{sent.style}"
    return Task(name, pair.language or "", pair.original, sent.update, sent.expected, instruction, path)


def instruction_of(subject: str) -> str:
    """A commit's subject as an instruction, or "" if it says nothing about the edit."""
    text = _PREFIX.sub("", _SUBJECT_END.sub("", subject)).strip()
    if _PLAIN_SUBJECT.match(text) or not 10 <= len(text) <= 100:
        return ""
    return text[0].upper() + text[1:]
