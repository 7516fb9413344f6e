"""The order of candidates follows the weights, whatever they are."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fastapply.align.propose import Candidate
from fastapply.align.reading import Reading
from fastapply.judge import weights
from fastapply.judge.features import Features
from fastapply.judge.score import rank
from fastapply.judge.weights import Network

FILE = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
UPDATE = "# ...\ndef f():\n    return 3\n# ...\n"
GOOD, LOST = FILE.replace("1", "3"), "def f():\n    return 3\n"


def candidate(text: str, **counts: float) -> Candidate:
    return Candidate(text.removesuffix("\n"), counts, Reading(()))


def network(**linear: float) -> Network:
    """One that only weighs."""
    nothing = np.zeros((2, len(linear)))
    return Network(tuple(linear), np.array(list(linear.values())), nothing, np.zeros(2), np.zeros(2))


def test_features_are_weighted_and_summed_and_unknown_ones_say_nothing() -> None:
    score = network(a=2.0, b=-1.0)
    assert score({"a": 1.0, "b": 3.0, "unknown": 100.0}) == pytest.approx(2 * np.log1p(1.0) - np.log1p(3.0))
    assert score({}) == 0.0


def test_the_hidden_layer_adds_what_two_features_mean_together() -> None:
    score = Network(("a", "b"), np.zeros(2), np.array([[1.0, 1.0]]), np.array([-1.0]), np.array([2.0]))
    one, two = np.log1p([1.0, 2.0])
    assert score({"a": 1.0}) == pytest.approx(2 * np.tanh(one - 1))
    assert score({"a": 1.0, "b": 2.0}) == pytest.approx(2 * np.tanh(one + two - 1))


def test_a_network_comes_back_from_its_file_in_the_same_order() -> None:
    rng = np.random.default_rng(0)
    score = Network(("b", "a"), rng.normal(size=2), rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3))
    again = Network.of(json.loads(json.dumps(score.to_json())))
    assert again.names == ("b", "a")
    features = {"a": 1.0, "b": 0.5}
    assert again(features) == pytest.approx(score(features), abs=1e-3)


@pytest.mark.parametrize(("weight", "first"), [(-2.0, GOOD), (2.0, LOST)])
def test_the_order_follows_the_weights(monkeypatch: pytest.MonkeyPatch, weight: float, first: str) -> None:
    monkeypatch.setattr(weights, "SCORE", network(lost=weight))
    features = Features(FILE, UPDATE, "", "python")
    found = rank([candidate(LOST), candidate(GOOD)], features, "\n")
    assert [ranked.text for ranked in found] == [first, GOOD if first == LOST else LOST]
    assert found[0].cost <= found[1].cost


def test_what_the_making_shows_counts_too_and_is_told_from_what_the_text_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weights, "SCORE", network(made=-1.0))
    features = Features(FILE, UPDATE, "", "python")
    found = rank([candidate(GOOD, made=3.0), candidate(GOOD, made=1.0)], features, "\n")
    assert [ranked.cost for ranked in found] == pytest.approx([np.log1p(1.0), np.log1p(3.0)])
    assert found[0].features["made"] == 1.0
    assert "made" not in found[0].of_text
    assert "hunks" in found[0].of_text


def test_the_last_line_break_is_the_files() -> None:
    features = Features(FILE, UPDATE, "", "python")
    assert rank([candidate(GOOD)], features, "\n")[0].text == GOOD
    assert rank([candidate(GOOD)], features, "")[0].text == GOOD.removesuffix("\n")


def test_what_loses_a_definition_unseen_stands_behind() -> None:
    """By the weights that ship."""
    found = rank([candidate(LOST), candidate(GOOD)], Features(FILE, UPDATE, "", "python"), "\n")
    assert found[0].text == GOOD
