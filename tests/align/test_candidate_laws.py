"""Laws of the candidates, on random edits of real-looking files and on random text."""

from __future__ import annotations

from candidates import assert_meant, ranked
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from fastapply.align.check import run_checks
from fastapply.applier import NARROW
from fastapply.errors import FastApplyError

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


@examples(60)
@given(files())
def test_a_file_as_its_own_update_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    assert_meant(text, text, "python", text)


@examples(60)
@given(files(), st.data())
def test_a_whole_file_is_the_result(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([k for k, line in enumerate(lines) if line.startswith("    ")]))
    update = [*lines[:at], "    fresh = make(x)", *lines[at + data.draw(st.integers(0, 1)) :]]
    whole = "\n".join(update) + "\n"
    assert_meant("\n".join(lines) + "\n", whole, "python", whole)


@examples(60)
@given(files(), st.data())
def test_what_no_hunk_touches_is_byte_for_byte_there(lines: list[str], data: st.DataObject) -> None:
    """Whatever happens around the edit, lines far from it stay, odd white space included."""
    at = data.draw(st.sampled_from([k for k, line in enumerate(lines) if line.startswith("def ")]))
    header = lines[at]
    odd = [line + " \t" if k < at - 1 else line for k, line in enumerate(lines)]
    update = ["# ... existing code ...", header, "    return None", "# ... existing code ..."]
    best = ranked("\n".join(odd), "\n".join(update), "python")[0].text.split("\n")
    assert best[: at + 1] == odd[: at + 1]
    following = next((k for k in range(at + 1, len(odd)) if odd[k].startswith("def ")), len(odd))
    if following < len(odd):
        assert best[len(best) - len(odd) + following :] == odd[following:]


@examples(150)
@given(TEXTS, TEXTS, LANGUAGES)
def test_any_text_gives_candidates_or_a_rejection(original: str, update: str, language: str | None) -> None:
    try:
        found = ranked(original, update, language)
    except FastApplyError:  # it matches nothing, or is none
        return
    assert 1 <= len(found) <= NARROW.candidates
    assert len({candidate.text for candidate in found}) == len(found)
    assert [candidate.cost for candidate in found] == sorted(candidate.cost for candidate in found)
    assert len(run_checks(original, found[0].text, update, language)) == 16
