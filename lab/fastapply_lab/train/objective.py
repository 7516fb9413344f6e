"""The objective of a training run, and the order of its examples."""

from __future__ import annotations

import random
from typing import Any, Protocol

import torch


class Objective(Protocol):
    """Examples, which have `tokens`, and the loss over them. `go_to` a JSON `position` repeats the steps after it."""

    def draw(self, done: float) -> list[list[Any]]:
        """One step, as micro-batches. `done` is the finished share of the run."""
        ...

    @property
    def position(self) -> Any: ...

    def go_to(self, position: Any) -> None: ...

    def fingerprint(self) -> str:
        """A hash of the tasks, because a position is valid only for the same tasks."""
        ...

    def loss(self, network: Any, micro: list[Any], size: int) -> torch.Tensor:
        """The contribution of a micro-batch to the mean loss of a step with `size` examples: a scalar."""
        ...

    def look(self, network: Any) -> tuple[float, float]:
        """Loss and accuracy on the held-back data."""
        ...


class Drawn:
    """Draws examples with one random generator, whose state is the position in the data."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    @property
    def position(self) -> Any:
        return self._rng.getstate()

    def go_to(self, position: Any) -> None:
        version, words, gauss = position
        self._rng.setstate((version, tuple(words), gauss))
