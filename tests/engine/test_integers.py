"""Exact integer sums: all kernels give what whole numbers give, and a row never depends on the rows beside it."""

from __future__ import annotations

import math
import time

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply.engine import integers
from fastapply.engine.integers import (
    ACTIVATION,
    WEIGHT,
    IntegerLinear,
    exact_parts,
    fastest_kernel,
    fbgemm,
    float32,
    onednn,
    quantised,
)
from fastapply.engine.loader import choose_dtype
from fastapply.errors import ModelError

ENGINES = torch.backends.quantized.supported_engines
KERNELS = (float32, onednn, *([fbgemm] if "fbgemm" in ENGINES else []))


@st.composite
def whole_numbers(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and weights of one sign or of both, the smallest magnitude anything from 0 to the largest."""
    source = torch.Generator().manual_seed(draw(st.integers(0, 1 << 30)))
    columns = draw(st.sampled_from([1, 31, 576, 1536, 2064, 2065, 4864]))
    below = draw(st.sampled_from([0, 2, WEIGHT]))

    def matrix(rows: int, largest: int) -> torch.Tensor:
        sizes = torch.randint(largest - below, largest + 1, (rows, columns), generator=source)
        signs = torch.randint(0, 2, sizes.shape, generator=source) * 2 - 1
        return sizes * signs if draw(st.booleans()) else sizes

    return matrix(draw(st.integers(1, 70)), ACTIVATION), matrix(draw(st.integers(1, 70)), WEIGHT)


@settings(max_examples=60, deadline=None)
@given(whole_numbers())
def test_every_kernel_gives_the_sums_of_whole_numbers(matrices):
    rows, weight = matrices
    expected = (rows @ weight.T).float()  # in 64 bits
    for kernel in KERNELS:
        assert torch.equal(kernel(weight.to(torch.int8))(rows.float()), expected), kernel


@pytest.mark.parametrize(("columns", "parts"), [(2064, 1), (2065, 2), (4128, 2), (8192, 4)])
def test_the_largest_weights_are_summed_in_parts_that_float32_holds(columns, parts):
    weight = torch.full((3, columns), -WEIGHT, dtype=torch.int8)
    assert exact_parts(weight) == parts
    assert exact_parts(weight // WEIGHT) == 1, "smaller weights need no parts"


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("shape", [(576, 192), (1536, 64)])
def test_a_row_has_the_same_bits_alone_and_in_every_block(shape, kernel):
    torch.manual_seed(0)
    layer = IntegerLinear(torch.nn.Linear(*shape), kernel)
    inputs = torch.randn(512, shape[0]) * torch.logspace(-3, 3, 512)[:, None]
    with torch.inference_mode():
        alone = torch.cat([layer(row) for row in inputs[:, None]])
        for size in (2, 8, 16, 32, 64, 100, 128, 256, 512):
            blocks = torch.cat([layer(block) for block in torch.split(inputs, size)])
            assert torch.equal(blocks, alone), size


def test_the_kernels_make_the_same_layer_and_it_is_close_to_the_one_it_replaces():
    torch.manual_seed(1)
    layer, inputs = torch.nn.Linear(576, 1536), torch.randn(2, 30, 576)
    first, *others = (IntegerLinear(layer, kernel)(inputs) for kernel in KERNELS)
    assert all(torch.equal(first, other) for other in others)
    assert first.shape == (2, 30, 1536)
    error = (first - layer(inputs)).norm() / layer(inputs).norm()
    assert 0 < error < 0.02


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_quantising_is_off_by_half_a_step_at_most(row):
    values, scale = quantised(torch.tensor([row]), ACTIVATION)
    assert values.abs().max() <= ACTIVATION
    assert torch.equal(values, values.trunc())
    error = (values.double() * scale - torch.tensor([row], dtype=torch.float64)).abs().max()
    assert error <= scale.double() * 0.50001


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_broken_row_shows_and_breaks_no_other(broken, kernel):
    layer = IntegerLinear(torch.nn.Linear(64, 8), kernel)
    inputs = torch.randn(3, 64)
    whole = layer(inputs)
    inputs[1, 5] = broken
    outputs = layer(inputs)
    assert not outputs[1].isfinite().any()
    assert torch.equal(outputs[[0, 2]], whole[[0, 2]])


@pytest.mark.parametrize(
    ("total", "seconds", "used"),
    [(ACTIVATION * WEIGHT * 512, 0, True), (ACTIVATION * WEIGHT * 512, 0.5, False), (32767 * 256, 0, False)],
    ids=["fast", "slow", "saturating"],
)
def test_a_kernel_is_used_only_where_it_is_fast_and_exact(total, seconds, used, monkeypatch):
    """A kernel that this CPU may lack, beside float32's in 0.1 s, and none of FBGEMM's."""
    linear = torch.nn.functional.linear

    def sums(*_: torch.Tensor) -> torch.Tensor:
        time.sleep(seconds)
        return torch.full((64, 512), total, dtype=torch.int32)

    def absent(_: torch.Tensor) -> None:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(torch, "_int_mm", sums)
    monkeypatch.setattr(torch.nn.functional, "linear", lambda *given: (time.sleep(0.1), linear(*given))[1])
    monkeypatch.setattr(integers, "fbgemm", absent)
    assert fastest_kernel.__wrapped__() is (onednn if used else float32)


def test_integers_run_on_the_cpu_only():
    assert choose_dtype("int8", torch.device("cpu")) is torch.int8
    with pytest.raises(ModelError, match="--dtype int8 runs on the CPU only"):
        choose_dtype("int8", torch.device("cuda"))
