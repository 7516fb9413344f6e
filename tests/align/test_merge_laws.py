"""Laws of merging, on random edits of real-looking files and on random text."""

from __future__ import annotations

import pytest
from candidates import merges
from fastapply.align.alignment import Alignment
from fastapply.align.costs import Costs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fastapply.align.check import run_checks
from fastapply.errors import RejectedError

LANGUAGES = st.sampled_from(["python", "javascript", "go", "yaml", "markdown", "html", None])
TEXTS = st.text(alphabet=st.sampled_from("ab {}():#/.\n\t-=<>'\"é"), max_size=80)


@st.composite
def files(draw: st.DrawFn) -> list[str]:
    """Lines of a Python file of a few functions, with repeated and with unique lines, without its last line end."""
    lines = ["import os", "import sys", ""]
    for name in draw(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=6, unique=True)):
        lines += ["", f"def {name}(x):"]
        for k in range(draw(st.integers(1, 5))):
            lines.append(draw(st.sampled_from([f"    x = {name}_{k}(x)", "    x += 1", "    check(x)"])))
        lines += ["    return x", ""]
    return lines[:-1]


@settings(max_examples=60, deadline=None)
@given(files())
def test_merging_a_file_with_itself_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    assert merges(text, text, "python")[0].text == text


@settings(max_examples=60, deadline=None)
@given(files(), st.data())
def test_a_whole_file_is_the_result(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([k for k, line in enumerate(lines) if line.startswith("    ")]))
    update = [*lines[:at], "    fresh = make(x)", *lines[at + data.draw(st.integers(0, 1)) :]]
    assert merges("\n".join(lines) + "\n", "\n".join(update) + "\n", "python")[0].text == "\n".join(update) + "\n"


@settings(max_examples=60, deadline=None)
@given(files(), st.data())
def test_what_no_hunk_touches_is_byte_for_byte_there(lines: list[str], data: st.DataObject) -> None:
    """Whatever a merge does around the edit, lines far from it stay, odd white space included."""
    at = data.draw(st.sampled_from([k for k, line in enumerate(lines) if line.startswith("def ")]))
    header = lines[at]
    odd = [line + " \t" if k < at - 1 else line for k, line in enumerate(lines)]
    update = ["# ... existing code ...", header, "    return None", "# ... existing code ..."]
    best = merges("\n".join(odd), "\n".join(update), "python")[0].text.split("\n")
    assert best[: at + 1] == odd[: at + 1]
    following = next((k for k in range(at + 1, len(odd)) if odd[k].startswith("def ")), len(odd))
    if following < len(odd):
        assert best[len(best) - len(odd) + following :] == odd[following:]


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, LANGUAGES)
def test_any_text_gives_merges_or_a_rejection(original: str, update: str, language: str | None) -> None:
    try:
        found = merges(original, update, language)
    except RejectedError:
        return
    assert 1 <= len(found) <= 8
    assert len({merge.text for merge in found}) == len(found)
    assert [merge.cost for merge in found] == sorted(merge.cost for merge in found)
    assert len(run_checks(original, found[0].text, update, language)) == 13


@settings(max_examples=60, deadline=None)
@given(files(), st.data())
def test_a_path_costs_what_its_steps_cost(lines: list[str], data: st.DataObject) -> None:
    """The vector program and the tracing of paths agree, and every path reads both texts to the end."""
    picked = data.draw(st.lists(st.sampled_from(lines), min_size=1, max_size=8))
    assume(any(line.strip() for line in picked))
    update = "\n".join(["# ... existing code ...", *picked, "    new(x)", "# ... existing code ..."])
    alignment = Alignment("\n".join(lines), update, "python", Costs())
    previous = 0.0
    for path, cost in alignment.paths():
        assert sum(step.cost for step in path) == pytest.approx(cost, abs=0.01)
        assert cost >= previous - 0.01
        previous = cost
        passed = [step.column for step in path if step.op in ("match", "replace", "keep", "delete")]
        assert passed == list(range(len(lines)))
