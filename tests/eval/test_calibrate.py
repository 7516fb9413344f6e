from __future__ import annotations

import numpy as np
import pytest
from fastapply.confidence import ALIGNMENT, Evidence
from fastapply.eval.fit_signs import Choice

from fastapply.eval import fit_signs
from fastapply.eval.calibrate import Row, calibrate, collect, fit
from fastapply.types import Task

FILE = "".join(f"def f{i}():\n    return {i}\n\n\n" for i in range(5))


def test_the_fit_finds_the_weights_that_made_the_data():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(4000), rng.normal(size=(4000, 2))])
    y = (rng.random(4000) < 1 / (1 + np.exp(-x @ [1.0, 2.0, -1.0]))).astype(float)
    assert fit(x, y) == pytest.approx([1.0, 2.0, -1.0], abs=0.2)


def test_data_that_can_be_told_apart_perfectly_have_finite_weights():
    x = np.column_stack([np.ones(40), np.repeat([-1.0, 1.0], 20)])
    assert np.isfinite(fit(x, np.repeat([0.0, 1.0], 20))).all()


def test_a_wider_margin_earns_a_weight_and_higher_thresholds_review_more():
    rng = np.random.default_rng(1)
    rows = []
    for number, margin in enumerate(rng.uniform(0, 8, 400)):
        evidence = Evidence(frozenset(), 0, margin, None, None, agrees=True, exact=False)
        rows.append(Row(evidence, bool(rng.random() < 1 / (1 + np.exp(-margin))), str(number)))
    found = calibrate(rows)
    assert found.weights["prior_margin"] > 0.5
    assert found.calibration_error < 0.06
    assert [t.applied for t in found.thresholds] == sorted((t.applied for t in found.thresholds), reverse=True)
    for t in found.thresholds:
        right = sum(row.right for row in rows) / len(rows)
        assert t.applied - t.silent_wrong + t.right_reviewed == pytest.approx(right)


def test_rows_come_from_real_results():
    good = Task("1", "python", FILE, "def f2():\n    return 20\n", FILE.replace("return 2\n", "return 20\n"))
    wrong = Task("2", "python", FILE, good.update, FILE)
    diff = Task("3", "python", FILE, "--- a\n+++ a\n@@ -2 +2 @@\n-    return 0\n+    return 9\n", FILE)
    rows = collect([good, wrong, diff], None)
    assert [row.right for row in rows] == [True, False]
    assert rows[0].evidence == rows[1].evidence


def test_known_weights_are_not_fitted_again():
    rng = np.random.default_rng(2)
    rows = []
    for number, (prior, lead) in enumerate(rng.uniform(0, 8, (600, 2))):
        evidence = Evidence(frozenset(), 0, prior, lead, -0.1, agrees=True, exact=False)
        right = rng.random() < 1 / (1 + np.exp(2 - np.log1p(prior) - 2 * np.log1p(lead)))
        rows.append(Row(evidence, bool(right), str(number)))
    known = dict.fromkeys(ALIGNMENT, 0.0) | {"bias": -2.0, "prior_margin": 1.0}
    found = calibrate(rows, known)
    assert found.weights.keys() == {"choice", "lead"}
    assert found.weights["lead"] == pytest.approx(2.0, abs=0.6)


def test_the_order_of_readings_is_learned_from_choices():
    choices = []
    rng = np.random.default_rng(3)
    for _ in range(300):
        signs = rng.uniform(0, 2, (3, 2))
        scores = -(signs @ [2.0, 0.0])
        choices.append(Choice(np.zeros(3), signs, int(rng.choice(3, p=np.exp(scores) / np.exp(scores).sum()))))
    assert fit_signs.fit(choices) == pytest.approx([2.0, 0.0], abs=0.4)
    plain, _, after = fit_signs.gains(choices, ["a", "b"])
    assert after > plain + 30


def test_a_choice_is_made_of_the_candidates_of_a_task():
    original = FILE + "\n\ndef g0():\n    return 0\n"
    update = "# ... existing code ...\n    return 100\n# ... existing code ...\n"
    names: list[str] = []
    found = fit_signs.choice_of(
        Task("1", "python", original, update, original.replace("return 0", "return 100", 1)), names
    )
    assert found is not None
    assert found.signs.shape == (len(found.costs), len(names))
    assert fit_signs.choice_of(Task("2", "python", FILE, "def f2():\n    return 20\n", FILE), names) is not None
