from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

from fastapply.judge import weights
from fastapply.judge.confidence import ALIGNMENT, Evidence
from fastapply.judge.weights import PROPOSE, WEIGHTS_FILE
from fastapply_lab.eval import calibrate as calibration
from fastapply_lab.eval import order
from fastapply_lab.eval.calibrate import LabelledEvidence, calibrate, collect, fit, held_out_rows, write_weights
from fastapply_lab.eval.order import CandidateChoice, choice_of, cross_fitted, fit_experts, fit_network, group_of
from fastapply_lab.tasks import Task

FILE = "".join(f"def f{i}():\n    return {i}\n\n\n" for i in range(5))
BARE = "# ... existing code ...\n    return 100\n# ... existing code ...\n"


def evidence(lead: float, margin: float | None = None) -> Evidence:
    return Evidence(frozenset(), (lead,), margin, agrees=True, exact=False)


def test_the_fit_finds_the_weights_that_made_the_data() -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(4000), rng.normal(size=(4000, 2))])
    y = (rng.random(4000) < 1 / (1 + np.exp(-x @ [1.0, 2.0, -1.0]))).astype(float)
    assert fit(x, y) == pytest.approx([1.0, 2.0, -1.0], abs=0.2)


def test_data_that_can_be_told_apart_perfectly_have_finite_weights() -> None:
    x = np.column_stack([np.ones(40), np.repeat([-1.0, 1.0], 20)])
    assert np.isfinite(fit(x, np.repeat([0.0, 1.0], 20))).all()


def test_a_longer_lead_earns_a_weight_and_higher_thresholds_review_more() -> None:
    rng = np.random.default_rng(1)
    rows = [
        LabelledEvidence(evidence(lead), bool(rng.random() < 1 / (1 + np.exp(-lead))), str(number))
        for number, lead in enumerate(rng.uniform(0, 8, 400))
    ]
    found = calibrate(rows)
    assert found.weights["lead"] > 0
    assert found.weights["odds"] > 0.3
    assert found.calibration_error < 0.06
    assert [t.applied for t in found.thresholds] == sorted((t.applied for t in found.thresholds), reverse=True)
    for t in found.thresholds:
        right = sum(row.right for row in rows) / len(rows)
        assert t.applied - t.silent_wrong + t.right_reviewed == pytest.approx(right)
    chosen = next(t for t in found.thresholds if t.review_below == found.review_below)
    assert chosen.silent_wrong <= calibration.MOST_SILENT


def test_what_hardly_any_row_shows_has_no_weight() -> None:
    rows = [LabelledEvidence(evidence(float(number % 7)), number % 7 > 2, str(number)) for number in range(60)]
    seldom = Evidence(frozenset(), (1.0,), None, agrees=True, exact=False, features={"lost": 1.0})
    found = calibrate([*rows, *(LabelledEvidence(seldom, False, "x") for _ in range(calibration.LEAST_SEEN - 1))])
    assert "shows_lost" not in found.weights
    often = calibrate([*rows, *(LabelledEvidence(seldom, False, "x") for _ in range(calibration.LEAST_SEEN))])
    assert often.weights["shows_lost"] < 0


def test_known_weights_are_not_fitted_again() -> None:
    rng = np.random.default_rng(2)
    rows = []
    for number, (prior, lead) in enumerate(rng.uniform(0, 8, (6000, 2))):
        right = rng.random() < 1 / (1 + np.exp(2 - np.log1p(prior) - 2 * np.log1p(lead)))
        rows.append(LabelledEvidence(evidence(prior, lead), bool(right), str(number)))
    others = [*ALIGNMENT, "overruled", "asked", "asked_failed"]
    found = calibrate(rows, {**dict.fromkeys(others, 0.0), "bias": -2.0, "lead": 1.0})
    assert found.weights.keys() == {"choice", "model_lead"}
    assert found.weights["model_lead"] == pytest.approx(2.0, abs=0.6)


def test_rows_come_from_real_results() -> None:
    good = Task("1", "python", FILE, "def f2():\n    return 20\n", FILE.replace("return 2\n", "return 20\n"))
    wrong = Task("2", "python", FILE, good.update, FILE)
    diff = Task("3", "python", FILE, "--- a\n+++ a\n@@ -2 +2 @@\n-    return 0\n+    return 9\n", FILE)
    other = Task("4", "python", FILE, "# ...\nfn other() { nothing.here(); }\n# ...\n", FILE)
    rows = collect([good, wrong, diff, other], None)
    assert [row.right for row in rows] == [True, False]
    assert rows[0].evidence == rows[1].evidence


def choices(count: int, rng: np.random.Generator, groups: int = 20) -> list[CandidateChoice]:
    """Three candidates each; `a` speaks against one, `noise` says nothing, `made` speaks for it a little."""
    found = []
    for number in range(count):
        features = [{"a": a, "noise": n, "made": m} for a, n, m in rng.uniform(0, 2, (3, 3))]
        odds = np.exp([-2 * f["a"] + 0.5 * f["made"] for f in features])
        right = int(rng.choice(3, p=odds / odds.sum()))
        found.append(
            CandidateChoice(features, frozenset({"made"}), [k == right for k in range(3)], str(number % groups))
        )
    return found


def one_expert(known: list[CandidateChoice]) -> dict[str, float]:
    [found] = fit_experts(known, None, 1)
    return found


