"""Matrix products whose rows do not depend on how many of them are multiplied together.

A kernel may sum a row in another order when there are more rows: on a CPU with AMX a product of 8 rows differs in the
last bits from one of 64, in bfloat16 and in float32, while on others all agree. So a model is asked once: between which
numbers of rows do its products agree? Passes are then padded to the least of these, and longer products are cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F


class Rows(NamedTuple):
    """Every product of a model has from `least` to `most` rows."""

    least: int
    most: int


# The cheapest first. The last one always agrees: all products have one shape.
_CHOICES = (Rows(8, 512), Rows(16, 512), Rows(64, 512), Rows(64, 128), Rows(8, 32), Rows(8, 8))
_LONGEST = 512  # rows of a pass
_ATTRIBUTE = "fastapply_rows"


def settle_products(module: Any) -> Rows:
    """Cut the products of `module` where they must be, once, and say how many rows its passes need at the least.

    Mutates the module: the forward functions of its linear layers.
    """
    rows: Rows | None = getattr(module, _ATTRIBUTE, None)
    if rows is None:
        layers = [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]
        rows = agreeing(layers)
        if rows.most < _LONGEST:
            for layer in layers:
                layer.forward = partial(_product, layer, rows.most)  # type: ignore[method-assign]
        setattr(module, _ATTRIBUTE, rows)
    return rows


@torch.inference_mode()
def agreeing(layers: list[torch.nn.Linear]) -> Rows:
    """The cheapest choice with which every layer gives the same bits, whatever a row travels with."""
    shapes = {(tuple(layer.weight.shape), layer.weight.dtype, layer.weight.device): layer for layer in layers}
    left = list(_CHOICES)
    for layer in shapes.values():
        left = list(_agree(layer, left)) or [_CHOICES[-1]]
    return left[0]


def _agree(layer: torch.nn.Linear, choices: list[Rows]) -> Iterator[Rows]:
    """Those choices with which random rows have one product."""
    weight = layer.weight
    source = torch.Generator().manual_seed(0)
    inputs = torch.randn(_LONGEST, weight.shape[1], generator=source).to(weight.device, weight.dtype)
    products: dict[int, torch.Tensor] = {}
    for choice in choices:
        size = choice.least
        while size <= choice.most:
            if size not in products:
                products[size] = torch.cat([F.linear(part, weight, layer.bias) for part in torch.split(inputs, size)])
            if not torch.equal(products[size], products[choice.least]):
                break
            size *= 2
        else:
            yield choice


def _product(layer: torch.nn.Linear, most: int, inputs: torch.Tensor) -> torch.Tensor:
    """`layer` of inputs [..., rows, width], cut into at most `most` rows."""
    if inputs.shape[-2] <= most:
        return F.linear(inputs, layer.weight, layer.bias)
    return torch.cat([F.linear(part, layer.weight, layer.bias) for part in torch.split(inputs, most, dim=-2)], dim=-2)
