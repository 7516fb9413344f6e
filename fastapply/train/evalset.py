"""Held-back task files, rebuilt from pinned packages that no training source shares.

A recipe names packages, each for development or for the test, and pairs of releases. The development half may be
looked at while building; the test half is only ever counted.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapply.errors import UsageError
from fastapply.train.dataset import Pool, draw_tasks
from fastapply.train.history import Limits, Pair, real_task, releases, usable
from fastapply.train.packages import fetch_package
from fastapply.train.sources import Source, SourceFile, folder_files, read_recipe
from fastapply.train.tasks import write_tasks
from fastapply.types import Task

_SPLITS = ("dev", "test")


def build_evaluation(recipe: Path, cache: Path, out: Path) -> dict[str, int]:
    """Writes `eval_<set>_<split>.jsonl` for every set of the recipe; returns the number of tasks of each file.

    Packages are fetched into `cache` where they are not there yet. The same recipe gives the same bytes.
    Raises: UsageError where a package cannot be had or the packages do not give as many tasks as the recipe asks for.
    """
    sources, settings = read_recipe(recipe)
    counts = {}
    for split in _SPLITS:
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
    yield from draw_tasks(pool, options["tasks"], rng, prefix=prefix, weights=weights)


def _files(sources: list[Source], cache: Path) -> Iterator[SourceFile]:
    for source in sources:
        yield from folder_files(fetch_package(source.kind, source.name, source.version, cache), source)


def _real(
    rows: list[dict[str, Any]], options: dict[str, Any], cache: Path, rng: random.Random, prefix: str
) -> Iterator[Task]:
    """Edits between releases, no more than `ceiling` of one package in one language, in an order drawn by `rng`."""
    limits = Limits(options["least_lines"], options["most_lines"], options["most_changes"])
    pairs: list[Pair] = []
    for row in rows:
        before, after = (fetch_package(row["kind"], row["name"], row[side], cache) for side in ("before", "after"))
        pairs += [pair for pair in releases(before, after, row["name"]) if usable(pair, limits)]
    rng.shuffle(pairs)
    taken: Counter[tuple[str, str]] = Counter()
    made = 0
    for pair in pairs:
        key = (pair.source, pair.path.rpartition(".")[2])
        if made == options["tasks"] or taken[key] >= options["ceiling"]:
            continue
        task = real_task(pair, rng, f"{prefix}-{made:03d}")
        if task is not None:
            taken[key] += 1
            made += 1
            yield task


def packages_of(recipe: Path) -> list[tuple[str, str]]:
    """(kind, name) of every package that a recipe names, releases included: what training must never use."""
    data = tomllib.loads(recipe.read_text())
    return sorted({(row["kind"], row["name"]) for row in [*data.get("source", []), *data.get("release", [])]})
