"""The processes that train one model together: this one, or those that `accelerate launch` or `torchrun` started.

All of them draw the same steps. Each takes its share of a step's micro-batches, and the gradients are summed. So the
number of processes changes a run only by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch

T = TypeVar("T")


class Processes:
    """`count` processes, of which this one is number `rank`. A single process does not communicate."""

    def __init__(self, *, on_cpu: bool) -> None:
        from accelerate import PartialState

        self._state: Any = PartialState(cpu=on_cpu)
        self.rank: int = self._state.process_index
        self.count: int = self._state.num_processes

    @property
    def first(self) -> bool:
        """Whether this process is the one that measures and writes."""
        return self.rank == 0

    @property
    def device(self) -> str:
        """The device of this process, if there are several."""
        return str(self._state.device)

    def share(self, items: Sequence[T]) -> Sequence[T]:
        return items[self.rank :: self.count]

    def add_gradients(self, parameters: list[torch.Tensor]) -> None:
        """Replace this process's gradients by the sum over all processes, in place. Every process must call this."""
        if self.count == 1:
            return
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        summed = self._sum(torch.cat([grad.flatten() for grad in grads]))  # one message instead of hundreds
        pieces = torch.split(summed, [grad.numel() for grad in grads])
        for parameter, grad in zip(parameters, pieces, strict=True):
            parameter.grad = grad.view_as(parameter)

    def add(self, *numbers: float) -> tuple[float, ...]:
        """The sums over all processes. Every process must call this."""
        if self.count == 1:
            return numbers
        return tuple(self._sum(torch.tensor(numbers, dtype=torch.float64, device=self._state.device)).tolist())

    def wait(self) -> None:
        self._state.wait_for_everyone()

    def _sum(self, tensor: torch.Tensor) -> torch.Tensor:
        from accelerate.utils import reduce

        total: torch.Tensor = reduce(tensor, reduction="sum")
        return total
