"""Make tasks from real changes, with filters on single changes, on repetitions, and on the mix.

What is left out is counted by reason. Each task has its own random generator, so limits do not affect other tasks.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from fastapply.errors import UsageError
from fastapply_lab.data.compare import changes
from fastapply_lab.data.duplicates import Seen
from fastapply_lab.data.filters import is_reserved
from fastapply_lab.data.history import EditLimits, Pair, problem, real_task, releases
from fastapply_lab.data.licences import folder_licence, git_licence, permissive
from fastapply_lab.data.packages import fetch_package
from fastapply_lab.data.repository import check_repository, name_of
from fastapply_lab.data.reserved import is_fork
from fastapply_lab.data.sources import Dropped
from fastapply_lab.tasks import Task

TaskWriter = Callable[[Pair, random.Random, str], Task | None]
SENT = EditLimits(least_lines=20, most_lines=600, most_changes=6, parsed=False)
_SMALL = 20  # lines
_OF_SMALL = 0.3  # the share to keep of small files, and of changes of white space only
_OF_LAYOUT = 0.2
_OF_ONE_FILE = 8  # the most tasks from one file


def mined_tasks(
    pairs: Iterable[Pair], limits: EditLimits, seed: int, dropped: Dropped, write: TaskWriter = real_task
) -> Iterator[Task]:
    """The tasks of the usable pairs, in order. Counts in `dropped` what is left out, by reason.

    `write` makes the task of a pair, for example `real_task`, or `sent_task` for all forms in which edits are sent.
    """
    seen, taken = Seen(0.8), Counter[tuple[str, str]]()
    for pair in pairs:
        identity = f"{pair.source}{'@' if pair.commit else ''}{pair.commit[:10]}:{pair.path}"
        rng = random.Random(f"{seed}-{identity}")
        reason = problem(pair, limits) or _too_common(pair, rng)
        if not reason and taken[pair.source, pair.path] >= _OF_ONE_FILE:
            reason = "enough of one file"
        if not reason and not seen.add(_difference(pair)):
            reason = "the same change as before"
        task = None if reason else write(pair, rng, identity)
        if task is None:
            dropped[reason or "no snippet tells what is meant"] += 1
            continue
        taken[pair.source, pair.path] += 1
        yield task


def _too_common(pair: Pair, rng: random.Random) -> str:
    """The reason to drop a pair of an over-represented kind, or ""."""
    if max(side.count("\n") for side in (pair.original, pair.expected)) < _SMALL and rng.random() >= _OF_SMALL:
        return "small file, of which few stay"
    if _bare(pair.original) == _bare(pair.expected) and rng.random() >= _OF_LAYOUT:
        return "change of layout alone, of which few stay"
    return ""


def _bare(text: str) -> str:
    return re.sub(r"\s+|,(?=\s*[)\]}])", "", text)


def _difference(pair: Pair) -> str:
    """The removed and added lines, which are the same for a backport, or for one fix in several files."""
    old, new = pair.original.splitlines(), pair.expected.splitlines()
    found = changes(old, new)
    parts = [[*old[c.old_start : c.old_end], "=>", *new[c.new_start : c.new_end]] for c in found]
    return "\n".join(line.strip() for part in parts for line in part)


def open_repository(repository: Path, name: str | None, *, any_licence: bool) -> str:
    """Check that a repository may be mined, and return its name.

    Raises UsageError if the folder is not a repository, is reserved or a fork, or is not under a permissive licence.
    """
    check_repository(repository)
    name = name or name_of(repository)
    if is_reserved(name) or is_fork(repository):
        raise UsageError(f"{name} is reserved for the final evaluation, or a fork of what is: mine another repository")
    _check_licence(name, git_licence(repository), any_licence)
    return name


def release_pairs(
    name: str, before: str, after: str, kind: str, cache: Path, *, any_licence: bool = False
) -> Iterator[Pair]:
    """The changed files between two releases of a package. Missing releases are fetched into `cache`.

    Raises UsageError if the package is reserved, not available, or not under a permissive licence.
    """
    old, new = (fetch_package(kind, name, version, cache) for version in (before, after))
    _check_licence(name, folder_licence(new, kind, name), any_licence)
    return releases(old, new, name)


def _check_licence(name: str, licence: str, any_licence: bool) -> None:
    if not any_licence and not permissive(licence):
        found = f"its licence is {licence}" if licence else "no licence was found"
        raise UsageError(f"{name}: {found}, and only permissive ones are taken; --any-licence takes it all the same")


def first(tasks: Iterator[Task], limit: int | None) -> Iterator[Task]:
    """The first `limit` tasks, or all if it is None."""
    return tasks if limit is None else islice(tasks, limit)
