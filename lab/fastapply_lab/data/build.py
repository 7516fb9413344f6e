"""`fastapply data build`: make task files from a recipe, and a manifest of what they contain and what was left out.

The same recipe, sources and version of this program give the same bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fastapply import __version__
from fastapply.engine.weights import sha256
from fastapply.errors import UsageError
from fastapply_lab.data.census import Census
from fastapply_lab.data.dataset import LANGUAGE_WEIGHTS, Pool, draw_tasks
from fastapply_lab.data.duplicates import Seen
from fastapply_lab.data.history import EditLimits, Pair, mine, real_task, sent_task
from fastapply_lab.data.licences import folder_licence, git_licence, permissive
from fastapply_lab.data.mining import SENT, TaskWriter, mined_tasks, release_pairs
from fastapply_lab.data.packages import fetch_package
from fastapply_lab.data.recipe import Release, Source, read_recipe
from fastapply_lab.data.repository import check_repository
from fastapply_lab.data.reserved import is_fork
from fastapply_lab.data.siblings import sibling_task
from fastapply_lab.data.sources import CorpusFile, Dropped, folder_files, git_files, place_of
from fastapply_lab.data.tasks import write_tasks
from fastapply_lab.tasks import Task

SPLITS = ("valid", "train")
WRITERS: dict[str, TaskWriter] = {"snippets": real_task, "sent": sent_task, "siblings": sibling_task}
Pass = Callable[[Iterator[Task], str, int], Iterator[Task]]  # takes tasks, the file's name, the expected number


@dataclass(frozen=True, slots=True)
class Placed:
    """A source with its folder and its licence ("" if unknown)."""

    source: Source
    folder: Path
    licence: str


def build(
    recipe: Path,
    out: Path,
    cache: Path,
    *,
    roots: Iterable[Path] = (),
    any_licence: bool = False,
    through: Pass = lambda tasks, _name, _count: tasks,
) -> dict[str, Any]:
    """Write `train.jsonl`, `valid.jsonl` and `manifest.json` into `out`. Returns the manifest.

    Args:
        cache: folder for packages; missing ones are fetched.
        roots: folders with repositories (ROOT/owner/name) and packages (ROOT/name).
        through: applied to the tasks on their way to the file: a progress bar, a teacher.
    Raises:
        UsageError: the recipe is wrong, or a source is reserved or not available.
    """
    sources, settings = read_recipe(recipe)
    if missing := {"seed", "most_lines", *(f"{split}_tasks" for split in SPLITS)} - set(settings):
        raise UsageError(f"{recipe}: the recipe does not say {', '.join(sorted(missing))}")
    places, dropped = list(roots), Dropped()
    placed = [_placed(source, places, cache) for source in sources]
    kept = [each for each in placed if any_licence or permissive(each.licence)]
    dropped["source whose licence is not permissive, or unknown"] += len(placed) - len(kept)
    files, seen = {}, Seen()
    for split in SPLITS:
        inside = [each for each in kept if each.source.split == split]
        releases = [row for row in (Release(**row) for row in settings.get("release", [])) if row.split == split]
        tasks = _tasks(split, inside, releases, settings, cache, seen, dropped, any_licence)
        census = Census([*(source.name for source in sources), *(row.name for row in releases)])
        place = out / f"{split}.jsonl"
        write_tasks(census.passing(through(tasks, place.name, settings[f"{split}_tasks"])), place)
        files[place.name] = {"sha256": sha256(place), **census.report()}
    manifest = {
        "recipe": recipe.name,
        "recipe_sha256": sha256(recipe),
        "fastapply": __version__,
        "seed": settings["seed"],
        "files": files,
        "dropped": dict(sorted((reason, count) for reason, count in dropped.items() if count)),
        "sources": [{**asdict(each.source), "licence": each.licence, "used": each in kept} for each in placed],
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest


def _placed(source: Source, roots: list[Path], cache: Path) -> Placed:
    place = place_of(source, roots)
    if source.kind == "git":
        if place is None:
            raise UsageError(f"{source.name}: clone it below a folder, as {source.name}, and give that as --root")
        check_repository(place)
        if is_fork(place):
            raise UsageError(f"{source.name} is a fork of what is reserved for the final evaluation")
        return Placed(source, place, git_licence(place, source.version or "HEAD"))
    if place is None:
        place = fetch_package(source.kind, source.name, source.version, cache)
        return Placed(source, place, folder_licence(place, source.kind, source.name))
    return Placed(source, place, folder_licence(place.parent, source.kind, source.name))


def _tasks(
    split: str,
    sources: list[Placed],
    releases: list[Release],
    settings: dict[str, Any],
    cache: Path,
    seen: Seen,
    dropped: Dropped,
    any_licence: bool,
) -> Iterator[Task]:
    """The tasks of one side of the split in random order: real changes up to their share, and made edits."""
    rng = random.Random(f"{settings['seed']}-{split}")
    count = settings[f"{split}_tasks"]
    shuffled = settings.get("real_shuffle", False)
    changed = [_history(each, dropped, rng if shuffled else None) for each in sources if each.source.history]
    changed += [
        release_pairs(row.name, row.before, row.after, row.kind, cache, any_licence=any_licence) for row in releases
    ]
    real = _real(changed, round(settings.get("real_share", 0.2) * count), settings, rng, dropped)
    pool = Pool(settings["most_lines"], settings.get("ceiling", 500))
    if len(real) < count:
        pool.fill(_files(sources, dropped), rng, seen, dropped)
    weights = settings.get("weights", LANGUAGE_WEIGHTS)
    made = draw_tasks(pool, count - len(real), rng, prefix=split, weights=weights)
    for left in range(count, 0, -1):
        task = real.pop() if real and rng.random() < len(real) / left else next(made, None)
        if task is None:
            break
        yield task
    yield from real


def _history(placed: Placed, dropped: Dropped, shuffled: random.Random | None) -> Iterator[Pair]:
    source = placed.source
    until = source.version or "HEAD"
    most = source.history
    return mine(placed.folder, source.name, most_commits=most, until=until, dropped=dropped, shuffled=shuffled)


def _real(
    changed: list[Iterator[Pair]], count: int, settings: dict[str, Any], rng: random.Random, dropped: Dropped
) -> list[Task]:
    """Up to `count` real tasks. A source may give up to twice its share, to make up for sources with few changes."""
    if (styles := settings.get("real_styles", "snippets")) not in WRITERS:
        raise UsageError(f"real_styles = {styles!r}: the recipe may say {', '.join(WRITERS)}")
    longest = settings.get("real_most_lines", max(settings["most_lines"], 200))
    limits = replace(EditLimits() if styles == "snippets" else SENT, most_lines=longest)
    found: list[Task] = []
    for pairs in changed:
        part = 2 * count // len(changed) + 1
        tasks = mined_tasks(pairs, limits, settings["seed"], dropped, WRITERS[styles])
        found += [task for task, _ in zip(tasks, range(part), strict=False)]
    rng.shuffle(found)
    return found[:count]


def _files(sources: list[Placed], dropped: Dropped) -> Iterator[CorpusFile]:
    for each in sources:
        read = git_files if each.source.kind == "git" else folder_files
        yield from read(each.folder, each.source, dropped)