def test_several_experts_find_what_one_misses() -> None:
    known = choices(300, np.random.default_rng(8))

    def found(count: int) -> int:
        """How many choices one of the experts gets right that were fitted without their group."""
        experts = cross_fitted(known, lambda train: fit_experts(train, None, count))
        right = 0
        for choice in known:
            scores = [[weighted(e, f) for f in choice.features] for e in experts[order.fold_of(choice.group)]]
            right += any(choice.right[int(np.argmax(row))] for row in scores)
        return right

    assert found(3) > found(1)


def weighted(weights: dict[str, float], features: dict[str, float]) -> float:
    return sum(weights[name] * value for name, value in features.items())


def test_the_order_of_candidates_is_learned_from_choices() -> None:
    found = one_expert(choices(600, np.random.default_rng(3)))
    assert found == pytest.approx({"a": -2.0, "noise": 0.0, "made": 0.5}, abs=0.4)


def test_the_weights_of_the_search_are_of_what_the_making_shows_only() -> None:
    for expert in fit_experts(choices(200, np.random.default_rng(3)), frozenset({"made"})):
        assert expert.keys() == {"made"}


def test_several_right_candidates_are_one_as_good_as_the_other() -> None:
    both = CandidateChoice([{"a": 0.0}, {"a": 1.0}], frozenset(), [True, True], "x")
    assert one_expert([both] * 20)["a"] == 0.0


@pytest.mark.torch
@pytest.mark.usefixtures("one_thread")
def test_a_network_learns_what_only_two_features_tell_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Right is what shows both or neither: no weights of single features can say so."""
    monkeypatch.setattr(order, "EPOCHS", 100)
    rng = np.random.default_rng(4)
    found = []
    for number in range(100):
        a, b = (float(bit) for bit in rng.integers(0, 2, 2))
        features = [{"a": a, "b": b}, {"a": a, "b": 1 - b}]
        found.append(CandidateChoice(features, frozenset(), [a == b, a != b], str(number)))
    network = fit_network(found)
    assert all((network(c.features[0]) > network(c.features[1])) == c.right[0] for c in found)
    linear = one_expert(found)
    assert max(map(abs, linear.values())) < 0.5


@pytest.mark.torch
@pytest.mark.usefixtures("one_thread")
def test_a_network_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "EPOCHS", 5)
    known = choices(30, np.random.default_rng(5))
    assert fit_network(known).to_json() == fit_network(known).to_json()


def test_what_is_judged_was_not_learned_from() -> None:
    known = choices(100, np.random.default_rng(6), groups=10)
    groups = cross_fitted(known, lambda train: {choice.group for choice in train})
    for choice in known:
        assert [choice.group in trained for trained in groups].count(False) == 1  # each is held out once
        assert choice.group not in groups[order.fold_of(choice.group)]


def test_the_share_that_is_right_is_that_of_the_scores_of_the_folds() -> None:
    known = choices(100, np.random.default_rng(6), groups=10)
    right = sum(c.right[int(np.argmin([f["a"] for f in c.features]))] for c in known)
    assert order.share_right(known, [lambda f: -f["a"]] * order.FOLDS) == pytest.approx(right / len(known), abs=1e-3)


def test_results_are_judged_by_the_network_of_their_fold() -> None:
    """The networks here like what the fitted one does not: with them the results are others."""
    right = FILE.replace("return 2\n", "return 20\n")
    tasks = [Task(f"{number}@1", "python", FILE, "def f2():\n    return 20\n", right) for number in range(10)]
    fitted = weights.SCORE
    worst = fitted._replace(linear=-fitted.linear, outer=-fitted.outer)
    with Progress(disable=True) as progress:
        assert all(row.right for row in held_out_rows(tasks, [fitted] * order.FOLDS, progress))
        assert not any(row.right for row in held_out_rows(tasks, [worst] * order.FOLDS, progress))


def test_a_choice_is_made_of_the_candidates_of_a_task() -> None:
    original = FILE + "\n\ndef g0():\n    return 0\n"
    task = Task("pkg@1#2", "python", original, BARE, original.replace("return 0", "return 100", 1))
    found = choice_of(task)
    assert found is not None
    assert len(found.features) == len(found.right) > 1
    assert any(found.right)
    assert not all(found.right)
    assert found.made & PROPOSE[0].keys()
    assert "hunks" not in found.made  # the text shows it
    assert found.group == "pkg"


def test_where_there_is_nothing_to_choose_there_is_no_choice() -> None:
    exact = "--- a\n+++ a\n@@ -2 +2 @@\n-    return 0\n+    return 9\n"
    assert choice_of(Task("1", "python", FILE, exact, FILE)) is None
    assert choice_of(Task("2", "python", FILE, "# ...\nfn other() { nothing.here(); }\n# ...\n", FILE)) is None


def test_tasks_of_one_package_are_one_group() -> None:
    assert group_of(Task("left@1.0#3", "python", "", "", "", path="src/a.py")) == "left"
    assert group_of(Task("7", "python", "", "", "", path="owner/a.py")) == "owner"


def test_only_the_parts_that_were_fitted_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    file.write_text(WEIGHTS_FILE.read_text())
    monkeypatch.setattr(calibration, "WEIGHTS_FILE", file)
    monkeypatch.setattr(weights, "WEIGHTS_FILE", file)
    before = calibration.read_weights()
    write_weights({"propose": [{"a": 1.0}]})
    assert calibration.read_weights() == {**before, "propose": [{"a": 1.0}]}
