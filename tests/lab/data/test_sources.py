"""Sources: folders and commits give the same files; recipes are whole, pinned and free of reserved names."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from repositories import MIT, MODULE, repository

import fastapply_lab.data
from fastapply.errors import UsageError
from fastapply_lab.data.build import build
from fastapply_lab.data.dataset import LANGUAGE_WEIGHTS
from fastapply_lab.data.evalset import packages_of
from fastapply_lab.data.filters import is_reserved
from fastapply_lab.data.packages import fetch_package
from fastapply_lab.data.recipe import short_name
from fastapply_lab.data.sources import LANGUAGES, Source, all_files, folder_files, git_files, read_recipe

RECIPES = Path(fastapply_lab.data.__file__).parent / "recipes"

DATA_RECIPES = sorted(path for path in RECIPES.glob("*.toml") if not path.stem.startswith("plain"))  # no sources


def test_folder_and_commit_give_the_same_files(tmp_path: Path) -> None:
    files = {"a.py": MODULE, "web/b.css": "a {\n  b: c;\n}\n", "LICENSE": "text", "dist/c.py": MODULE, "notes.xyz": "x"}
    place = repository(tmp_path, files)
    source = Source("someone/thing")
    found = list(git_files(place, source))
    assert [(file.path, file.language) for file in found] == [("a.py", "python"), ("web/b.css", "css")]
    assert [file for file in folder_files(place, source) if ".git/" not in file.path] == found


def test_headers_of_cpp_are_cpp(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text("namespace n {\nclass A {};\n}\n")
    (tmp_path / "b.h").write_text("int f(int a);\n")
    assert [file.language for file in folder_files(tmp_path, Source("x"))] == ["cpp", "c"]


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="someone/thing"):
        list(all_files([Source("someone/thing")], [tmp_path]))


def test_a_recipe_with_a_reserved_source_is_refused(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[[source]]\nname = "fork/starlette"\n')
    with pytest.raises(UsageError, match="reserved"):
        read_recipe(recipe)
    with pytest.raises(UsageError, match="reserved"):
        fetch_package("pypi", "requests", "2.0", tmp_path)


@pytest.mark.parametrize("recipe", DATA_RECIPES, ids=lambda path: path.stem)
def test_recipes_pin_every_source(recipe: Path) -> None:
    sources, _ = read_recipe(recipe)
    assert len(sources) == len({(source.kind, source.name) for source in sources})
    for source in sources:
        pattern = r"[0-9a-f]{40}$" if source.kind == "git" else r"\d"
        assert re.match(pattern, source.version), source
        assert not is_reserved(source.name)


@pytest.mark.parametrize("held", ["eval_v0", "eval_450"])
@pytest.mark.parametrize("trained", ["train_v0", "train_v1", "train_small"])
def test_evaluation_shares_no_package_with_training(trained: str, held: str) -> None:
    assert not _short_names(trained) & _short_names(held)


def _short_names(recipe: str) -> set[str]:
    return {short_name(name) for _, name in packages_of(RECIPES / f"{recipe}.toml")}


@pytest.mark.parametrize("held", ["eval_v0", "eval_450"])
def test_evaluation_shares_no_package_between_its_halves(held: str) -> None:
    rows = tomllib.loads((RECIPES / f"{held}.toml").read_text())
    halves = {
        split: {r["name"] for r in rows["source"] + rows["release"] if r["split"] == split} for split in ("dev", "test")
    }
    assert not halves["dev"] & halves["test"]
    assert set(rows["weights"]) <= LANGUAGES
    assert set(LANGUAGE_WEIGHTS) <= LANGUAGES


def build_small(recipe: Path, folder: Path, out: Path) -> dict[str, int]:
    manifest = build(recipe, out, folder / "packages", roots=[folder / "roots"])
    return {name.removesuffix(".jsonl"): report["tasks"] for name, report in manifest["files"].items()}


def test_build_is_repeatable_and_splits_by_source(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = MODULE.replace("part", name).replace("value", f"{name}_value").replace("other", f"{name}_other")
        repository(tmp_path / "roots" / "someone" / name, {"a.py": text, "LICENSE": MIT})
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        "most_lines = 60\nseed = 3\ntrain_tasks = 4\nvalid_tasks = 2\n"
        '[[source]]\nname = "someone/one"\n[[source]]\nname = "someone/two"\nsplit = "valid"\n'
    )
    results = []
    for out in (tmp_path / "first", tmp_path / "second"):
        out.mkdir()
        assert build_small(recipe, tmp_path, out) == {"train": 4, "valid": 2}
        results.append([(out / f"{split}.jsonl").read_text() for split in ("train", "valid")])
    assert results[0] == results[1]
    paths = [{json.loads(line)["path"].split("/")[1] for line in text.splitlines()} for text in results[0]]
    assert paths == [{"one"}, {"two"}]
