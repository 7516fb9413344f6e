"""Rebuild held-back task files from pinned packages that are not training sources.

A recipe names packages and pairs of releases, each for development or for the test. Developers may look at the
development half; the test half is only counted.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from fastapply.errors import UsageError
from fastapply_lab.data.compare import changes
from fastapply_lab.data.dataset import Pool, draw_tasks
from fastapply_lab.data.history import EditLimits, Pair, real_task, releases, usable
from fastapply_lab.data.packages import fetch_package
from fastapply_lab.data.sources import CorpusFile, Source, folder_files, read_recipe
from fastapply_lab.data.tasks import write_tasks
from fastapply_lab.tasks import Task

_SPLITS = ("dev", "test")
_DRAWN = 25  # at most this many times the wanted number of tasks are drawn to fill every class


def build_evaluation(recipe: Path, cache: Path, out: Path) -> dict[str, int]:
    """Write `eval_<set>_<split>.jsonl` for every set of the recipe, and one of all sets if it says `together`.

    Returns the number of tasks in each file. Missing packages are fetched into `cache`. The same recipe gives the same
    bytes. Raises UsageError if a package is not available, or if there are fewer tasks than the recipe wants.
    """
    sources, settings = read_recipe(recipe)
    counts = {}
    for split in _SPLITS:
        all_tasks: list[Task] = []
        chosen = [source for source in sources if source.split == split]
        for name, options in sorted(settings["set"].items()):
            rng = random.Random(f"{settings['seed']}-{name}-{split}")
            if name == "real":
                rows = [row for row in settings["release"] if row["split"] == split]
                tasks = list(_real(rows, options, cache, rng, f"{name}-{split}"))
            else:
                tasks = list(_made(chosen, options, settings["weights"], cache, rng, f"{name}-{split}"))
            if len(tasks) < options["tasks"]:
                raise UsageError(f"{recipe}: {name} {split} gave {len(tasks)} tasks, {options['tasks']} are asked for")
            counts[f"eval_{name}_{split}"] = write_tasks(tasks, out / f"eval_{name}_{split}.jsonl")
            all_tasks += tasks
        if together := settings.get("together"):
            counts[f"eval_{together}_{split}"] = write_tasks(all_tasks, out / f"eval_{together}_{split}.jsonl")
    return counts


def _made(
    sources: list[Source],
    options: dict[str, Any],
    weights: dict[str, float],
    cache: Path,
    rng: random.Random,
    prefix: str,
) -> Iterator[Task]:
    pool = Pool(options["most_lines"], options["ceiling"], options["least_lines"])
    pool.fill(_files(sources, cache), rng)
    if "lengths" in options:
        drawn = draw_tasks(pool, _DRAWN * options["tasks"], rng, prefix=prefix, weights=weights)
        yield from stratified(drawn, options["tasks"], options["lengths"], options["hunks"], prefix)
    else:
        yield from draw_tasks(pool, options["tasks"], rng, prefix=prefix, weights=weights)


def stratified(tasks: Iterator[Task], count: int, lengths: list[int], hunks: list[int], prefix: str) -> Iterator[Task]:
    """The first `count` tasks with equally many in each class of length and number of hunks, renumbered.

    A number in `lengths` (lines of the longer side) or `hunks` (changes) is the upper end of a class.
    """
    cells = list(product(lengths, hunks))
    room = {cell: (count + number) // len(cells) for number, cell in enumerate(cells)}
    for task in tasks:
        old, new = task.original.splitlines(), task.expected.splitlines()
        cell = (_class_of(max(len(old), len(new)), lengths), _class_of(len(changes(old, new)), hunks))
        if room.get(cell):
            room[cell] -= 1
            yield replace(task, id=f"{prefix}-{count - sum(room.values()) - 1:03d}")
        if not any(room.values()):
            return


def _class_of(number: int, ends: list[int]) -> int:
    return next((end for end in ends if number <= end), -1)


def _files(sources: list[Source], cache: Path) -> Iterator[CorpusFile]:
    for source in sources:
        yield from folder_files(fetch_package(source.kind, source.name, source.version, cache), source)


def _real(
    rows: list[dict[str, Any]], options: dict[str, Any], cache: Path, rng: random.Random, prefix: str
) -> Iterator[Task]:
    """Edits between releases in random order, at most `ceiling` of one package in one language."""
    limits = EditLimits(options["least_lines"], options["most_lines"], options["most_changes"])
    pairs: list[Pair] = []
    for row in rows:
        before, after = (fetch_package(row["kind"], row["name"], row[side], cache) for side in ("before", "after"))
        pairs += [pair for pair in releases(before, after, row["name"]) if usable(pair, limits)]
    rng.shuffle(pairs)
    taken: Counter[tuple[str, str]] = Counter()
    files: set[tuple[str, str]] = set()
    made = 0
    for pair in pairs:
        key, file = (pair.source, pair.path.rpartition(".")[2]), (pair.source, pair.path)
        if made == options["tasks"] or taken[key] >= options["ceiling"] or file in files:
            continue
        task = real_task(pair, rng, f"{prefix}-{made:03d}")
        if task is not None:
            taken[key] += 1
            files.add(file)
            made += 1
            yield task


def packages_of(recipe: Path) -> list[tuple[str, str]]:
    """(kind, name) of every package and release in a recipe, which training must never use."""
    data = tomllib.loads(recipe.read_text())
    rows = [*data.get("source", []), *data.get("release", [])]
    return sorted({(row.get("kind", "git"), row["name"]) for row in rows})
