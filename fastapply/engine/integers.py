"""Linear layers in 8-bit integers whose sums are exact, so that a row's bits cannot depend on the rows beside it.

Weights are quantised by output channel and activations by row, symmetrically: the largest magnitude becomes 127. An
exact sum has one value, whatever order a kernel takes its terms in. So two kernels give the same bits. Integer ones are
fast on CPUs with VNNI. Everywhere else float32 ones multiply integers: they are exact as long as no partial sum leaves
the integers that float32 holds. What lies between the products stays in float32.
"""

from __future__ import annotations

import functools
import time
from typing import Any

import torch
import torch.nn.functional as F

LARGEST = 127  # of a quantised value, in magnitude
_HELD = 1 << 24  # float32 holds every integer up to this magnitude
_WORTH = 2.0  # how many times as fast integer kernels have to be: they also convert their rows


class IntegerLinear(torch.nn.Module):
    """A linear layer with quantised weights, [out_features, in_features], in the dtype of its kernel."""

    def __init__(self, layer: torch.nn.Linear, kernel: torch.dtype) -> None:
        super().__init__()
        weight, scale = quantised(layer.weight.detach().float())
        self.parts = exact_parts(weight)
        self.weight = torch.nn.Parameter(weight.to(kernel), requires_grad=False)
        self.scale = torch.nn.Parameter(scale[:, 0], requires_grad=False)  # [out_features]
        self.bias = layer.bias

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:  # [..., in_features] -> [..., out_features]
        rows, scale = quantised(inputs.reshape(-1, inputs.shape[-1]))
        outputs = products(rows, self.weight, self.parts).mul_(scale).mul_(self.scale)
        if self.bias is not None:
            outputs += self.bias
        return outputs.view(*inputs.shape[:-1], -1)


def quantised(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Whole numbers of at most `LARGEST` in magnitude, as float32, # [rows, columns], and the scale of each row,
    # [rows, 1]. A row with NaN or infinity gets that as its scale, so that its products show it too."""
    scale = rows.abs().amax(-1, keepdim=True) / LARGEST
    scale.clamp_min_(torch.finfo(scale.dtype).tiny)  # above 0 for a row of zeros too
    return (rows / scale).round_(), scale


def products(rows: torch.Tensor, weight: torch.Tensor, parts: int) -> torch.Tensor:
    """`rows` times `weight` transposed, both whole numbers: each sum is exact and then rounded once, to float32.

    Args:
        rows: quantised, # [rows, in_features]
        weight: quantised, # [out_features, in_features], in int8 or float32: this chooses the kernel.
        parts: in how many parts float32 sums are taken (`exact_parts`).
    """
    if weight.dtype is torch.int8:
        return torch._int_mm(rows.to(torch.int8), weight.T).float()  # sums in int32
    if parts == 1:
        return F.linear(rows, weight)
    pairs = zip(rows.tensor_split(parts, -1), weight.tensor_split(parts, -1), strict=True)
    return torch.stack([F.linear(*pair).double() for pair in pairs]).sum(0).float()


def exact_parts(weight: torch.Tensor) -> int:
    """The fewest parts of a quantised weight's columns such that float32 holds every partial sum of a part."""
    sizes, parts = weight.abs(), 1
    while any(part.sum(-1).max() > _HELD // LARGEST for part in sizes.tensor_split(parts, -1)):
        parts += 1
    return parts


def to_integers(module: Any) -> None:
    """Replace the linear layers of a float32 model on the CPU, in place."""
    kernel = torch.int8 if has_fast_integers() else torch.float32
    names = [name for name, layer in module.named_modules() if isinstance(layer, torch.nn.Linear)]
    for name in names:  # each layer's own weights are freed before the next is quantised
        module.set_submodule(name, IntegerLinear(module.get_submodule(name), kernel))


@functools.cache
@torch.inference_mode()
def has_fast_integers() -> bool:
    """Whether integer kernels are exact here and much faster than float32 ones: asked once a process, in 60 ms.

    Kernels for CPUs with AVX512 but without VNNI add pairs of products in 16 bits, which saturate.
    """
    rows, largest = torch.full((64, 512), float(LARGEST)), torch.full((512, 512), LARGEST)
    weights = [largest.to(kernel) for kernel in (torch.int8, torch.float32)]
    if not torch.equal(*(products(rows, weight, 1) for weight in weights)):
        return False
    integers, floats = (_seconds(rows, weight) for weight in weights)
    return integers * _WORTH < floats


def _seconds(rows: torch.Tensor, weight: torch.Tensor) -> float:
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        products(rows, weight, 1)
        taken.append(time.perf_counter() - started)
    return min(taken)
