"""The fitted numbers: everything that ranks candidates or decides how far one is trusted.

`fastapply calibrate --write` writes the file, and nothing else does.
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
    """Features as the network sees them: ten lines of one kind are not ten times as telling as one."""
    result: Vector = np.sign(values) * np.log1p(np.abs(values))
    return result


class Network(NamedTuple):
    """A sum of weighted features, and one small hidden layer for what they mean together.

    `linear` [features], `inner` [hidden, features], `bias` [hidden], `outer` [hidden]; names give the features' order.
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
        """Log-likelihood in nats, up to a constant that all candidates of an update share."""
        x = squashed(np.array([features.get(name, 0.0) for name in self.names]))
        return float(self.linear @ x + self.outer @ np.tanh(self.inner @ x + self.bias))


def read_weights() -> dict[str, Any]:
    """`propose`: weights, of several experts. `score`: a network. `confidence`: `weights` and
    `review_below`. `confidence_with_model`: `weights` of the model's signs. `fusion`: the model's weight
    in the choice among candidates."""
    found: dict[str, Any] = json.loads(WEIGHTS_FILE.read_text())
    return found


FITTED = read_weights()
PROPOSE: Sequence[Weights] = FITTED["propose"]  # of what the making of a candidate shows: they steer the search
SCORE = Network.of(FITTED["score"])  # of that and of the finished text: it orders the candidates
FUSION: Mapping[str, float] = FITTED["fusion"]  # the fields of `engine.guide.Fusion`
