"""One request end to end, by alignment alone; the same with the model stands in tests/e2e."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fastapply.applier import Applier, make_plan
from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.errors import UsageError
from fastapply.plan import still_there
from fastapply.result import UNASKED, make_result
from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.diff import apply_hunks
from fastapply.text.formats import parse_update
from fastapply.types import ApplyRequest, ApplyResult, Delta, Stats, Status

FILE = """\
import os


def first(a):
    value = os.path.join(a, "first")
    print(value)
    return value


def second(a):
    value = os.path.join(a, "second")
    print(value)
    return value
"""
SNIPPET = """\
# ... existing code ...

def second(a):
    value = os.path.join(a, "third")
    # ... existing code ...
"""


def apply(original: str, update: str, path: str = "a.py") -> ApplyResult:
    return Applier(None).apply(ApplyRequest(original, update, path=path, id="7"))


def test_a_lazy_snippet_changes_what_it_names_and_nothing_else():
    result = apply(FILE, SNIPPET)
    assert result.text == FILE.replace('"second"', '"third"')
    assert result.status is Status.APPLIED
    assert [(h.start_line, h.end_line) for h in result.hunks] == [(10, 11)]


METHOD = "    def read(self):\n        x = open(self.path)\n        return x.read()\n"
TWO = f"class First:\n{METHOD}\n\nclass Second:\n{METHOD}"
OPEN = f"# ... existing code ...\n{METHOD.replace('read()', 'read().strip()')}# ... existing code ...\n"


def test_what_is_in_doubt_is_the_first_thing_that_is_said():
    result = apply(TWO, OPEN)
    assert result.status is Status.NEEDS_REVIEW
    assert [check.name for check in result.failed][:2] == ["confident", "ambiguous"]
    assert result.failed[0].detail == "two places fit: line 4 or line 10; reading 2 takes the second"


DIFF = '@@ -11 +11 @@\n-    value = os.path.join(a, "second")\n+    value = os.path.join(a, "third")\n'
RUN = "```sh\n\npip install rich\npython a.py\n```\n"


@pytest.mark.parametrize("block", [f"```python\n{SNIPPET}```\n", f"```diff\n{DIFF}```\n```diff\n{DIFF}```\n"])
def test_a_code_block_that_is_no_part_of_the_edit_is_named_and_costs_no_confidence(block: str) -> None:
    alone = apply(FILE, block)
    result = apply(FILE, f"Change it:\n\n{block}\nThen run it:\n\n{RUN}")
    assert (result.text, result.status, result.confidence) == (alone.text, alone.status, alone.confidence)
    assert "left_out" not in [check.name for check in alone.checks]
    said = "1 code block of the update was left out as no part of the edit: `pip install rich`"
    assert [check.detail for check in result.failed if check.name == "left_out"] == [said]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("final", [True, False])
def test_bytes_outside_the_hunk_stay(newline, bom, final):
    body = FILE if final else FILE.removesuffix("\n")
    raw = bom + body.replace("\n", newline)
    assert apply(raw, SNIPPET).text == raw.replace('"second"', '"third"')


def test_streamed_hunks_and_text_give_the_result():
    *deltas, result = Applier(None).stream(ApplyRequest(FILE, SNIPPET, path="a.py"))
    assert all(isinstance(delta, Delta) for delta in deltas)
    assert "".join(delta.text for delta in deltas) == result.text
    assert apply_hunks(FILE, result.hunks) == result.text


def test_json_has_the_fields_of_the_contract():
    data = apply(FILE, SNIPPET).to_json()
    assert list(data) == ["id", "status", "text", "confidence", "hunks", "checks", "stats"]
    assert data["id"] == "7"
    assert data["status"] == "applied"
    assert set(data["hunks"][0]) == {"start_line", "end_line", "new_text", "reasons"}
    assert set(data["checks"][0]) == {"name", "ok", "detail"}
    assert len(data["stats"]) == 9
    json.dumps(data)


def test_a_diff_that_fits_needs_no_model_and_one_with_wrong_numbers_fits_too():
    diff = '--- a/a.py\n+++ b/a.py\n@@ -90,3 +90,3 @@\n def second(a):\n-    value = os.path.join(a, "second")\n'
    diff += '+    value = os.path.join(a, "third")\n     print(value)\n'
    assert make_plan(ApplyRequest(FILE, diff, path="a.py")).exact
    result = apply(FILE, diff)
    assert result.text == FILE.replace('"second"', '"third"')
    assert result.confidence > 0.99


def test_an_update_for_another_file_is_rejected_and_leaves_the_text():
    result = apply(FILE, "# ... existing code ...\nfn alpha() { beta.gamma(); }\n# ... existing code ...\n")
    assert result.status is Status.REJECTED
    assert result.text == FILE
    assert "matches nothing" in result.checks[0].detail


@pytest.mark.parametrize("update", ["# ... existing code ...\n", "I cannot do that, sorry.\n"])
def test_an_update_without_code_says_so(update: str) -> None:
    result = apply(FILE, update)
    assert result.status is Status.REJECTED
    assert any("no code" in check.detail for check in result.checks)


def test_a_search_block_that_is_not_in_the_file_is_named() -> None:
    result = apply(FILE, "<<<<<<< SEARCH\ndef zzz():\n=======\ndef yyy():\n>>>>>>> REPLACE\n")
    assert result.status is Status.NEEDS_REVIEW
    found = next(check for check in result.checks if check.name == "found")
    assert found.detail == "Block 1 of the update is not in the file: its first line is 'def zzz():'."


def test_an_empty_update_is_wrong_usage():
    with pytest.raises(UsageError, match="the update is empty"):
        apply(FILE, " \n")


def test_what_is_there_already_changes_nothing():
    result = apply(FILE, FILE.replace("\n", "\r\n"))
    assert (result.text, result.hunks) == (FILE, ())


def test_a_snippet_that_fits_many_places_goes_to_review_with_the_others_listed():
    many = "".join(f"def f{number}(a):\n    x = open(a)\n    return x.read()\n\n\n" for number in range(6))
    update = "# ... existing code ...\n    x = open(a)\n    return x.read().strip()\n# ... existing code ...\n"
    result = apply(many, update)
    assert result.status is Status.NEEDS_REVIEW
    assert 1 <= len(result.alternatives) <= 3
    check = next(check for check in result.checks if check.name == "confident")
    assert not check.ok
    assert [other.number for other in result.alternatives] == [2, 3, 4]
    assert check.detail == "4 places fit: line 8, 13, 18 or another; reading 2 takes line 13"
    for other in result.alternatives:
        assert 0 < other.share < 1
        text = apply_hunks(many, other.hunks)
        assert text != result.text
        assert text.count("strip") == 1
        assert apply_replacements(result.text, parse_update(other.diff).replacements) == text
        chosen = Applier(None).apply(ApplyRequest(many, update, path="a.py", reading=other.number))
        assert (chosen.status, chosen.text, chosen.alternatives) == (Status.APPLIED, text, ())
    assert json.loads(json.dumps(result.to_json()))["alternatives"][0]["hunks"]


MANY = "".join(f"def f{number}(a):\n    x = open(a)\n    return x.read()\n\n\n" for number in range(3))
READ = "# ... existing code ...\n    x = open(a)\n    return x.read().strip()\n# ... existing code ...\n"


def test_a_reading_that_is_not_there_says_how_many_there_are():
    for number in (0, -1, 5, 99):
        with pytest.raises(UsageError, match=f"there is no reading {number}: this update has \\d readings"):
            Applier(None).apply(ApplyRequest(MANY, READ, path="a.py", reading=number))
    diff = "@@ -1,1 +1,1 @@\n-import os\n+import re\n"
    with pytest.raises(UsageError, match="this update has 1 reading "):
        Applier(None).apply(ApplyRequest(FILE, diff, path="a.py", reading=2))


def test_what_fits_another_place_as_well_is_never_applied_unseen():
    result = Applier(None).apply(ApplyRequest(MANY, READ, path="a.py"))
    assert result.status is Status.NEEDS_REVIEW
    assert "ambiguous" in {check.name for check in result.checks if not check.ok}
    one = Applier(None).apply(ApplyRequest(MANY, READ.replace("...\n", "...\ndef f1(a):\n", 1), path="a.py"))
    assert "ambiguous" not in {check.name for check in one.checks if not check.ok}


def test_a_chosen_reading_that_breaks_the_file_is_not_applied():
    broken = READ.replace("strip()", "strip((")
    result = Applier(None).apply(ApplyRequest(MANY, broken, path="a.py", reading=2))
    assert result.status is Status.NEEDS_REVIEW
    assert "syntax" in {check.name for check in result.checks if not check.ok}


class Prefers:
    """A backend that takes one of the candidates, as a model may, and keeps count."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.asked = 0

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        self.asked += 1
        yield Piece(job.candidates[self.number].text, 1, 0, Stats())
        yield Outcome(True, 0.1, Stats())


