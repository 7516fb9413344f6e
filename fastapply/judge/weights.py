"""The fitted numbers: everything that ranks candidates or decides how far one is trusted.

`fastapply calibrate --write` writes the file, and nothing else does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Weights = Mapping[str, float]  # feature -> nats

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


def read_weights() -> dict[str, Any]:
    """`propose`, `score`: weights. `confidence`, `confidence_with_model`: `weights` and `review_below`."""
    found: dict[str, Any] = json.loads(WEIGHTS_FILE.read_text())
    return found


FITTED = read_weights()
PROPOSE: Weights = FITTED["propose"]  # of what the making of a candidate shows: they steer the search
SCORE: Weights = FITTED["score"]  # of that and of the finished text: they order the candidates
