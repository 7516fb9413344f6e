"""Calls of edit tools say what blocks say."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.applier import Applier
from fastapply.errors import UsageError
from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.cleaning import cleaned
from fastapply.text.formats import parse_update
from fastapply.text.several import split_files
from fastapply.types import ApplyRequest, Status

FILE = "mill:\n  stones: 2\n  speed: 30\n\noven:\n  heat: 220\n  steam: true\n"
OLD, NEW = "  heat: 220\n", "  heat: 240\n  fan: false\n"


def applied(file: str, update: str, path: str = "bakery.yml") -> str:
    text = cleaned(update, file, path)
    return apply_replacements(file, parse_update(text, path=path, original=file).replacements)


def of_json(**said: object) -> str:
    return json.dumps(said)


def of_tags(old: str, new: str) -> str:
    return f"<old_text line=6>\n{old}</old_text>\n<new_text>\n{new}</new_text>\n"


CALLS = {
    "str_replace": lambda old, new: of_json(command="str_replace", path="bakery.yml", old_str=old, new_str=new),
    "without the last line break": lambda old, new: of_json(old_string=old[:-1], new_string=new[:-1]),
    "edits": lambda old, new: of_json(path="bakery.yml", edits=[{"oldText": old, "newText": new}]),
    "in a fence": lambda old, new: f"```json\n{of_json(search=old, replace=new)}\n```\n",
    "encoded twice": lambda old, new: of_json(name="edit", arguments=of_json(old_string=old, new_string=new)),
    "tags": of_tags,
    "tags within tags": lambda old, new: f"<edits>\n{of_tags(old, new)}</edits>\n",
    "parameters": lambda old, new: (
        '<invoke name="edit">\n<parameter name="path">bakery.yml</parameter>\n'
        f'<parameter name="old_str">{old}</parameter>\n<parameter name="new_str">{new}</parameter>\n</invoke>\n'
    ),
    "block in tags": lambda old, new: (
        "<apply_diff>\n<path>bakery.yml</path>\n<diff>\n<<<<<<< SEARCH\n:start_line:6\n-------\n"
        f"{old}=======\n{new}>>>>>>> REPLACE\n</diff>\n</apply_diff>\n"
    ),
    "conflict": lambda old, new: f"<<<<<<< HEAD\n{old}=======\n{new}>>>>>>> more-heat\n",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_is_carried_out(call):
    assert applied(FILE, call(OLD, NEW)) == FILE.replace(OLD, NEW)


@given(st.integers(0, 19), st.integers(1, 4), st.integers(0, 4), st.sampled_from(sorted(CALLS)))
def test_among_unique_lines_any_call_gives_the_edit(start, size, news, name):
    lines = [f"row {number}\n" for number in range(20)]
    old, new = "".join(lines[start : start + size]), "".join(f"new {number}\n" for number in range(news))
    if news == 0 and "last line break" in name:
        return
    file = "".join(lines)
    assert applied(file, CALLS[name](old, new)) == file.replace(old, new, 1)


def test_everywhere():
    file = "a = old\nb = 1\nc = old\nd = old + old\n"
    update = of_json(old_string="old", new_string="new", replace_all=True)
    assert applied(file, update, "a.py") == file.replace("old", "new")


@pytest.mark.parametrize("line", range(8))
def test_insert(line):
    lines = FILE.splitlines(keepends=True)
    wanted = "".join([*lines[:line], "# new\n", *lines[line:]])
    assert applied(FILE, of_json(command="insert", insert_line=line, new_str="# new\n")) == wanted


def test_a_file_that_is_created_whole():
    assert cleaned(of_json(command="create", path="bakery.yml", file_text=FILE), FILE, "bakery.yml") == FILE


def test_it_names_its_file():
    (part,) = split_files(CALLS["edits"](OLD, NEW))
    assert part.path == "bakery.yml"
    assert apply_replacements(FILE, parse_update(part.update, original=FILE).replacements) == FILE.replace(OLD, NEW)


@pytest.mark.parametrize("end", ["", NEW, f"{NEW[:12]}"])
def test_a_block_that_is_cut_off_is_refused(end):
    with pytest.raises(UsageError, match="REPLACE line"):
        parse_update(f"Here:\n\n<<<<<<< SEARCH\n{OLD}=======\n{end}", path="bakery.txt", original=FILE)


def test_a_part_of_a_line_is_accounted_for():
    update = of_json(old_string="price * rate", new_string="price * rate + tax")
    result = Applier(None).apply(ApplyRequest("total = price * rate\n", update, path="till.py"))
    assert (result.status, result.text) == (Status.APPLIED, "total = price * rate + tax\n")


CONTENT = (
    ('{"search": "ovens", "replace": "mills"}\n', '{"search": "oven", "replace": "mill"}\n', "a.json"),
    ("<search>rye</search>\n<replace>oats</replace>\n", "<search>rye</search>\n<replace>wheat</replace>\n", "a.xml"),
    ('{"search": "oven", "replace": "mills"}\n', '{"search": "oven", "replace": "mill"}\n', "a.json"),
    ('[{"old": 1, "new": 2}]\n', '[{"old": 1, "new": 3}]\n', "a.json"),
)


@pytest.mark.parametrize(("update", "file", "path"), CONTENT)
def test_content_that_looks_like_a_call_stays(update, file, path):
    assert cleaned(update, file, path) == update


def test_edits_of_parts_of_lines_that_fit_one_after_another():
    edits = [{"old_string": "heat: 2", "new_string": "heat: 3"}, {"old_string": "heat: 32", "new_string": "heat: 41"}]
    assert applied(FILE, of_json(edits=edits)) == FILE.replace("heat: 220", "heat: 410")


def test_an_insertion_below_the_end_says_so():
    with pytest.raises(UsageError, match="insert_line 99: the file has 7 lines"):
        applied(FILE, of_json(command="insert", insert_line=99, new_str="x: 1\n"))


@pytest.mark.parametrize(
    ("old", "why"),
    [
        ("nowhere: 1", "block 2 .* not in the file: .*'nowhere: 1'"),
        ("stones: 2", r"block 2 .* fits 2 places \(lines 2, 9\)"),
    ],
)
def test_a_rejection_says_which_edit_does_not_fit(old, why):
    edits = [{"old_string": "speed: 30", "new_string": "speed: 60"}, {"old_string": old, "new_string": "9: 9"}]
    file = FILE + "yard:\n  stones: 2\n"
    result = Applier(None).apply(ApplyRequest(file, of_json(edits=edits), "", "bakery.yml"))
    assert result.status is Status.REJECTED
    assert re.search(why, result.checks[-1].detail)
