"""Long files: exact results in every format, a bounded memory, and a cost that grows with the edit."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from big_cases import BigCase, big_cases, make_case
from big_sources import STYLES, make_source
from candidates import ranked

from fastapply.align.languages import count_errors, new_errors, parse, parse_rewrite
from fastapply.align.whole import is_whole_file
from fastapply.applier import Applier
from fastapply.backends.base import Outcome, Rewrite
from fastapply.errors import RejectedError, TooLongError
from fastapply.text.diff import apply_hunks
from fastapply.types import ApplyRequest, ApplyResult, Delta, Stats, Status

if TYPE_CHECKING:
    from fastapply.backends.local import LocalBackend

MOST_MEMORY = 450  # MB that aligning a file of 1 MB may take: 24 candidates of that size, Python and its libraries


def apply(case: BigCase, applier: Applier | None = None) -> ApplyResult:
    """The result of the case, after a look at the stream that gave it."""
    request = ApplyRequest(case.original, case.update, path=case.path)
    *deltas, result = (applier or Applier(None)).stream(request)
    assert isinstance(result, ApplyResult)
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == result.text
    hunks = [hunk for delta in deltas if isinstance(delta, Delta) for hunk in delta.hunks]
    assert apply_hunks(case.original, hunks) == result.text
    return result


@pytest.mark.parametrize("case", big_cases(), ids=lambda case: case.name)
def test_twenty_four_long_files(case: BigCase) -> None:
    assert case.original.count("\n") >= case.lines
    result = apply(case)  # without a model, a place among alike ones may be shown for review
    assert result.text == case.expected
    assert not {check.name for check in result.checks if not check.ok} - {"confident"}


@pytest.mark.parametrize("language", STYLES)
def test_the_made_files_parse(language: str) -> None:
    tree = parse(make_source(language, 400, 1).text, language)
    assert tree is not None
    assert count_errors(tree) == 0


@pytest.mark.parametrize("language", STYLES)
def test_a_rewrite_is_parsed_where_it_differs_and_has_the_same_tree(language: str) -> None:
    case = make_case(language, "far-apart", 400, 5)
    broken = case.expected.replace("limit", "limit ) (", 1)
    for text in (case.expected, case.original, "é" + case.expected):
        fresh, found = parse(text, language), parse_rewrite(text, case.original, language)
        assert fresh is not None
        assert found is not None
        assert str(found.root_node) == str(fresh.root_node)
    assert new_errors(broken, case.original, language) > 0
    assert new_errors(case.original, broken, language) < 0


def test_a_whole_file_that_changes_everywhere_is_taken_as_it_stands() -> None:
    case = make_case("go", "whole-file", 10_000, 1)
    everywhere = dataclasses.replace(case, update=case.expected.replace("limit", "bound"))
    assert is_whole_file(case.original, everywhere.update, "go")
    result = apply(everywhere)
    assert result.text == everywhere.update
    assert result.status is Status.APPLIED


def test_a_large_update_that_may_not_be_the_whole_file_is_not_taken_for_it() -> None:
    original = make_source("go", 3000, 1).text
    changed = original.replace("limit", "bound")
    start = changed.index("\nfunc ")
    lost = changed[:start] + changed[changed.index("\n}\n", start) + 3 :]
    for update in (lost, changed + "// ... existing code ...\n", changed + "func (\n", changed[: len(changed) // 2]):
        assert not is_whole_file(original, update, "go")


def test_what_is_too_large_to_align_is_refused_in_one_line() -> None:
    original = "".join(f"value {number} stands here\n" for number in range(20_000))
    update = "".join(f"{number * 7} comes {number}\n" for number in range(10_000))
    with pytest.raises(RejectedError, match="takes too much memory; split the edit"):
        ranked(original, update, None)


@pytest.mark.process
def test_a_file_of_one_megabyte_is_aligned_in_bounded_memory() -> None:
    script = Path(__file__).with_name("cost_by_length.py")
    done = subprocess.run(
        [sys.executable, script, "--child", "python", "34000", "none", "--repeats", "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, _, memory, size, exact = done.stdout.split()
    assert int(size) > 1_000_000
    assert exact == "True"
    assert 0 < float(memory) < MOST_MEMORY, seconds


class Refusing:
    """A model whose context is too small for anything."""

    def rewrite(self, job: Rewrite):
        raise TooLongError("too long for this model")
        yield Outcome(True, None, Stats())


def test_what_does_not_fit_the_model_is_left_to_the_alignment_and_says_so() -> None:
    case = make_case("python", "far-apart", 2000, 3)
    result = apply(case, Applier(Refusing()))
    assert result.text == case.expected
    assert [check.detail for check in result.checks if check.name == "read"] == [
        "left to the alignment: too long for this model"
    ]


@pytest.mark.model
def test_the_model_reads_regions_that_lie_far_apart(embedded: LocalBackend) -> None:
    for language, kind in (("java", "far-apart"), ("rust", "bare-method")):
        case = make_case(language, kind, 10_000, 4)
        result = apply(case, Applier(embedded))
        assert result.text == case.expected
        assert 0 < result.stats.prompt_tokens < 4000
        assert result.stats.output_tokens < 2000
