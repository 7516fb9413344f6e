"""Linear layers in 8-bit integers whose sums are exact, so that a row's bits cannot depend on the rows beside it.

Weights are quantised by output channel and activations by row, symmetrically. An exact sum has one value, whatever
order a kernel takes its terms in. So all kernels give the same bits, and the fastest one here is taken: FBGEMM's, that
of oneDNN on CPUs with VNNI, or that of float32, which is exact on whole numbers as long as it holds all partial sums.
What lies between the products stays in float32.
"""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

# The largest magnitudes. Kernels without VNNI shift activations to 0-255 and add pairs of products in 16 bits:
# 2 * 255 * 64 < 2^15. That costs weights one bit, which matters less than one of the activations (LOG.md).
ACTIVATION, WEIGHT = 127, 64
_HELD = 1 << 24  # float32 holds every whole number up to this magnitude

Product = Callable[
    [torch.Tensor], torch.Tensor
]  # whole numbers in float32: [rows, in_features] -> [rows, out_features]
Kernel = Callable[[torch.Tensor], Product]  # makes the product with a weight in int8, [out_features, in_features]


class IntegerLinear(torch.nn.Module):
    """A linear layer with quantised weights, [out_features, in_features]."""

    def __init__(self, layer: torch.nn.Linear, kernel: Kernel) -> None:
        super().__init__()
        weight, scale = quantised(layer.weight.detach().float(), WEIGHT)
        self.weight = torch.nn.Parameter(weight.to(torch.int8), requires_grad=False)
        self.scale = torch.nn.Parameter(scale[:, 0], requires_grad=False)  # [out_features]
        self.bias = layer.bias
        self._product = kernel(self.weight.detach())

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:  # [..., in_features] -> [..., out_features]
        rows, scale = quantised(inputs.reshape(-1, inputs.shape[-1]), ACTIVATION)
        outputs = self._product(rows).mul_(scale).mul_(self.scale)
        if self.bias is not None:
            outputs += self.bias
        return outputs.view(*inputs.shape[:-1], -1)


def quantised(rows: torch.Tensor, largest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Whole numbers of at most `largest` in magnitude, as float32, # [rows, columns], and the scale of each row,
    # [rows, 1]. A row with NaN or infinity gets that as its scale, so that its products show it too."""
    scale = rows.abs().amax(-1, keepdim=True) / largest
    scale.clamp_min_(torch.finfo(scale.dtype).tiny)  # above 0 for a row of zeros too
    return (rows / scale).round_(), scale


def to_integers(module: Any) -> None:
    """Replace the linear layers of a float32 model on the CPU, in place."""
    kernel = fastest_kernel()
    names = [name for name, layer in module.named_modules() if isinstance(layer, torch.nn.Linear)]
    for name in names:  # each layer's own weights are freed before the next is quantised
        module.set_submodule(name, IntegerLinear(module.get_submodule(name), kernel))


# Each kernel below sums exactly and then rounds once, to float32.


def fbgemm(weight: torch.Tensor) -> Product:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a later torch may lack it; then other kernels give the same bits
        whole = torch._make_per_tensor_quantized_tensor(weight, 1.0, 0)
        packed = torch.ops.quantized.linear_prepack(whole, None)
    # A scale of 1 and a zero point of 128 turn whole numbers into unsigned bytes as they are.
    return lambda rows: torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(rows, 1.0, 128, packed)


def onednn(weight: torch.Tensor) -> Product:
    if weight.shape[-1] == 1:  # it then reads memory that is not there (torch 2.13 on a CPU with AMX)
        return float32(weight)
    return lambda rows: torch._int_mm(rows.to(torch.int8), weight.T).float()


def float32(weight: torch.Tensor) -> Product:
    """Adds up parts of the columns, as few as leave each partial sum to float32."""
    parts = exact_parts(weight)
    weights = weight.float().tensor_split(parts, -1)

    def product(rows: torch.Tensor) -> torch.Tensor:
        if parts == 1:
            return F.linear(rows, weights[0])
        pairs = zip(rows.tensor_split(parts, -1), weights, strict=True)
        return torch.stack([F.linear(*pair).double() for pair in pairs]).sum(0).float()

    return product


def exact_parts(weight: torch.Tensor) -> int:
    """The fewest parts of a weight's columns such that float32 holds every partial sum of a part."""
    sizes, parts = weight.int().abs(), 1
    while any(part.sum(-1).max() > _HELD // ACTIVATION for part in sizes.tensor_split(parts, -1)):
        parts += 1
    return parts


@functools.cache
@torch.inference_mode()
def fastest_kernel() -> Kernel:
    """The fastest kernel that exists here and sums the largest numbers right: asked once a process, in 60 ms."""
    rows, weight = torch.full((64, 512), float(ACTIVATION)), torch.full((512, 512), WEIGHT, dtype=torch.int8)
    seconds = {float32: _seconds(float32(weight), rows)}
    expected = float32(weight)(rows)
    for kernel in (fbgemm, onednn):
        try:
            product = kernel(weight)
            if torch.equal(product(rows), expected):
                seconds[kernel] = _seconds(product, rows)
        except (AttributeError, RuntimeError):  # this build of torch lacks it
            continue
    return min(seconds, key=lambda kernel: seconds[kernel])


def _seconds(product: Product, rows: torch.Tensor) -> float:
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        product(rows)
        taken.append(time.perf_counter() - started)
    return min(taken)
