"""Products of rows that do not depend on their number."""

from __future__ import annotations

import pytest
import torch

from fastapply.engine import products
from fastapply.engine.products import Rows, agreeing, settle_products

ROWS = torch.randn(512, 1536, generator=torch.Generator().manual_seed(2))


def layers(dtype: torch.dtype) -> list[torch.nn.Linear]:
    torch.manual_seed(1)
    return [torch.nn.Linear(*shape, bias=False, dtype=dtype) for shape in ((576, 1536), (1536, 576), (64, 96))]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_row_has_the_same_bits_in_every_product_that_is_allowed(dtype):
    module = torch.nn.ModuleList(layers(dtype))
    plain = [layer(ROWS[:, : layer.in_features].to(dtype)) for layer in module]
    rows = settle_products(module)
    sizes = [size for size in (8, 16, 32, 64, 128, 256, 512) if rows.least <= size]
    for layer, expected in zip(module, plain, strict=True):
        inputs = ROWS[:, : layer.in_features].to(dtype)
        with torch.inference_mode():
            whole = [torch.cat([layer(part) for part in torch.split(inputs, size)]) for size in sizes]
        assert all(torch.equal(one, whole[0]) for one in whole)
        torch.testing.assert_close(whole[0], expected, atol=0.05, rtol=0.05)


def test_products_are_cut_only_where_they_must_be(monkeypatch):
    monkeypatch.setattr(products, "_CHOICES", (Rows(16, 64),))
    module = torch.nn.Sequential(*layers(torch.float32)[:2])
    inputs = torch.randn(1, 200, 576)
    before = module(inputs)
    assert settle_products(module) == Rows(16, 64)
    calls: list[int] = []
    linear = torch.nn.functional.linear
    monkeypatch.setattr(
        torch.nn.functional, "linear", lambda part, *rest: (calls.append(part.shape[-2]), linear(part, *rest))[1]
    )
    torch.testing.assert_close(module(inputs), before, atol=1e-5, rtol=1e-5)
    assert calls == [64, 64, 64, 8] * 2
    assert settle_products(module) == Rows(16, 64), "asked once"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("width", [64, 2048])
def test_sums_in_another_order_are_noticed_in_narrow_layers_and_in_wide_ones(width, dtype):
    """From 64 rows on this product adds up every other column, then the rest: a part of its results differs in the last
    bit. (Two halves would not do: some CPUs sum these anyway.)"""
    layer = torch.nn.Linear(576, width, bias=False, dtype=dtype)
    halves = layer.weight[:, ::2], layer.weight[:, 1::2]

    def product(inputs: torch.Tensor) -> torch.Tensor:
        if inputs.shape[-2] < 64:
            return (inputs.float() @ layer.weight.float().T).to(dtype)
        first, second = inputs[..., ::2].float(), inputs[..., 1::2].float()
        return (first @ halves[0].float().T + second @ halves[1].float().T).to(dtype)

    assert agreeing([layer], [product]) in (Rows(64, 512), Rows(64, 128))
    assert agreeing([layer], [layer.forward]) != Rows(8, 8)
