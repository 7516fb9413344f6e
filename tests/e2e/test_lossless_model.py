"""The embedded model in the dtype that ships, on real code: every drafter writes what plain decoding writes."""

from __future__ import annotations

import itertools
import random
import sysconfig
from pathlib import Path

import pytest

import fastapply
from fastapply.align.languages import detect
from fastapply.align.merge import merges
from fastapply.backends.local import LocalBackend
from fastapply.bench.methods import METHODS, make_case
from fastapply.config import load_settings
from fastapply.train.cutouts import pieces
from fastapply.train.tasks import make_task
from fastapply.types import Task

pytestmark = pytest.mark.model

CASES = 20
MOST_LINES = 14  # plain decoding is what takes the time
FOLDERS = {  # real code that any set-up has: our own, and that of installed packages
    "python": (Path(fastapply.__file__).parent, "*.py"),
    "cpp": (Path(sysconfig.get_path("purelib")) / "torch/include/ATen", "*.h"),
    "c": (Path(sysconfig.get_path("include")), "*.h"),
}


def real_tasks() -> list[Task]:
    """One short edit from each of many files, the languages in turn."""
    rng = random.Random(7)
    found: dict[str, list[Task]] = {}
    for language, (folder, pattern) in FOLDERS.items():
        found[language] = []
        for path in sorted(folder.rglob(pattern))[:150]:
            for text in pieces(path.read_text(errors="ignore"), language, MOST_LINES, rng, most=1):
                task = make_task(text, language, rng, identity=path.name, path=path.name)
                if task and len(task.expected) < 600:
                    found[language].append(task)
    turns = itertools.zip_longest(*found.values())
    return [task for turn in turns for task in turn if task][:CASES]


@pytest.fixture(scope="module")
def backend() -> LocalBackend:
    return LocalBackend.load(load_settings())


def test_all_drafters_write_the_same_on_twenty_real_cases(backend):
    tasks = real_tasks()
    assert len(tasks) == CASES
    assert len({task.language for task in tasks}) >= 2
    passes = dict.fromkeys(METHODS, 0)
    for number, task in enumerate(tasks):
        assert detect(task.path, task.original)
        merge = merges(task.original, task.update, task.language)[0].text
        case = make_case(task, merge, backend, guided=number % 2 == 0)
        names = ["plain", "original", "two-cursor", "merge", *(["model"] if number < 4 else [])]
        runs = {name: METHODS[name](backend, case) for name in names}
        for name, run in runs.items():
            passes[name] += run.forward_passes
            assert run.tokens == runs["plain"].tokens, (task.id, name)
    assert passes["merge"] * 3 < passes["plain"]  # and the drafts are worth it
