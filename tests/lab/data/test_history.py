"""Real edits: from a repository's commits, and from two releases of a package."""

from __future__ import annotations

import random
from pathlib import Path

from repositories import MODULE, repository

from fastapply_lab.data.history import EditLimits, Pair, mine, real_task, releases, usable

LIMITS = EditLimits(least_lines=5)


def test_commits_give_both_sides_and_the_subject(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": MODULE})
    changed = MODULE.replace("value * 3", "value ** 3")
    repository(tmp_path, {"a.py": changed, "vendor/b.py": "x = 1\n"})
    [pair] = mine(tmp_path, "someone/thing", most_commits=10)
    assert (pair.original, pair.expected) == (MODULE, changed)
    assert usable(pair, LIMITS)
    tasks = [real_task(pair, random.Random(seed), "t") for seed in range(12)]
    assert all(task and "value ** 3" in task.update for task in tasks)
    assert {task.instruction for task in tasks if task} == {"", "Change what `part_3` gives"}


def test_releases_are_compared_file_by_file(tmp_path: Path) -> None:
    for version, text in (("1", MODULE), ("2", MODULE.replace("+ other", "- other", 2))):
        (tmp_path / version / "pkg").mkdir(parents=True)
        (tmp_path / version / "pkg" / "a.py").write_text(text)
        (tmp_path / version / "pkg" / "same.py").write_text(MODULE)
    [pair] = releases(tmp_path / "1", tmp_path / "2", "pkg")
    assert pair.path == "pkg/a.py"
    assert usable(pair, LIMITS)


def test_what_is_not_usable() -> None:
    other = MODULE.replace("value * 3", "value ** 3")
    assert usable(Pair("a/b", "a.py", MODULE, other), LIMITS)
    assert not usable(Pair("fork/click", "a.py", MODULE, other), LIMITS)
    assert not usable(Pair("a/b", "a.py", MODULE, other), EditLimits(most_lines=10))
    assert not usable(Pair("a/b", "a.py", MODULE, MODULE.replace("value *", "value **")), LIMITS)  # nine changes
    assert not usable(Pair("a/b", "a.py", MODULE, other.replace("(value, other):", "(value, other:", 1)), LIMITS)
    assert not usable(Pair("a/b", "a.py", MODULE, MODULE), LIMITS)