@pytest.mark.parametrize("number", [0, 1, 2])
def test_numbers_hold_whichever_reading_a_model_prefers(number: int):
    backend = Prefers(number)
    request = ApplyRequest(MANY, READ, path="a.py")
    result = Applier(backend, whole_file=True).apply(request)
    assert result.status is Status.NEEDS_REVIEW
    assert result.alternatives
    assert backend.asked == 1
    for other in result.alternatives:
        chosen = Applier(backend).apply(ApplyRequest(MANY, READ, path="a.py", reading=other.number))
        assert (chosen.text, chosen.hunks) == (apply_hunks(MANY, other.hunks), other.hunks)
        assert chosen.status is Status.APPLIED
        assert chosen.text != result.text
    assert backend.asked == 1  # nobody asks it about what a person has chosen


def test_a_model_that_is_asked_in_doubt_only_has_no_part_in_what_is_sure():
    sure, doubtful = ApplyRequest(FILE, SNIPPET, path="a.py"), ApplyRequest(MANY, READ, path="a.py")
    alone = Applier(None).apply(sure)
    assert alone.status is Status.APPLIED
    backend = Prefers(0)
    assert Applier(backend, only_in_doubt=True).apply(sure) == alone
    assert backend.asked == 0
    Applier(backend, only_in_doubt=True).apply(doubtful)
    assert backend.asked == 1
    Applier(backend).apply(sure)
    assert backend.asked == 2


