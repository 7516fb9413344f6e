"""Laws of the ledger: in every format no line goes unseen, whatever the alignment makes of an update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from examples import examples
from hypothesis import assume, given, note
from hypothesis import strategies as st

from fastapply.applier import Applier
from fastapply.text.diff import lf_lines, line_hunks
from fastapply.types import ApplyRequest, ApplyResult, Status
from tests.judge.edits import Edit, blocks, diffs, edits, snippets

FORMATS = {"snippet": snippets, "diff": diffs, "search": blocks}
Render = Callable[[Edit], st.SearchStrategy[str]]


def apply(edit: Edit, update: str) -> ApplyResult:
    note(f"--- {edit.language}\n{edit.original}--- update\n{update}")
    result = Applier(None).apply(ApplyRequest(edit.original, update, language=edit.language))
    note(f"--- {result.status} {result.confidence}\n{result.text}")
    return result


@pytest.mark.parametrize("render", FORMATS.values(), ids=FORMATS)
@examples(100)
@given(edits(), st.data())
def test_what_is_applied_is_accounted_for(render: Render, edit: Edit, data: st.DataObject) -> None:
    """Each line that goes in an applied result has a reason in its hunk."""
    assume(edit.expected != edit.original)
    result = apply(edit, data.draw(render(edit)))
    if result.status is not Status.APPLIED:
        return
    old = lf_lines(edit.original)
    assert result.hunks == line_hunks(edit.original, result.text)
    for hunk in result.hunks:
        known = {k for reason in hunk.reasons for k in range(reason.start_line, reason.end_line)}
        assert known <= set(range(hunk.start_line, hunk.end_line))
        assert [old[k] for k in range(hunk.start_line, hunk.end_line) if old[k].strip() and k not in known] == []


@pytest.mark.parametrize("render", FORMATS.values(), ids=FORMATS)
@examples(100)
@given(edits(adds_only=True), st.data())
def test_what_only_adds_takes_nothing_away(render: Render, edit: Edit, data: st.DataObject) -> None:
    """Every line of the original stands in an applied result, as often as before."""
    result = apply(edit, data.draw(render(edit)))
    if result.status is Status.APPLIED:
        before, after = (
            Counter(filter(None, map(str.strip, text.split("\n")))) for text in (edit.original, result.text)
        )
        assert before - after == Counter()
