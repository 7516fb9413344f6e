"""AdamW (Loshchilov and Hutter 1711.05101) for low-precision parameters. Its whole state is tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from fastapply.errors import ModelError


class MasterAdamW:
    """AdamW on float32 copies (masters) of bfloat16 parameters, so that small steps are not lost to rounding."""

    def __init__(self, parameters: list[torch.nn.Parameter], learning_rate: float) -> None:
        self._parameters = parameters
        self._masters = [p.detach().float().clone() for p in parameters]
        self._inner = torch.optim.AdamW(self._masters, lr=learning_rate, weight_decay=0.0, betas=(0.9, 0.98))
        self._rate = learning_rate

    def step(self, scale: float, add_up: Callable[[list[torch.Tensor]], None] = lambda _: None) -> None:
        """One update with `scale` times the learning rate. Gradients are clipped to norm 1 and cleared.

        `add_up` adds the gradients of other processes to those of the masters, in place.
        """
        for master, parameter in zip(self._masters, self._parameters, strict=True):
            master.grad = parameter.grad.float() if parameter.grad is not None else None
            parameter.grad = None
        add_up(self._masters)
        torch.nn.utils.clip_grad_norm_(self._masters, 1.0)
        for group in self._inner.param_groups:
            group["lr"] = self._rate * scale
        self._inner.step()
        self._write()

    def state(self) -> dict[str, torch.Tensor]:
        """Masters and moments by name, for `load`."""
        tensors = {f"{index}.master": master for index, master in enumerate(self._masters)}
        for index, master in enumerate(self._masters):
            tensors |= {f"{index}.{name}": value for name, value in self._inner.state.get(master, {}).items()}
        return tensors

    def load(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Restore a `state`. Raises ModelError if it is from another model."""
        shapes = [tuple(t.shape) for name, t in tensors.items() if name.endswith(".master")]
        if sorted(shapes) != sorted(tuple(master.shape) for master in self._masters):
            raise ModelError("the checkpoint is from another model, or its file is damaged: start the run anew")
        with torch.no_grad():
            for index, master in enumerate(self._masters):
                master.copy_(tensors[f"{index}.master"])
                rest = {n.partition(".")[2]: t for n, t in tensors.items() if n.startswith(f"{index}.")}
                del rest["master"]
                # AdamW keeps its count of steps on the CPU and its moments beside the master.
                self._inner.state[master] = {n: t if n == "step" else t.to(master.device) for n, t in rest.items()}
        self._write()

    def _write(self) -> None:
        with torch.no_grad():
            for master, parameter in zip(self._masters, self._parameters, strict=True):
                parameter.copy_(master)