def test_every_doubtful_result_says_what_is_in_doubt():
    update = "def second(a):\n    return compute_everything(a)\n"
    for original, code in ((MANY, READ), (FILE, update), (FILE, SNIPPET.replace("second", "zweite"))):
        result = apply(original, code)
        if result.status is not Status.APPLIED:
            assert any(check.detail for check in result.checks if not check.ok), code


SETTINGS = "".join(f"value_{number} = {number}  # a line with a comment\n" for number in range(6))
RETURNS = "def first(a):\n    value = a + 1\n    return value\n\n\ndef second(a):\n    return a\n"
SHOWN_AGAIN = {  # the original, the update, what is meant
    "the last key of a file": (
        SETTINGS,
        "value_0 = 'first'\n# ... existing code ...\nvalue_5 = 'last'\n",
        f"value_0 = 'first'\n{''.join(SETTINGS.splitlines(keepends=True)[1:5])}value_5 = 'last'\n",
    ),
    "the last statement of a function": (
        RETURNS,
        "def first(a):\n    # ... existing code ...\n    return str(value)\n",
        RETURNS.replace("return value", "return str(value)"),
    ),
}


@pytest.mark.parametrize("kind", SHOWN_AGAIN)
def test_what_is_shown_again_behind_a_marker_takes_the_place_of_the_old(kind: str):
    original, update, expected = SHOWN_AGAIN[kind]
    assert apply(original, update).text == expected


@pytest.mark.parametrize(
    ("path", "call", "marker"),
    [("a.go", "draw(", "\t// ... existing arguments ..."), ("a.py", "draw(", "    # ... existing code ...")],
)
def test_a_marker_in_brackets_keeps_nothing_beyond_them(path: str, call: str, marker: str) -> None:
    """The calls look alike; the one between the two that are shown goes."""
    tab = marker[: len(marker) - len(marker.lstrip())]
    one, two, three = (f"{call}\n{tab}{n}1,\n{tab}red,\n{tab}blue,\n)\n" for n in (1, 2, 3))
    shown = f"{call}\n{tab}11,\n{marker}\n)\n\n{three}"
    result = Applier(None).apply(ApplyRequest(f"{one}\n{two}\n{three}", shown, "do not draw twice", path=path))
    texts = [result.text, *(apply_hunks(f"{one}\n{two}\n{three}", other.hunks) for other in result.alternatives)]
    assert f"{one}\n{three}" in texts


def test_dots_in_the_code_block_of_a_document_are_part_of_it() -> None:
    original = "# Title\n\nOld words.\n\n## Install\n\nRun it.\n"
    block = "## Use\n\n```python\ndef run():\n    a()\n    # ...\n```\n"
    update = f"<!-- ... existing code ... -->\n\nNew words.\n\n{block}\n## Install\n\n<!-- ... existing code ... -->\n"
    result = Applier(None).apply(ApplyRequest(original, update, path="README.md"))
    assert result.text == f"# Title\n\nNew words.\n\n{block}\n## Install\n\nRun it.\n"


def test_what_a_sentence_says_to_stay_stays() -> None:
    first, second = (f"    def {name}(self):\n        # noise\n        return {name}\n" for name in ("one", "two"))
    original = f"class A:\n{first}\n{second}"
    less = first.replace("        # noise\n", "")
    for said in ("two stays exactly as it is", "... two and what follows it are unchanged"):
        result = Applier(None).apply(ApplyRequest(original, f"class A:\n{less}\n    # {said}\n", path="a.py"))
        assert result.text == f"class A:\n{less}\n{second}", said


def test_a_line_that_a_diff_deletes_and_that_stays_is_named() -> None:
    original = "def one():\n    log_entry()\n    return 1\n\n\ndef two():\n    log_entry()\n    return 2\n"
    diff = "@@ -1,3 +1,2 @@\n def one():\n-    log_entry()\n     return 1\n"
    [part] = parse_update(diff, path="a.py", original=original).replacements
    assert still_there(part, original, original) == "log_entry()"
    assert still_there(part, original, original.replace("    log_entry()\n", "", 1)) is None
    plan = replace(make_plan(ApplyRequest(original, diff, path="a.py")), missing="block 1 is not in the file")
    for text, ok in ((original, False), (original.replace("    log_entry()\n", "", 1), True)):
        result = make_result(plan, text, UNASKED)
        assert ("deleted" not in {check.name for check in result.checks}) is ok
        assert ok or result.status is Status.NEEDS_REVIEW
