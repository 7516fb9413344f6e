"""Matrix products whose rows do not depend on how many rows are multiplied together.

A kernel may sum a row in another order when there are more rows. On a CPU with AMX, products of 8 and of 64 rows differ
in the last bits, in bfloat16 and in float32; on other CPUs they agree. So each model is tested once: for which range of
row counts do its products agree? Passes are then padded to the lower end of that range, and longer products are split.

Where the CPU has bfloat16 in hardware, its kernels need the weights in a special order and reorder them for each
product. Here they are reordered once, at the price of a second copy in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch


class Rows(NamedTuple):
    """Every product of a model has at least `least` and at most `most` rows."""

    least: int
    most: int


# The cheapest first. The last one always agrees, since all its products have one shape.
_CHOICES = (Rows(8, 512), Rows(16, 512), Rows(64, 512), Rows(64, 128), Rows(8, 32), Rows(8, 8))
_LONGEST = 512  # rows in the longest pass
_SIZES = (8, 16, 32, 64, 128, 256, 512)
_SAMPLES = 100_000  # values to compare for each row count, if 512 rows have that many
_USUAL = 64  # the number of rows that packed weights are optimised for
_ATTRIBUTE = "fastapply_rows"


Product = Callable[[torch.Tensor], torch.Tensor]  # [..., rows, in_features] -> [..., rows, out_features]


def settle_products(module: Any) -> Rows:
    """Pack the weights of `module`, split its products where they must be, and return the row counts that agree.

    Replaces the forward functions of the module's linear layers. A second call returns the stored result.
    """
    rows: Rows | None = getattr(module, _ATTRIBUTE, None)
    if rows is None:
        layers = [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]
        packed = [_packed(layer) for layer in layers]
        products = [found or layer.forward for found, layer in zip(packed, layers, strict=True)]
        rows = agreeing(layers, products)
        for layer, found, product in zip(layers, packed, products, strict=True):
            if found or rows.most < _LONGEST:
                layer.forward = _cut(product, rows.most)  # type: ignore[method-assign, assignment]
        setattr(module, _ATTRIBUTE, rows)
    return rows


@torch.inference_mode()
def agreeing(layers: list[torch.nn.Linear], products: list[Product]) -> Rows:
    """The cheapest choice for which every product gives a row the same bits, whichever rows are beside it."""
    shapes = {
        (tuple(layer.weight.shape), layer.weight.dtype, layer.weight.device): (layer, product)
        for layer, product in zip(layers, products, strict=True)
    }
    left = list(_CHOICES)
    for layer, product in shapes.values():
        left = list(_agree(layer, product, left)) or [_CHOICES[-1]]
    return left[0]


def _agree(layer: torch.nn.Linear, product: Product, choices: list[Rows]) -> Iterator[Rows]:
    """The choices for which random rows give the same bits at every row count.

    A wide layer reaches the sample size with few distinct rows; these are repeated until they fill a product.
    """
    source = torch.Generator().manual_seed(0)
    inputs = torch.randn(_LONGEST, layer.in_features, generator=source).to(layer.weight.device, layer.weight.dtype)
    different = next((rows for rows in _SIZES if rows * layer.out_features >= _SAMPLES), _LONGEST)
    inputs = inputs[:different].repeat(_LONGEST // different, 1)
    found: dict[int, torch.Tensor] = {}  # row count -> [repetitions, distinct rows, out_features]

    def products(size: int) -> torch.Tensor:
        if size not in found:
            rows = _cut(product, size)(inputs[: max(size, different)])
            found[size] = rows.view(-1, different, rows.shape[-1])
        return found[size]

    for choice in choices:
        expected = products(choice.least)[0]
        sizes = [size for size in _SIZES if choice.least <= size <= choice.most]
        if all(torch.equal(one, expected) for size in sizes for one in products(size)):
            yield choice


def _packed(layer: torch.nn.Linear) -> Product | None:
    """The product with the layer's weights in the order that the CPU's kernels need; None if there is no such order."""
    weight, bias = layer.weight, layer.bias
    if weight.device.type != "cpu" or weight.dtype != torch.bfloat16 or not _has_packed_products():
        return None
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), _USUAL)
    return lambda inputs: torch.ops.mkldnn._linear_pointwise(inputs, packed, bias, "none", [], "")


def _has_packed_products() -> bool:
    known = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)  # missing in a build without oneDNN
    return known is not None and bool(known())


def _cut(product: Product, most: int) -> Product:
    """`product`, computed on at most `most` rows at a time."""

    def cut(inputs: torch.Tensor) -> torch.Tensor:
        if inputs.shape[-2] <= most:
            return product(inputs)
        return torch.cat([product(part) for part in torch.split(inputs, most, dim=-2)], dim=-2)

    return cut
