"""The mix of made edits: how often each kind is tried, and drawing from it."""

from __future__ import annotations

import random

from fastapply_lab.data.edit import Edit, Op
from fastapply_lab.data.edits_of_lines import add_or_remove, extract_call, insert_made, move, stub_body, wrap
from fastapply_lab.data.edits_of_tokens import bump, change_parameters, change_tokens, rename, reword
from fastapply_lab.data.units import Parsed

# How often each kind is tried, by kind of language: code, or data and text.
CODE_EDITS: dict[Op, float] = {
    add_or_remove: 34,
    change_tokens: 20,
    insert_made: 9,
    rename: 6,
    change_parameters: 6,
    wrap: 8,
    stub_body: 6,
    extract_call: 4,
    move: 4,
    reword: 4,
    bump: 3,
}
DATA_EDITS: dict[Op, float] = {
    add_or_remove: 45,
    change_tokens: 35,
    move: 7,
    reword: 10,
    wrap: 3,
    insert_made: 3,
    bump: 8,
}
DATA_LANGUAGES = frozenset(("json", "yaml", "toml", "markdown", "html", "css", "scss", "xml"))


def pick_edit(parsed: Parsed, rng: random.Random) -> list[Edit]:
    """One random edit of the mix for the language; empty if it does not fit the text."""
    table = DATA_EDITS if parsed.language in DATA_LANGUAGES else CODE_EDITS
    op = rng.choices(list(table), list(table.values()))[0]
    edits = op(parsed, rng)
    return [edit for edit in edits if edit.before != edit.after]
