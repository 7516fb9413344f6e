"""What a training run minimises, and the order in which it sees its examples."""

from __future__ import annotations

import random
from typing import Any, Protocol

import torch


class Objective(Protocol):
    """Examples, and the loss over them. `position` is JSON; `go_to` it and the same steps follow.

    What is drawn has `tokens`.
    """

    def draw(self, done: float) -> list[list[Any]]:
        """One step: micro-batches. `done` is the share of the run behind it."""
        ...

    @property
    def position(self) -> Any: ...

    def go_to(self, position: Any) -> None: ...

    def fingerprint(self) -> str:
        """Changes with the tasks: a position means nothing among others."""
        ...

    def loss(self, network: Any, micro: list[Any], size: int) -> torch.Tensor:
        """The part of a micro-batch in the mean loss of a step of `size` examples: a scalar."""
        ...

    def look(self, network: Any) -> tuple[float, float]:
        """Loss and accuracy on what is held back."""
        ...


class Drawn:
    """Draws examples by one generator, whose state is the place in the data."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    @property
    def position(self) -> Any:
        return self._rng.getstate()

    def go_to(self, position: Any) -> None:
        version, words, gauss = position
        self._rng.setstate((version, tuple(words), gauss))
