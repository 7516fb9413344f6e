"""The evaluation's recipes: what they share with training, and that they give the same bytes again."""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import fastapply_lab.data
from fastapply.errors import UsageError
from fastapply_lab.data.evalset import build_evaluation, packages_of, stratified
from fastapply_lab.data.filters import is_reserved
from fastapply_lab.tasks import Task, read_tasks

RECIPES = Path(fastapply_lab.data.__file__).parent / "recipes"
EVALUATION = sorted(RECIPES.glob("eval_*.toml"))
TRAINING = sorted(path for path in RECIPES.glob("train_*.toml"))


def bare(name: str) -> str:
    """A repository's or package's own name, however an owner or a registry writes it."""
    return re.sub(r"[-_.]", "", name.lower().rpartition("/")[2])


@pytest.mark.parametrize("recipe", EVALUATION, ids=lambda path: path.name)
def test_no_package_is_trained_on_or_reserved_or_on_both_sides(recipe):
    assert TRAINING
    packages = packages_of(recipe)
    trained = {
        bare(source["name"]) for path in TRAINING for source in tomllib.loads(path.read_text()).get("source", [])
    }
    assert not {bare(name) for _, name in packages} & trained
    assert not [name for _, name in packages if is_reserved(name)]
    data = tomllib.loads(recipe.read_text())
    rows = [*data["source"], *data["release"]]
    halves = {split: {row["name"] for row in rows if row["split"] == split} for split in ("dev", "test")}
    assert not halves["dev"] & halves["test"]


def test_the_450_are_450_and_one_in_five_is_real():
    sets = tomllib.loads((RECIPES / "eval_450.toml").read_text())["set"]
    assert (sets["made"]["tasks"], sets["real"]["tasks"]) == (360, 90)
    assert max(sets["made"]["lengths"]) == sets["made"]["most_lines"] == sets["real"]["most_lines"] == 400


def module(number: int, functions: int, back: int = 1) -> str:
    return "".join(
        f"def part_{number}_{k}(value, other_{k}):\n    total_{k} = value * {number + k * back}\n"
        f"    for item in range({k + 3}):\n        total_{k} += item + other_{k}\n    return total_{k}\n\n\n"
        for k in range(functions)
    )


def packages(root: Path) -> Path:
    """Two packages of each half, as fetched, and a later release of each with one function changed."""
    for name, version, back in (("one", "1", 1), ("one", "2", 9), ("two", "1", 1), ("two", "2", 9)):
        folder = root / "pypi" / f"{name}-{version}"
        folder.mkdir(parents=True)
        for number in range(12):
            text = module(number + 50 * (name == "two"), 4 + number)
            folder.joinpath(f"m{number}.py").write_text(text.replace("range(3)", f"range({back + 20})"))
    return root


RECIPE = """
seed = 3
together = "all"
[set.made]
tasks = 8
most_lines = 200
least_lines = 6
ceiling = 40
lengths = [60, 200]
hunks = [1, 200]
[set.real]
tasks = 2
most_lines = 200
least_lines = 6
most_changes = 4
ceiling = 9
[weights]
python = 1
""" + "".join(
    f'[[source]]\nkind = "pypi"\nname = "{name}"\nversion = "1"\nsplit = "{split}"\n'
    f'[[release]]\nkind = "pypi"\nname = "{name}"\nbefore = "1"\nafter = "2"\nsplit = "{split}"\n'
    for name, split in (("one", "dev"), ("two", "test"))
)


def test_the_same_recipe_gives_the_same_bytes_and_all_sets_stand_in_one_file(tmp_path):
    recipe, cache = tmp_path / "r.toml", packages(tmp_path / "packages")
    recipe.write_text(RECIPE)
    for out in ("a", "b"):
        counts = build_evaluation(recipe, cache, tmp_path / out)
        assert counts["eval_all_test"] == counts["eval_all_dev"] == 10
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(names) == 6
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    tasks = {split: list(read_tasks(tmp_path / "a" / f"eval_all_{split}.jsonl")) for split in ("dev", "test")}
    assert all((task.path or "").startswith("one/") for task in tasks["dev"])
    assert all((task.path or "").startswith("two/") for task in tasks["test"])
    assert len({task.id for task in tasks["test"]}) == 10


def test_too_few_tasks_are_an_error(tmp_path):
    recipe, cache = tmp_path / "r.toml", packages(tmp_path / "packages")
    recipe.write_text(RECIPE.replace("tasks = 2\n", "tasks = 200\n"))
    with pytest.raises(UsageError, match="200 are asked for"):
        build_evaluation(recipe, cache, tmp_path / "out")


def test_every_class_gets_its_share():
    rng = random.Random(1)

    def drawn():
        while True:
            lines = [f"line {k}" for k in range(rng.choice([10, 10, 10, 100]))]
            changed = list(lines)
            for k in range(rng.choice([1, 1, 2])):
                changed[4 * k] = f"new {k}"
            yield Task("x", "python", "\n".join(lines) + "\n", "u", "\n".join(changed) + "\n")

    tasks = list(stratified(drawn(), 40, [50, 200], [1, 9], "p"))
    classes = Counter((len(t.original.splitlines()), "new 1" in t.expected) for t in tasks)
    assert set(classes.values()) == {10}
    assert len(classes) == 4
    assert [tasks[0].id, tasks[-1].id] == ["p-000", "p-039"]
