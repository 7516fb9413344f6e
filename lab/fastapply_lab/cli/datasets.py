"""`fastapply data mine`, `build` and `written` on a terminal: a progress bar, an optional teacher, and a report."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fastapply.backends.server_api import ServerApi
from fastapply.cli.preview import make_console
from fastapply.config import EMBEDDED_MODEL, Settings, load_settings
from fastapply.engine.weights import embedded_folder
from fastapply.errors import UsageError
from fastapply.program import INTERRUPTED
from fastapply_lab.data.build import WRITERS, build
from fastapply_lab.data.census import Census
from fastapply_lab.data.choices import all_readings, write_readings
from fastapply_lab.data.history import EditLimits, Pair
from fastapply_lab.data.history import mine as mine_commits
from fastapply_lab.data.mining import SENT, first, mined_tasks, open_repository, release_pairs
from fastapply_lab.data.sources import LANGUAGES
from fastapply_lab.data.tasks import write_tasks
from fastapply_lab.data.teacher import Teacher
from fastapply_lab.data.written import (
    expand_task,
    find_repositories,
    folded_task,
    quoted_lines,
    read_original,
    read_written,
    write_written,
)
from fastapply_lab.tasks import Task, read_tasks

Item = TypeVar("Item")


class TeacherServer(NamedTuple):
    """The options about a teacher. `price`: for a million tokens read, and for a million written."""

    url: str
    model: str
    price: tuple[float, float] | None
    token_file: Path | None
    concurrency: int


class Mined(NamedTuple):
    """What to mine: a repository, or two releases (name, older, newer) of a package of registry `kind`."""

    repository: Path | None
    releases: tuple[str, str, str] | None
    kind: str
    name: str | None
    since: str | None
    languages: list[str] | None
    most_lines: int
    seed: int
    any_licence: bool
    styles: str = "snippets"  # the form of the updates: a key of `WRITERS`
    shuffled: bool = False  # take commits in random order


def mine(what: Mined, out: Path, limit: int | None, packages: Path | None, asked: TeacherServer | None) -> int:
    """Write a task file and report how many tasks it has and what was left out. Returns the exit status.

    Ctrl-C leaves a complete file with the tasks so far.
    """
    console, dropped = make_console(sys.stderr), Counter[str]()
    name, pairs = _pairs(what, packages or default_packages(), dropped)
    teacher = _make_teacher(asked)
    limits = replace(EditLimits() if what.styles == "snippets" else SENT, most_lines=what.most_lines)
    tasks = mined_tasks(pairs, limits, what.seed, dropped, WRITERS[what.styles])
    tasks = first(teacher.rewrite(tasks) if teacher else tasks, limit)
    census = Census([name])
    status = 0
    try:
        write_tasks(census.passing(_bar(console, tasks, "mining", limit)), out, keep_interrupted=True)
    except KeyboardInterrupt:
        console.print("interrupted; what was found so far is kept")
        status = INTERRUPTED
    report = census.report()
    console.print(f"{out}: {census.tasks} tasks ({_listed(report['languages'])})")
    _say(console, dropped, teacher, asked)
    if status and teacher:
        os._exit(status)  # do not wait for the answers to requests that are still running
    return status


def write_expanded(recipe: Path, out: Path, roots: list[Path], *, any_licence: bool, folding: bool) -> int:
    """Write the tasks of a recipe of written tasks and report on them. Returns the exit status.

    `folding`: first replace runs of lines that the recipe quotes from files by references, in the recipe itself.
    """
    console, written = make_console(sys.stderr), read_written(recipe)
    places = find_repositories(written, roots, any_licence=any_licence)
    originals = {task.id: read_original(task, places[task.repo]) for task in written}
    quoted = sum(quoted_lines(task, originals[task.id]) for task in written)
    if folding and quoted:
        written = [folded_task(task, originals[task.id]) for task in written]
        write_written(written, recipe)
        console.print(f"{recipe}: {quoted} quoted lines are references now")
    elif quoted:
        console.print(f"{recipe} quotes {quoted} lines of the files in runs; --fold makes references of them")
    census = Census(list(places))
    write_tasks(census.passing(expand_task(task, originals[task.id]) for task in written), out)
    report = census.report()
    console.print(f"{out}: {census.tasks} tasks of {len(places)} repositories")
    for key in ("clients", "languages", "lines", "hunks"):
        console.print(f"  {key}: {_listed(report[key])}")
    return 0


def write_choices(files: list[Path], out: Path, doubt: float, settings: Settings) -> int:
    """Write a file of readings and report how many there are. Returns the exit status."""
    console = make_console(sys.stderr)
    tasks = [task for file in files for task in read_tasks(file)]
    embedded = settings.model == EMBEDDED_MODEL
    where = embedded_folder(settings.cache_dir, None, progress=console.print) if embedded else Path(settings.model)
    named = settings.template or ("fastapply" if embedded else "chat")
    found = all_readings(tasks, where, named, os.cpu_count() or 1)
    kept = (
        reading
        for several in _bar(console, found, "reading candidates", len(tasks))
        for reading in several
        if reading.doubt > doubt
    )
    count = write_readings(kept, out)
    console.print(f"{out}: {count} choices of {len(tasks)} tasks")
    return 0


def _pairs(what: Mined, packages: Path, dropped: Counter[str]) -> tuple[str, Iterator[Pair]]:
    """The name of the source, and its changes. Raises UsageError."""
    if (what.repository is None) == (what.releases is None):
        raise UsageError("mine what? give the folder of a git repository, or --releases NAME OLD NEW")
    wanted = frozenset(what.languages or LANGUAGES)
    if unknown := wanted - LANGUAGES:
        raise UsageError(f"unknown language {', '.join(sorted(unknown))}; there are: {', '.join(sorted(LANGUAGES))}")
    if what.releases is not None:
        name, old, new = what.releases
        pairs = release_pairs(name, old, new, what.kind, packages, any_licence=what.any_licence)
        return name, (pair for pair in pairs if pair.language in wanted)
    assert what.repository is not None
    name = open_repository(what.repository, what.name, any_licence=what.any_licence)
    shuffled = random.Random(what.seed) if what.shuffled else None
    pairs = mine_commits(what.repository, name, since=what.since, wanted=wanted, dropped=dropped, shuffled=shuffled)
    return name, pairs


def build_tasks(
    recipe: Path, out: Path, roots: list[Path], packages: Path | None, any_licence: bool, asked: TeacherServer | None
) -> int:
    """Build the task files of a recipe and report on them. Returns the exit status."""
    console, teacher = make_console(sys.stderr), _make_teacher(asked)

    def through(tasks: Iterator[Task], name: str, count: int) -> Iterator[Task]:
        return _bar(console, teacher.rewrite(tasks) if teacher else tasks, name, count)

    manifest = build(recipe, out, packages or default_packages(), roots=roots, any_licence=any_licence, through=through)
    for name, report in manifest["files"].items():
        console.print(f"{name}: {report['tasks']} tasks ({_listed(report['languages'])})")
    _say(console, Counter(manifest["dropped"]), teacher, asked)
    console.print(f"written to {out}, with manifest.json")
    return 0


def default_packages() -> Path:
    return load_settings().cache_dir / "packages"


def _make_teacher(asked: TeacherServer | None) -> Teacher | None:
    if asked is None:
        return None
    settings = load_settings(model=asked.model, base_url=asked.url, token_file=asked.token_file)
    return Teacher(ServerApi.of(settings), asked.concurrency)


def _bar(console: Console, items: Iterator[Item], what: str, count: int | None) -> Iterator[Item]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(what, total=count)
        for item in items:
            yield item
            progress.advance(bar)


def _say(console: Console, dropped: Counter[str], teacher: Teacher | None, asked: TeacherServer | None) -> None:
    for reason, count in dropped.most_common():
        if count:
            console.print(f"  left out: {count} × {reason}")
    if teacher is None or asked is None:
        return
    answers, read, written = (teacher.usage[name] for name in ("answers", "prompt_tokens", "completion_tokens"))
    said = f"teacher: {answers} answers, {read} tokens read, {written} written"
    console.print(said + (f", cost {teacher.cost(*asked.price):.2f}" if asked.price else ""))
    for reason, count in teacher.dropped.most_common():
        console.print(f"  teacher's answers left out: {count} × {reason}")


def _listed(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name}" for name, count in ordered) or "none"
