"""The embedded model in each dtype that ships: every drafter writes bitwise what plain decoding writes.

The cases are the real edits of `tests/cases`, the smallest first: plain decoding is what takes the time. The first
tokens of a few of them are written in every test run, in bfloat16 only where the machine multiplies it (`tests/engine`
has it in tiny models); `make test-lossless` writes fifty to their end in each.
"""

from __future__ import annotations

import itertools
import os
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fastapply.applier import make_plan
from fastapply.backends.drafting import DRAFTERS
from fastapply.backends.local import LocalBackend
from fastapply.config import load_settings
from fastapply.engine.loader import choose_device, choose_dtype
from fastapply.errors import RejectedError
from fastapply.plan import Plan
from fastapply.text.lines import decode
from fastapply.types import ApplyRequest
from fastapply_lab.bench.methods import Case, make_case, speculative
from fastapply_lab.tasks import Task

pytestmark = [pytest.mark.model, pytest.mark.process]

FOLDER = Path(__file__).parents[1] / "cases"
ON_DEMAND = "FASTAPPLY_LOSSLESS_CASES" in os.environ
COUNT = int(os.environ.get("FASTAPPLY_LOSSLESS_CASES", "2"))
MOST_TOKENS = 100_000 if ON_DEMAND else 24  # of an output; plain decoding takes a pass for each
LEAST_CHARACTERS = 60  # of a file; there is little to draft in a shorter one


def plans() -> Iterator[tuple[str, Plan]]:
    """Every case that is an edit of a file, the smallest file first."""
    folders = [path.parent for path in FOLDER.glob("*/case.toml")]
    for folder in sorted(folders, key=lambda folder: (next(folder.glob("original.*")).stat().st_size, folder)):
        about = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
        original, update = (next(folder.glob(f"{stem}.*")) for stem in ("original", "update"))
        texts = (decode(file.read_bytes()) for file in (original, update))
        try:
            plan = make_plan(ApplyRequest(*texts, about.get("instruction", ""), about.get("path", original.name)))
        except RejectedError:
            continue
        if len(plan.request.original) >= LEAST_CHARACTERS and plan.candidates[0].text != plan.request.original:
            yield folder.name, plan


def case_of(name: str, plan: Plan, backend: LocalBackend, *, guided: bool) -> Case:
    asked, merge = plan.request, plan.candidates[0].text
    task = Task(name, asked.language or "text", asked.original, asked.update, merge, asked.instruction, asked.path)
    case = make_case(task, merge, backend, guided=guided)
    return replace(case, limit=min(case.limit, MOST_TOKENS))


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "int8"])
def test_every_drafter_writes_what_plain_decoding_writes(dtype: str, request: pytest.FixtureRequest) -> None:
    native = choose_dtype("auto", choose_device("cpu")) is getattr(torch, dtype)
    if dtype == "bfloat16" and not (native or ON_DEMAND):
        pytest.skip("this machine has no bfloat16: `make test-lossless` emulates it")
    backend = request.getfixturevalue("embedded") if native else LocalBackend.load(load_settings(dtype=dtype))
    chosen = list(itertools.islice(plans(), COUNT))
    assert len(chosen) == COUNT, "tests/cases holds fewer edits"
    drafters = [name for name in DRAFTERS if name != "heads"]  # no heads ship
    passes = dict.fromkeys(drafters, 0)
    tokens = 0
    for number, (name, plan) in enumerate(chosen):
        case = case_of(name, plan, backend, guided=number % 2 == 0)  # else the model writes freely
        plain = speculative("none")(backend, case)
        tokens += len(plain.tokens)
        passes["none"] += plain.forward_passes
        for drafter in drafters[1:]:
            run = speculative(drafter)(backend, case)
            assert run.tokens == plain.tokens, (name, drafter, dtype)
            passes[drafter] += run.forward_passes
        print(f"{dtype} {number + 1}/{COUNT} {name}: {len(plain.tokens)} tokens, the same from all", flush=True)
    print(f"\n| {dtype}, {COUNT} cases, {tokens} tokens | passes | identical |\n|---|---|---|")
    for drafter in drafters:
        print(f"| {'plain' if drafter == 'none' else drafter} | {passes[drafter]} | {COUNT}/{COUNT} |")
    assert passes["merge"] * 2 < passes["none"]  # and the drafts are worth it
