"""Every edit parses on both sides, and one side of it is the real text."""

from __future__ import annotations

import random

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lab.data.cutouts import pieces
from fastapply_lab.data.edit import Edit, both_sides, overlap, without
from fastapply_lab.data.edits import CODE_EDITS, DATA_EDITS, pick_edit
from fastapply_lab.data.edits_of_lines import add_or_remove, move, stub_body, wrap
from fastapply_lab.data.edits_of_tokens import bump, change_parameters, change_tokens, rename
from fastapply_lab.data.neighbours import with_neighbours
from fastapply_lab.data.tasks import make_task
from fastapply_lab.data.units import Parsed, parse, parses

PYTHON = '''\
import os
import sys

__version__ = "1.4.2"


def area(width, height):
    """The area of a box."""
    total = width * height
    if total < 0:
        raise ValueError("negative")
    return total


class Box:
    # sides of the box, in metres and not in feet
    sides = ["left", "right"]

    def __init__(self, width):
        self.width = width

    def grow(self, step):
        self.width = self.width + step
        return self.width
'''
TYPESCRIPT = """\
import { a } from "a";
import { b } from "b";

export interface Options {
  timeout: number;
  name: string;
}

export function run(options: Options, retries: number) {
  const result = a(options.timeout);
  if (result > 10) {
    console.log(result);
  }
  return b(result);
}
"""
JSON = '{\n  "name": "demo",\n  "version": "1.0.0",\n  "scripts": {\n    "a": "x",\n    "b": "y"\n  }\n}\n'
TEXTS = {"python": PYTHON, "typescript": TYPESCRIPT, "json": JSON}


def parsed_of(language: str) -> Parsed:
    parsed = parse(TEXTS[language], language)
    assert parsed is not None
    return parsed


def reals(parsed: Parsed, edits: list[Edit]) -> set[str]:
    """The two sides of each edit alone, put back into the text."""
    return {side for edit in edits for side in both_sides(parsed, [edit])}


@pytest.mark.parametrize("op", sorted(CODE_EDITS, key=lambda op: op.__name__), ids=lambda op: op.__name__)
def test_every_edit_has_the_real_text_on_one_side(op: object) -> None:
    assert callable(op)
    parsed = parsed_of("python")
    found = [edits for seed in range(60) if (edits := op(parsed, random.Random(seed)))]
    assert found, "the edit never fits the text"
    for edits in found:
        for edit in edits:
            assert PYTHON in both_sides(parsed, [edit])


@examples(80)
@given(st.integers(0, 2**32), st.sampled_from(sorted(TEXTS)))
def test_tasks_parse_and_differ(seed: int, language: str) -> None:
    task = make_task(TEXTS[language], language, random.Random(seed), identity="x")
    if task is None:
        return
    assert task.original != task.expected
    assert parses(task.original, language)
    assert parses(task.expected, language)
    assert task == make_task(TEXTS[language], language, random.Random(seed), identity="x")


def test_most_seeds_give_a_task() -> None:
    made = [make_task(PYTHON, "python", random.Random(seed), identity="x") for seed in range(40)]
    assert sum(task is not None for task in made) > 25
    assert any(task and task.instruction for task in made)


def test_removing_the_last_of_a_list_takes_the_comma_along() -> None:
    parsed = parsed_of("json")
    last = next(unit for unit in parsed.units if unit.name == "b")
    [edit] = without(parsed, last.start, last.end, "", forward=True)
    _, expected = both_sides(parsed, [edit])
    assert parses(expected, "json")
    assert '"a": "x"\n' in expected


def test_removing_a_definition_leaves_one_gap() -> None:
    parsed = parsed_of("python")
    area = next(unit for unit in parsed.units if unit.name == "area")
    [edit] = without(parsed, area.start, area.end, "", forward=True)
    assert '__version__ = "1.4.2"\n\n\nclass Box' in both_sides(parsed, [edit])[1]


