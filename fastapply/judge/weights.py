"""The fitted numbers that rank candidates and decide how far to trust a result.

Only `fastapply calibrate --write` writes the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, float]  # feature -> nats
Vector = NDArray[np.float64]

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


def squashed(values: Vector) -> Vector:
    """The network's inputs: ten lines of one kind are not ten times as significant as one."""
    result: Vector = np.sign(values) * np.log1p(np.abs(values))
    return result


class Network(NamedTuple):
    """A weighted sum of features, plus a small hidden layer for their interactions.

    `linear` [features], `inner` [hidden, features], `bias` [hidden], `outer` [hidden]. `names` gives the order of the
    features.
    """

    names: tuple[str, ...]
    linear: Vector
    inner: Vector
    bias: Vector
    outer: Vector

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Network:
        return cls(tuple(data["names"]), *(np.array(data[part]) for part in ("linear", "inner", "bias", "outer")))

    def to_json(self) -> dict[str, Any]:
        parts = {part: np.round(getattr(self, part), 4).tolist() for part in ("linear", "inner", "bias", "outer")}
        return {"names": list(self.names), **parts}

    def __call__(self, features: Weights) -> float:
        """Log-likelihood in nats, up to a constant shared by all candidates of an update."""
        x = squashed(np.array([features.get(name, 0.0) for name in self.names]))
        return float(self.linear @ x + self.outer @ np.tanh(self.inner @ x + self.bias))


def read_weights() -> dict[str, Any]:
    """`propose`: the weights of several experts. `score`: a network. `confidence`: `weights` and `review_below`.
    `confidence_with_model`: `weights` of the model's features. `fusion`: the model's weight in a choice."""
    found: dict[str, Any] = json.loads(WEIGHTS_FILE.read_text())
    return found


FITTED = read_weights()
PROPOSE: Sequence[Weights] = FITTED["propose"]  # for the counts of how a candidate is made: they steer the search
SCORE = Network.of(FITTED["score"])  # for all features: it orders the candidates
FUSION: Mapping[str, float] = FITTED["fusion"]  # the fields of `engine.guide.Fusion`
