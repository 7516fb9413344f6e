"""The file of weights: no number is dead, and all of them are numbers."""

from __future__ import annotations

import ast
import dataclasses
import json
import math
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest

from fastapply.align import beam, gap_counts, propose, region_counts, regions
from fastapply.applier import make_plan
from fastapply.judge import features, ledger
from fastapply.judge.confidence import Evidence
from fastapply.judge.confidence import features as confidence_features
from fastapply.judge.weights import PROPOSE, SCORE, read_weights
from fastapply.types import ApplyRequest

CASES = Path(__file__).parent.parent / "cases"
MAKING = (beam, gap_counts, propose, region_counts, regions)
CONFIDENCES = ("confidence", "confidence_with_model")

# Edits that show what none of the small cases does.
MORE = [
    ("def f():\n    a()\n\n\ndef g():\n    b()\n", "# ...\n# ... remove g ...\n", "python", ""),
    (
        "def f(xs):\n    for x in xs:\n        a(x)\n    b()\n    c()\n",
        "    for x in xs:\n        d(x)\n    c()\n",
        "python",
        "",
    ),
]

# Small cases with rare features. They come first, so that few others have to be aligned.
TELLING = frozenset(
    {
        "kind02-kotlin-after-oneliner",
        "kind05-python-exact-beside-renamed-local",
        "kind06-python-helper-then-imports",
        "kind07-html-slashes",
        "kind12-yaml-step-in-list",
        "fresh01-yaml-service-append",
        "fresh23-rust-no-changes-here",
        "later27-python-new-body",
    }
)


class Seen(NamedTuple):
    """Features: those that the making of a candidate shows, and all."""

    made: frozenset[str]
    every: frozenset[str]


@cache
def requests() -> list[ApplyRequest]:
    files = ("kinds.jsonl", "fresh_kinds.jsonl", "later_kinds.jsonl")
    rows = [json.loads(line) for name in files for line in (CASES / name).read_text("utf-8").splitlines()]
    rows.sort(key=lambda row: row["id"] not in TELLING)
    cases = [(row["original"], row["update"], row["language"], row.get("instruction", "")) for row in rows]
    return [
        ApplyRequest(original, update, instruction, language=language)
        for original, update, language, instruction in [*MORE, *cases]
    ]


@cache
def seen_in(number: int) -> Seen:
    """The features of the candidates of one small case."""
    candidates = make_plan(requests()[number]).candidates
    every = frozenset(name for found in candidates for name in found.features)
    return Seen(frozenset(name for found in candidates for name in found.features.keys() - found.of_text), every)


def not_seen(names: Iterable[str], kind: str, most: int | None = None) -> set[str]:
    """Those of `names` that none of the first `most` small cases has. They are only tried until each name has one."""
    left = set(names)
    for number in range(len(requests()[:most])):
        if not left:
            break
        left -= getattr(seen_in(number), kind)
    return left


@cache
def names_of(*modules: ModuleType) -> re.Pattern[str]:
    """Names that these modules may write down, whether or not one of the cases has them: some are put together, so a
    name is one of the words that stand in the code, or several of them."""
    trees = [ast.parse(Path(str(module.__file__)).read_text("utf-8")) for module in modules]
    found = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    words = {word for word in found if isinstance(word, str) and re.fullmatch(r"\w+", word)}
    return re.compile(f"(?:{'|'.join(sorted(words))})+")


def dead(weights: Iterable[str], kind: str, names: re.Pattern[str], most: int | None = None) -> list[str]:
    """The weights of what nothing counts, sorted."""
    return sorted(not_seen((name for name in weights if not names.fullmatch(name)), kind, most))


@pytest.mark.parametrize("expert", range(len(PROPOSE)))
def test_every_weight_of_the_search_is_of_something_that_it_counts(expert: int) -> None:
    assert dead(PROPOSE[expert], "made", names_of(*MAKING)) == []


def test_every_weight_of_the_score_is_of_a_feature() -> None:
    assert dead(SCORE.names, "every", names_of(*MAKING, features, ledger)) == []


def test_a_weight_of_what_nothing_counts_is_found() -> None:
    wrong = ["goneness", "inserted_often", "kept"]
    assert dead(["inserted", "put_last", *wrong], "made", names_of(*MAKING), most=5) == wrong


@pytest.mark.parametrize("name", CONFIDENCES)
def test_every_weight_of_the_confidence_is_of_something_that_it_looks_at(name: str) -> None:
    evidence = Evidence(frozenset(), behind=(1.0,), margin=1.0, agrees=True, exact=False)
    shown = read_weights()[name]["weights"].keys() - confidence_features(evidence).keys()
    assert dead((weight.removeprefix("shows_") for weight in shown), "every", names_of(*MAKING, features, ledger)) == []
    known = dataclasses.replace(evidence, features=dict.fromkeys((w.removeprefix("shows_") for w in shown), 1.0))
    assert shown <= confidence_features(known).keys()


def test_the_file_has_these_parts_and_finite_numbers_only() -> None:
    found = read_weights()
    assert found.keys() == {"propose", "score", "fusion", *CONFIDENCES}
    assert found["propose"]
    for numbers in (*found["propose"], *(found[name]["weights"] for name in CONFIDENCES)):
        assert numbers
        assert all(math.isfinite(value) for value in numbers.values())
    assert 0.5 <= found["confidence"]["review_below"] <= 1.0


def test_the_network_is_of_one_size_and_finite_and_no_unit_of_it_idles() -> None:
    size, hidden = len(SCORE.names), len(SCORE.outer)
    assert len(set(SCORE.names)) == size
    shapes = [part.shape for part in (SCORE.linear, SCORE.inner, SCORE.bias, SCORE.outer)]
    assert shapes == [(size,), (hidden, size), (hidden,), (hidden,)]
    assert all(np.isfinite(part).all() for part in (SCORE.linear, SCORE.inner, SCORE.bias, SCORE.outer))
    assert np.abs(SCORE.outer).min() > 0
    assert np.abs(SCORE.inner).max(axis=0).min() > 0


def test_the_file_reads_as_calibrate_writes_it() -> None:
    """Sorted and in one form, so that a new fit shows what it changed."""
    found = read_weights()
    path = Path(__file__).parents[2] / "fastapply/judge/weights.json"
    assert path.read_text() == json.dumps(found, sort_keys=True) + "\n"


@pytest.mark.parametrize("name", ["errors", "unbalanced", "lost", "doubled", "dangling"])
def test_the_plainest_signs_of_trouble_speak_against_a_candidate(name: str) -> None:
    plain = {"inserted": 1.0, "hunks": math.log1p(1)}
    assert SCORE({**plain, name: math.log1p(2)}) < SCORE(plain)
