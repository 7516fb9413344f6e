"""Small cases, one a line: what the lists of this folder say is right comes out, byte for byte.

    kinds.jsonl         edits by the kind that went wrong on real ones (`kind`); `note` says why the result is right
    fresh_kinds.jsonl   more of the same kinds in other languages, written before the program had seen them
    later_kinds.jsonl   further kinds, found later on edits that were written by hand
    reports.jsonl       edits after reports to other tools; `report` names the thread, `complaint` says it

What is still wrong stands here by name. It has to be shown for review, never written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_cases import patched

from fastapply.applier import Applier
from fastapply.types import ApplyRequest, Status

HERE = Path(__file__).parent

STILL_WRONG = frozenset(
    {
        "fresh02-swift-after-oneliner",
        "fresh18-tsx-import-at-the-end",
        "kind02-kotlin-after-oneliner",
        "fresh06-rust-function-then-use",
        "fresh15-swift-pair",
        "later33-yaml-block-to-value",
        "proto_rpc_after_marker",
        "later38-yaml-beyond-the-job",
        "kind12-js-it-after-instruction",
        "kind12-c-switch-case",
    }
)
"""Not right today, and shown for review. A case that has become right fails until it is taken off."""

WRITTEN_THOUGH_WRONG: frozenset[str] = frozenset()
"""The same, but nobody is asked: these come first, and the list is to be empty."""


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


KINDS, FRESH, REPORTS = read("kinds.jsonl"), read("fresh_kinds.jsonl"), read("reports.jsonl")
CASES = [*KINDS, *FRESH, *read("later_kinds.jsonl"), *REPORTS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_alignment_alone(case: dict[str, Any]) -> None:
    request = ApplyRequest(
        case["original"], case["update"], case.get("instruction", ""), case["path"], case["language"]
    )
    result = Applier(None).apply(request)
    written = result.status is Status.APPLIED
    if case["id"] in STILL_WRONG | WRITTEN_THOUGH_WRONG:
        assert result.text != case["expected"], "it is right now: take it off the list"
        assert written == (case["id"] in WRITTEN_THOUGH_WRONG), "it belongs to the other list"
        return
    assert result.text == case["expected"], "written though wrong" if written else "shown, and wrong"
    assert patched(case["original"], result.hunks) == case["expected"]


def test_the_lists_are_complete_and_tidy() -> None:
    names = [case["id"] for case in CASES]
    assert len(set(names)) == len(names)
    assert not STILL_WRONG & WRITTEN_THOUGH_WRONG
    assert set(names) >= STILL_WRONG | WRITTEN_THOUGH_WRONG
    assert {case["kind"] for case in FRESH} == {case["kind"] for case in KINDS}
    assert all(case["note"] if "kind" in case else case["report"] and case["complaint"] for case in CASES)
    assert all(case["original"] != case["expected"] for case in CASES)
