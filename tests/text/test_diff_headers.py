"""Diffs whose headers are damaged, or stand below something else, are read like whole ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.formats import UpdateKind, parse_update
from fastapply.text.several import split_files

FILE = "mill:\n  stones: 2\n  speed: 30\n\noven:\n  heat: 220\n  steam: true\n"
WANTED = FILE.replace("  heat: 220\n", "  heat: 240\n  fan: false\n")
BODY = " oven:\n-  heat: 220\n+  heat: 240\n+  fan: false\n   steam: true\n"
GIT, NAMES, HUNK = "diff --git a/bakery.yml b/bakery.yml\n", "--- a/bakery.yml\n+++ b/bakery.yml\n", "@@ -5,3 +5,4 @@\n"
OLD_NAME, NEW_NAME = NAMES.splitlines(keepends=True)
INDEX, SVN = "index 12ab..34cd 100644\n", f"Index: bakery.yml\n{'=' * 67}\n"
PATCH, PATCH_FILE = "*** Begin Patch\n", "*** Update File: bakery.yml\n"
HEADERS = {
    "whole": GIT + INDEX + NAMES + HUNK,
    "git line only": GIT + HUNK,
    "git and index only": GIT + INDEX + HUNK,
    "no hunk header": GIT + NAMES,
    "no numbers": f"{NAMES}@@ ... @@\n",
    "names only": "--- bakery.yml\n+++ bakery.yml\n",
    "new name only": NEW_NAME + HUNK,
    "old name only": OLD_NAME + HUNK,
    "wrong way round": NEW_NAME + OLD_NAME + HUNK,
    "numbers without blanks": f"{NAMES}@@-5,3 +5,4@@\n",
    "subversion": f"{SVN}--- bakery.yml\t(revision 1)\n+++ bakery.yml\t(working copy)\n{HUNK}",
    "below a remark": f"Sure, here is the change:\n\n{GIT}{NAMES}{HUNK}",
    "below a name": f"# bakery.yml\n{HUNK}",
    "shown by git": f"commit 12ab34cd56\nAuthor: Ada <ada@mill.example>\n\n    More heat\n\n{GIT}{NAMES}{HUNK}",
    "patch without its begin": f"{PATCH_FILE}@@\n",
    "patch without its file": f"{PATCH}@@\n",
    "patch with numbers": PATCH + PATCH_FILE + HUNK,
    "patch with the header of a diff": PATCH + PATCH_FILE + NAMES + HUNK,
    "patch below a remark": f"This does it:\n\n{PATCH}{PATCH_FILE}@@\n",
}
NAMELESS = {"below a name", "patch without its file"}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_damaged_header_is_read(header):
    update = parse_update(header + BODY, path="bakery.yml", original=FILE)
    assert update.kind is not UpdateKind.SNIPPET
    assert apply_replacements(FILE, update.replacements) == WANTED


@pytest.mark.parametrize("name", sorted(HEADERS.keys() - NAMELESS - {"no hunk header", "names only"}))
def test_it_names_its_file(name):
    (part,) = split_files(HEADERS[name] + BODY)
    assert part.path == "bakery.yml"
    assert apply_replacements(FILE, parse_update(part.update, original=FILE).replacements) == WANTED


def test_the_signature_of_a_mail_is_no_removed_line():
    head = "From 12ab34cd Mon Sep 17 00:00:00 2001\nSubject: [PATCH] More heat\n\n---\n bakery.yml | 3 ++-\n\n"
    mail = f"{head}{HEADERS['whole']}{BODY}-- \n2.45.1\n\n"
    assert apply_replacements(FILE, parse_update(mail, path="bakery.yml", original=FILE).replacements) == WANTED


SQL = "CREATE TABLE loaves (id int);\n\n-- old\nDROP TABLE legacy;\n"


@pytest.mark.parametrize("header", ["", GIT, GIT + INDEX, GIT + INDEX + NAMES, NAMES, "@@\n"])
@pytest.mark.parametrize("new", ["", "+-- very old\n"])
def test_a_removed_comment_is_no_header(header, new):
    update = parse_update(f"{header}--- old\n{new} DROP TABLE legacy;\n", original=SQL)
    wanted = SQL.replace("-- old\n", new[1:])
    assert apply_replacements(SQL, update.replacements) == wanted


SNIPPETS = (
    "--- heading\nspeed: 30\n",  # a comment of Lua, a rule of Markdown
    "-- mill\n+++\ntitle = 1\n+++\n",
    "Index: of names\n- a\n+ b\n",
    "x = 1\n@@ -1 +1 @@\n-x = 1\n+x = 2\n",  # code stands above
)


@pytest.mark.parametrize("text", SNIPPETS)
def test_what_only_looks_like_a_header_is_content(text):
    assert parse_update(text, path="notes.lua", original="x = 1\n").kind is UpdateKind.SNIPPET


@given(st.sets(st.integers(0, 29), max_size=6), st.sampled_from(sorted(HEADERS)))
def test_among_unique_lines_any_header_gives_the_edit(gone, name):
    lines = [f"row {number}" for number in range(30)]
    header = HEADERS[name].replace("@@ -5,3 +5,4 @@", "@@ -1,30 +1,30 @@")
    body = "".join(f"-{line}\n+new {line}\n" if k in gone else f" {line}\n" for k, line in enumerate(lines))
    file, wanted = (
        "\n".join(text) + "\n" for text in (lines, [f"new {x}" if k in gone else x for k, x in enumerate(lines)])
    )
    if gone:
        update = parse_update(header + body, path="bakery.yml", original=file)
        assert apply_replacements(file, update.replacements) == wanted
