"""`fastapply data written`: tasks that were written by hand, stored as line references and our own text.

A recipe has one task per line: a file of a repository at a commit, the right result as edits of its lines, and the
update as a client's model would send it (docs/data_written.md). The same recipe gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fastapply.align.languages import detect
from fastapply.errors import UsageError
from fastapply_lab.data.filters import is_reserved
from fastapply_lab.data.licences import git_licence, permissive
from fastapply_lab.data.references import expand, fold, quotations
from fastapply_lab.data.repository import check_repository, git
from fastapply_lab.data.reserved import is_copy, is_fork
from fastapply_lab.data.sources import repository_below
from fastapply_lab.tasks import CLIENTS, Task


@dataclass(frozen=True, slots=True)
class Written:
    """One task of a recipe. `update` and the texts of `edits` may contain references to lines of the original.

    An edit is (first, last, text), counted from 1 and inclusive. last = first - 1 inserts before `first`; an empty text
    deletes.
    """

    id: str
    client: str
    repo: str  # "owner/name"
    commit: str
    path: str
    instruction: str
    edits: tuple[tuple[int, int, str], ...]
    update: str


def read_written(recipe: Path) -> list[Written]:
    """The tasks of a recipe. Raises UsageError that names the wrong task."""
    tasks: list[Written] = []
    try:
        rows = [row for row in recipe.read_text("utf-8").split("\n") if row.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the recipe {recipe}: {error}") from None
    for number, row in enumerate(rows, start=1):
        try:
            data = json.loads(row)
            task = Written(**{**data, "edits": tuple((int(a), int(b), str(text)) for a, b, text in data["edits"])})
        except (TypeError, ValueError, KeyError) as error:
            raise UsageError(f"{recipe}, task {number}: not a written task ({error!r})") from None
        if problem := _problem(task, {task.id for task in tasks}):
            raise UsageError(f"{recipe}, task {number} ({task.id}): {problem}")
        tasks.append(task)
    if not tasks:
        raise UsageError(f"{recipe} holds no tasks")
    return tasks


def _problem(task: Written, taken: set[str]) -> str:
    """What is wrong with a task, as far as that shows before its file is read, or ""."""
    if task.id in taken:
        return "another task has this id"
    if task.client not in CLIENTS:
        return f"unknown client `{task.client}`; there are: {', '.join(CLIENTS)}"
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", task.repo):
        return f"`{task.repo}` is not a repository: write owner/name"
    if is_reserved(task.repo):
        return f"{task.repo} is reserved for the final evaluation; take it out of the recipe"
    return "" if re.fullmatch(r"[0-9a-f]{40}", task.commit) else f"`{task.commit}` is not a full commit id"


def find_repositories(tasks: Sequence[Written], roots: Sequence[Path], *, any_licence: bool = False) -> dict[str, Path]:
    """The folders of the tasks' repositories: ROOT/owner/name, bare or not, or ROOT/owner+name/repo.

    Raises UsageError if one is missing, is reserved under another name, or has no permissive licence.
    """
    commits = {task.repo: task.commit for task in tasks}
    found = {name: repository_below(name, roots) for name in sorted(commits)}
    if missing := [name for name, place in found.items() if place is None]:
        root = roots[0] if roots else "ROOT"
        raise UsageError(
            f"{len(missing)} of {len(found)} repositories are missing below {root}: {', '.join(missing)}. Get each: "
            f"git clone https://github.com/{missing[0]} {root}/{missing[0]}"
        )
    places = {name: place for name, place in found.items() if place is not None}
    for name, place in places.items():
        check_repository(place)
        if is_fork(place):
            raise UsageError(f"{name} is a fork of what is reserved for the final evaluation")
        licence = "" if any_licence else _licence(name, place, commits[name])
        if not any_licence and not permissive(licence):
            raise UsageError(f"{name}: its licence is {licence or 'unknown'}, not permissive; --any-licence takes it")
    return places


def _licence(name: str, place: Path, commit: str) -> str:
    try:
        return git_licence(place, commit)
    except UsageError:
        raise _no_such(name, place, commit) from None


def _no_such(what: str, place: Path, commit: str) -> UsageError:
    return UsageError(f"{what} is not in {place} at {commit}. Get it: git -C {place} fetch origin {commit}")


def read_original(task: Written, place: Path) -> str:
    """The file as stored, including line ends and BOM.

    Raises UsageError if it is missing, is not UTF-8, or is a copy of something reserved.
    """
    try:
        text = git(place, "cat-file", "blob", f"{task.commit}:{task.path}").decode()
    except UsageError:
        raise _no_such(f"{task.repo}'s {task.path}", place, task.commit) from None
    except UnicodeDecodeError:
        raise UsageError(f"{task.id}: {task.repo}'s {task.path} is not UTF-8") from None
    if is_copy(text):
        raise UsageError(f"{task.id}: {task.repo}'s {task.path} is a copy of what is reserved for the final evaluation")
    return text


def expand_task(task: Written, original: str) -> Task:
    """The task. Its id names the client, as in `chat/some-name`, and its path the repository: `owner/name/src/a.py`.

    Raises UsageError if edits overlap, are outside the file or change nothing, or if a reference is wrong.
    """
    lines = original.split("\n")
    try:
        expected, update = _edited(task.edits, lines), expand(task.update, lines)
    except UsageError as error:
        raise UsageError(f"{task.id}: {error}") from None
    if expected == original:
        raise UsageError(f"{task.id}: its edits change nothing")
    language, path = detect(task.path, original) or "", f"{task.repo}/{task.path}"
    return Task(f"{task.client}/{task.id}", language, original, update, expected, task.instruction, path)


def _edited(edits: Sequence[tuple[int, int, str]], lines: Sequence[str]) -> str:
    out: list[str] = []
    done = 0  # lines of the original so far
    for first, last, text in edits:
        if first <= done or last < first - 1:
            raise UsageError(f"the edit of lines {first}-{last} overlaps the one before, or ends before it begins")
        if last > len(lines):
            raise UsageError(f"the edit of lines {first}-{last} is outside of the file, which has {len(lines)}")
        out += lines[done : first - 1]
        if text:
            out += expand(text.removesuffix("\n"), lines).split("\n")
        done = last
    return "\n".join([*out, *lines[done:]])


def folded_task(task: Written, original: str) -> Written:
    """The task with references for all runs of quoted lines. It expands to the same bytes."""
    lines = original.split("\n")
    edits = tuple((a, b, text and fold(text.removesuffix("\n"), lines) + "\n") for a, b, text in task.edits)
    folded = replace(task, edits=edits, update=fold(task.update, lines))
    assert expand_task(folded, original) == expand_task(task, original)
    return folded


def quoted_lines(task: Written, original: str) -> int:
    """How many lines of the original the task quotes in runs that could be references."""
    lines, texts = original.split("\n"), [task.update, *(text.removesuffix("\n") for _, _, text in task.edits)]
    return sum(found.length for text in texts for found in quotations(text, lines))


def write_written(tasks: Iterable[Written], recipe: Path) -> None:
    """Write a recipe atomically."""
    part = recipe.with_name(f"{recipe.name}.part")
    rows = (json.dumps(asdict(task), ensure_ascii=False) + "\n" for task in tasks)
    part.write_text("".join(rows), encoding="utf-8", newline="\n")
    part.replace(recipe)
