"""The corpus: every folder here is one way in which a tool like this one has lost, or could lose, somebody's code.

A folder holds `original.*`, `update.*`, `expected.*` (none where the file stays as it is) and `case.toml`:

    complaint     one sentence, as the user would say it
    reference     where it was seen: an issue of a peer, or "in the wild"
    status        applied | needs_review | rejected
    checks        names of the checks that fail (default: none)
    path          the file's name as the user has it (default: that of `original`)
    instruction   what was asked for (default: nothing)
    model         true: the embedded model is asked as well
    known_wrong   why the result is not the expected one today; such a result must not be silent

All comparisons are of bytes.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastapply.applier import Applier
from fastapply.text.lines import BOM, decode, encode, split_lines
from fastapply.types import ApplyRequest, ApplyResult, Hunk, Status

if TYPE_CHECKING:
    from fastapply.backends.local import LocalBackend

HERE = Path(__file__).parent
KEYS = {"complaint", "reference", "status", "alone", "checks", "path", "instruction", "model", "known_wrong"}


@dataclass(frozen=True)
class Case:
    """One folder. `original` and `expected` are bytes."""

    name: str
    original: bytes
    expected: bytes
    request: ApplyRequest
    status: Status
    alone: Status  # without a model, where more is shown for review
    checks: frozenset[str]
    with_model: bool
    known_wrong: str

    @classmethod
    def read(cls, folder: Path) -> Case:
        about = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
        assert about.keys() <= KEYS and about["complaint"] and about["reference"], folder
        original, update = _only(folder, "original"), _only(folder, "update")
        expected = next(folder.glob("expected.*"), original)
        request = ApplyRequest(
            decode(original.read_bytes()),
            decode(update.read_bytes()),
            about.get("instruction", ""),
            about.get("path", original.name),
        )
        return cls(
            folder.name,
            original.read_bytes(),
            expected.read_bytes(),
            request,
            Status(about["status"]),
            Status(about.get("alone", about["status"])),
            frozenset(about.get("checks", ())),
            about.get("model", False),
            about.get("known_wrong", ""),
        )


def _only(folder: Path, stem: str) -> Path:
    (path,) = folder.glob(f"{stem}.*")
    return path


CASES = [Case.read(path.parent) for path in sorted(HERE.glob("*/case.toml"))]


def _result(applier: Applier, case: Case) -> tuple[ApplyResult, set[str]]:
    result = applier.apply(case.request)
    failed = {check.name for check in result.checks if not check.ok}
    return result, failed - {"confident"}  # information for whoever reviews, no complaint


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_alignment_alone(case: Case) -> None:
    result, failed = _result(Applier(None), case)
    if case.known_wrong:
        assert result.status is not Status.APPLIED, "a known wrong result became a silent one"
        assert encode(result.text) != case.expected, "it is right now: take known_wrong out"
        return
    assert encode(result.text) == case.expected
    assert (result.status, failed) == (case.alone, case.checks), result.checks
    assert encode(patched(case.request.original, result.hunks)) == case.expected


@pytest.mark.model
def test_with_the_embedded_model(embedded: LocalBackend) -> None:
    """The marked cases. The model may doubt what the alignment does not, but not get it wrong."""
    applier = Applier(embedded)
    for case in CASES:
        if case.with_model:
            result, _ = _result(applier, case)
            assert encode(result.text) == case.expected, case.name


def patched(text: str, hunks: tuple[Hunk, ...]) -> str:
    """`text` with the hunks of its result made one by one, as an editor would."""
    bom = BOM * text.startswith(BOM)
    lines = split_lines(text[len(bom) :])
    for hunk in reversed(hunks):
        lines[hunk.start_line : hunk.end_line] = [hunk.new_text]
    return bom + "".join(lines)


def test_the_corpus_is_tidy() -> None:
    folders = {path for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {HERE / case.name for case in CASES}
    for case in CASES:
        assert case.known_wrong or case.status is not Status.REJECTED or case.original == case.expected, case.name
