"""The weight of a model's opinion, fitted on choices whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fastapply.engine.guide import Fusion

if TYPE_CHECKING:
    from fastapply_lab.eval.fusion import Opinions

pytestmark = pytest.mark.torch


def choices(model: float, token: float, count: int = 400) -> list[Opinions]:
    """Choices of three candidates, of which one is right with the chance that these weights say."""
    from fastapply_lab.eval.fusion import Opinions  # imports torch: only the worker that runs this file shall wait

    draw = np.random.default_rng(3)
    found = []
    for _ in range(count):
        costs, lengths = draw.exponential(3.0, 3), draw.integers(5, 80, 3)
        log_probs = draw.normal(0.0, 10.0, 3) - lengths * 0.5
        scores = model * log_probs + token * lengths - costs
        chances = np.exp(scores - np.logaddexp.reduce(scores))
        right = np.arange(3) == draw.choice(3, p=chances)
        found.append(Opinions(costs.tolist(), log_probs.tolist(), lengths.tolist(), right.tolist()))
    return found


@pytest.mark.parametrize(("model", "token"), [(0.4, 0.2), (0.0, 0.0), (1.0, 0.5)])
def test_the_weights_are_found_again(model: float, token: float) -> None:
    from fastapply_lab.eval.fusion import fit_fusion

    fusion = fit_fusion(choices(model, token))
    assert fusion.model == pytest.approx(model, abs=0.15)
    assert fusion.token == pytest.approx(token, abs=0.1)


def test_an_opinion_that_tells_something_helps() -> None:
    from fastapply_lab.eval.fusion import fit_fusion, share_right

    read = choices(0.4, 0.2)
    assert share_right(read, fit_fusion(read)) > share_right(read, Fusion(0.0, 0.0)) + 0.1
