"""Products of rows that do not depend on their number."""

from __future__ import annotations

import pytest
import torch

from fastapply.engine import products
from fastapply.engine.products import Rows, agreeing, settle_products


def layers(dtype: torch.dtype) -> list[torch.nn.Linear]:
    torch.manual_seed(1)
    return [torch.nn.Linear(*shape, bias=False, dtype=dtype) for shape in ((576, 1536), (1536, 576), (64, 96))]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_row_has_the_same_bits_in_every_product_that_is_allowed(dtype):
    found = layers(dtype)
    rows = agreeing(found)
    for layer in found:
        inputs = torch.randn(512, layer.in_features, dtype=dtype)
        sizes = [size for size in (8, 16, 32, 64, 128, 256, 512) if rows.least <= size <= rows.most]
        whole = [torch.cat([layer(part) for part in torch.split(inputs, size)]) for size in sizes]
        assert all(torch.equal(one, whole[0]) for one in whole)


def test_products_are_cut_only_where_they_must_be(monkeypatch):
    monkeypatch.setattr(products, "_CHOICES", (Rows(16, 64),))
    module = torch.nn.Sequential(*layers(torch.float32)[:2])
    inputs = torch.randn(1, 200, 576)
    before = module(inputs)
    assert settle_products(module) == Rows(16, 64)
    calls: list[int] = []
    linear = torch.nn.functional.linear
    monkeypatch.setattr(
        products.F, "linear", lambda part, *rest: (calls.append(part.shape[-2]), linear(part, *rest))[1]
    )
    torch.testing.assert_close(module(inputs), before, atol=1e-5, rtol=1e-5)
    assert calls == [64, 64, 64, 8] * 2
    assert settle_products(module) == Rows(16, 64), "asked once"