def test_rename_changes_every_place() -> None:
    parsed = parsed_of("python")
    for seed in range(80):
        edits = rename(parsed, random.Random(seed))
        if edits and "`total`" in edits[0].note:
            original, expected = both_sides(parsed, edits)
            made = expected if original == PYTHON else original
            assert " total" not in made
            return
    pytest.fail("`total` was never drawn")


def test_bump_finds_the_version() -> None:
    [edit] = bump(parsed_of("python"), random.Random(0))
    assert edit.before == ('__version__ = "1.4.2"',)
    assert edit.note.startswith("set `__version__` to ")


def test_wrap_indents_and_moves_nothing_else() -> None:
    parsed = parsed_of("typescript")
    edits = next(edits for seed in range(99) if (edits := wrap(parsed, random.Random(seed))))
    short, long = sorted((edits[0].before, edits[0].after), key=len)
    assert len(long) >= len(short) + 2
    assert [line.strip() for line in short if line.strip() not in [other.strip() for other in long]] == []


def test_move_takes_away_what_it_adds() -> None:
    parsed = parsed_of("python")
    taken, put = next(edits for seed in range(200) if (edits := move(parsed, random.Random(seed))))
    assert taken.before == put.after
    assert taken.after == put.before == ()


def test_parameters_and_stubs_name_the_function() -> None:
    parsed = parsed_of("python")
    notes = [edit.note for seed in range(40) for edit in change_parameters(parsed, random.Random(seed))]
    assert any(note.endswith("to `area`") for note in notes)
    notes = [edit.note for seed in range(40) for edit in stub_body(parsed, random.Random(seed))]
    assert "implement `grow`" in notes


def test_angle_brackets_of_markup_are_no_operators() -> None:
    parsed = parse("<div>\n  <p>\n    text\n  </p>\n</div>\n<!-- end -->\n", "html")
    assert parsed is not None
    for seed in range(60):
        for edit in change_tokens(parsed, random.Random(seed)):
            assert not any(">=" in line or "<=" in line for line in (*edit.before, *edit.after))


def test_neighbours_are_near_duplicates() -> None:
    parsed = parsed_of("python")
    twin = next(twin for seed in range(20) if (twin := with_neighbours(parsed, random.Random(seed))))
    assert len(twin.lines) > len(parsed.lines)


def test_overlap_counts_touching_edits() -> None:
    first, second = Edit(1, 2, ("a",), (), ""), Edit(2, 3, ("b",), (), "")
    assert overlap([first, second])
    assert not overlap([first, Edit(3, 4, ("b",), (), "")])


def test_pick_edit_never_returns_a_no_op() -> None:
    parsed = parsed_of("json")
    assert DATA_EDITS
    for seed in range(60):
        assert all(edit.before != edit.after for edit in pick_edit(parsed, random.Random(seed)))


def test_removal_never_empties_the_text() -> None:
    parsed = parse("def f():\n    return 1\n", "python")
    assert parsed is not None
    assert all(add_or_remove(parsed, random.Random(seed)) == [] for seed in range(30))


def test_cut_outs_are_whole_definitions_with_their_class() -> None:
    methods = "".join(f"    def m{n}(self):\n        return {n}\n\n" for n in range(40))
    text = "class Big:\n    size = 1\n\n" + methods
    found = pieces(text, "python", 30, random.Random(0))
    assert len(found) > 2
    for piece in found:
        assert piece.startswith("class Big:\n")
        assert piece.count("\n") <= 30
        assert parses(piece, "python")


def test_php_cut_outs_keep_the_opening_tag() -> None:
    functions = "".join(f"function f{n}()\n{{\n    return {n};\n}}\n\n" for n in range(20))
    found = pieces("<?php\n\n" + functions, "php", 25, random.Random(0))
    assert found
    assert all(piece.startswith("<?php\n") and piece.count("<?php") == 1 for piece in found)
