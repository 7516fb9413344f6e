"""The processes that train one model together: this one, or those that `accelerate launch` or `torchrun` started.

All of them draw the same steps; each takes its share of a step's micro-batches, and the gradients are added up. So a
run depends on the number of processes by rounding only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch

T = TypeVar("T")


class Processes:
    """`count` processes, of which this is number `rank`. A process alone communicates with nobody."""

    def __init__(self, *, on_cpu: bool) -> None:
        from accelerate import PartialState

        self._state: Any = PartialState(cpu=on_cpu)
        self.rank: int = self._state.process_index
        self.count: int = self._state.num_processes

    @property
    def first(self) -> bool:
        """Whether this is the one that measures and writes."""
        return self.rank == 0

    @property
    def device(self) -> str:
        """That of this process, when there are several."""
        return str(self._state.device)

    def share(self, items: Sequence[T]) -> Sequence[T]:
        return items[self.rank :: self.count]

    def add_gradients(self, parameters: list[torch.Tensor]) -> None:
        """Put the sum of all processes' gradients in place of this one's. Mutates; every process must come here."""
        if self.count == 1:
            return
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        summed = self._sum(torch.cat([grad.flatten() for grad in grads]))  # one message instead of hundreds
        pieces = torch.split(summed, [grad.numel() for grad in grads])
        for parameter, grad in zip(parameters, pieces, strict=True):
            parameter.grad = grad.view_as(parameter)

    def add(self, *numbers: float) -> tuple[float, ...]:
        """The sums over all processes. Every process must come here."""
        if self.count == 1:
            return numbers
        return tuple(self._sum(torch.tensor(numbers, dtype=torch.float64, device=self._state.device)).tolist())

    def wait(self) -> None:
        self._state.wait_for_everyone()

    def _sum(self, tensor: torch.Tensor) -> torch.Tensor:
        from accelerate.utils import reduce

        total: torch.Tensor = reduce(tensor, reduction="sum")
        return total
