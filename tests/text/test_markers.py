"""Markers, as a table of lines: what is one, what only looks like one."""

import pytest

from fastapply.text.markers import (
    InlineMarker,
    MarkerKind,
    classify,
    inline_marker,
    is_marker_leak,
    marker_target,
)

KEEP = [
    "... existing code ...",
    "// ... existing code ...",
    "    # ... existing code ...",
    "... rest of code ...",
    "// ... rest of code ...",
    "... rest of the file remains the same",
    "# ... rest of the file remains the same ...",
    "... keep X ...",
    "// ... keep X ...",
    "# ... keep handleClick ...",
    "... same ...",
    "// ... same ...",
    "// ... keep existing code",
    "# ... unchanged ...",
    "/* ... */",
    "<!-- ... -->",
    "{/* ... */}",
    "-- ...",
    "; ...",
    "% ...",
    "# ...",
    "//...",
    "// …",
    "// existing code",
    "// (unchanged)",
    "# rest of the class",
    "// other methods...",
    "# existing comments...",
    "// existing other fields ...",
    "// ... (previous code)",
    "[... rest of file ...]",
    "# … existing code …",
    "// ... EXISTING CODE ...",
    "{/* ... existing code ... */}",
    "<!-- ... existing code ... -->",
    "/* ... existing styles ... */",
    "-- ... existing code ...",
    "; ... existing code ...",
    "% ... rest unchanged ...",
    "// ...existing code...",
    "# ...existing code...",
    "// ... rest of the function",
    "// ... other imports",
    "// ... imports",
    "// First and Second stay exactly as they are",
    '# ... "a long name of a test that says what it is about" stays as it is',
    "# maybe_put_key/2 stays as it is",
    "# run/3 and stop/1 unchanged",
    "// ... unchanged: sort and produce the current set of services",
    "# ... other methods remain the same ...",
    "// Rest of the code remains the same",
    "# rest of the implementation unchanged",
    "// keep existing imports",
    "# existing code here",
    "{/* rest of the component */}",
    "<!-- existing content -->",
    "# [... rest of file ...]",
    "/* rest of the styles */",
    "(* ... *)",
    "{# ... #}",
    "// ... the rest of your code ...",
    "# code above unchanged",
    "// unchanged",
    "// ... handle submit logic ...",
    "... existing imports ...",
    "* ... existing code ...",
    "// no changes",
    "// same as before",
    "# --- existing code ---",
    "// ... existing methods stay the same",
    "// ... (rest of file unchanged)",
    "# ... (existing code) ...",
    "/* ... rest of CSS ... */",
    "// --- existing code ---",
    "// [existing code]",
    "<!-- existing code -->",
    "{/* existing JSX */}",
    "// ... (other functions)",
    "// existing constructor code...",
    "# rest of your existing code",
    "// The rest of the code remains the same...",
    "// ... Rest of the component ...",
    "# [Previous imports remain the same]",
    "// Previous code remains unchanged",
    "# Keep all existing methods",
    "// Other existing methods...",
    "# ... (keep the rest unchanged) ...",
    "// (existing code)",
    "// unchanged code",
    "# your existing code here",
    "# ... more code ...",
    "-- existing columns",
    "// ... existing state and hooks ...",
    "/* existing styles */",
    "// ... existing code ... //",
    "# <existing code>",
    "// <... existing code ...>",
    "# --- rest of file ---",
    "# (no changes below)",
    "# ... same as before ...",
    "// code omitted for brevity",
    "// Omitted for brevity",
    "# [...]",
    "// ... keep the rest of the file as is ...",
    "//... rest",
    "# the rest of the file stays as it is",
    "# ... existing methods: foo, bar ...",
    "// ... existing methods (foo, bar) ...",
    "// ... lines 10-20 unchanged ...",
    "# ... [existing code] ...",
    "// ... existing code ...;",
    "<!-- ... rest of the page ... -->",
    "// Existing code stays here",
    "# -- rest of the function unchanged --",
    "// all other methods remain unchanged",
    "// Existing routes...",
    "# other code remains same",
    "// other code remains unchanged",
    "# ... Existing code here ...",
    "// ... no changes ...",
    "# existing imports...",
    "# (rest of the code is unchanged)",
    "//// ... existing code ...",
    "#... existing code ...",
    "// ... Keep existing imports ...",
    "// ... imports stay the same ...",
    "// ... rest of imports",
    "... (unchanged) ...",
    "... rest of class ...",
    "… rest of file …",
    "[... existing code ...]",
    "(... existing code ...)",
    "{... existing code ...}",
    "<... existing code ...>",
    "… (rest of file)",
    "... (rest of the file)",
    "... remaining code ...",
    "// (rest of the handler unchanged)",
    "# body unchanged",
    "# function body remains the same",
    "# unchanged methods",
]

BARE = [
    "...",
    "    ...",
    "…",
    "....",
    "[...]",
]

# line, what it names
REMOVE = [
    ("// ... removed ...", ""),
    ("# remove unused variable x", "x"),
    ("-- remove column foo", "foo"),
    ("// foo() has been removed", "foo"),
    ("// remove the `foo` function", "foo"),
    ("{/* removed: <Banner /> */}", "<Banner />"),
    ('// remove: import foo from "foo"', 'import foo from "foo"'),
    ("// remove X", "X"),
    ("# removed: foo", "foo"),
    ("// delete the old handler", "handler"),
    ("<!-- remove sidebar section -->", "sidebar"),
    ("# remove foo", "foo"),
    ("// remove handleClick()", "handleClick"),
    ("# Removed: parse_args", "parse_args"),
    ("// ... remove foo ...", "foo"),
    ("// removed getUser method", "getUser"),
    ("# delete `old_name`", "old_name"),
    ("# remove this function", ""),
    ("# DELETE: legacy_path", "legacy_path"),
    ("// remove function parseUrl", "parseUrl"),
    ("// foo_bar removed", "foo_bar"),
    ("// ... delete the retry loop ...", ""),
]

# Real code and ordinary comments.
NEITHER = [
    "# Removed: it was never called by anyone",
    "// remove block comments first",
    "# remove debug logging",
    "// the value remains unchanged when it is zero",
    "...existing",
    "# remove trailing whitespace from the input",
    "# Remove duplicates",
    "// remove event listener",
    "// Remove the item from the list",
    "# delete temp files",
    "// removes the node",
    "# removed in version 2.0",
    "# Remove old files",
    "# TODO: remove foo",
    "...args",
    "...rest,",
    "...existing,",
    "{...props}",
    "    ...options,",
    "return (...args) => x",
    "# imports",
    "# Same here",
    "# other methods",
    "# continue with the rest of the arguments",
    "// previous line",
    "# ... and then we go on",
    "// keep the lock while we read",
    "# keep alive",
    "# existing users must log in again",
    "# Existing files are overwritten.",
    "x = ...",
    "def f(): ...",
    "Tuple[int, ...]",
    "... existing = 3",
    ">>> foo",
    "... return rest",
    "# Loading...",
    "// Loading existing items...",
    'print("...")',
    '"... existing code ..."',
    "#include <stdio.h>",
    "#!/bin/sh",
    "--",
    "---",
    ";",
    "%",
    "*",
    "**bold**",
    "# Configuration",
    "//",
    "/* eslint-disable */",
    "# rest api",
    "// same origin",
    "# unchanged since 1.0 because of X",
    "* existing code",
    ".. code-block:: python",
    "- existing code",
    "// remaining time",
    "# Original implementation by John",
    "// current file",
    "/* original */",
    "// the same function",
    "self.existing_code()",
    "existing code",
    "rest of the file",
    "# Keep this",
    "// keep in sync with foo.ts",
    "# remove 10 elements from the head",
    "// deleted rows are kept for a day",
    "# The rest of the file format is described in RFC 1951",
    "yield ...",
    "    case [first, *rest]: ...",
    "# ================= ...",
    "..",
    "# ...........",
    "* ...",
    "// Keep existing connections open while draining",
    "console.log('...')",
    "<!-- prettier-ignore -->",
    "def rest(self): ...",
    "...rest",
    "{ ...rest }",
    "# everything else",
    "# Same as above.",
]


@pytest.mark.parametrize("line", KEEP)
@pytest.mark.parametrize("around", ["{}", "\t\t{}\n", "  {}  "])
def test_keep(line: str, around: str) -> None:
    assert classify(around.format(line)) is MarkerKind.KEEP


@pytest.mark.parametrize("line", BARE)
def test_bare(line: str) -> None:
    assert classify(line) is MarkerKind.BARE


@pytest.mark.parametrize(("line", "target"), REMOVE)
def test_remove(line: str, target: str) -> None:
    assert classify(line) is MarkerKind.REMOVE
    assert marker_target(line) == target


@pytest.mark.parametrize("line", NEITHER)
def test_ordinary_code_is_no_marker(line: str) -> None:
    assert classify(line) is None
    assert marker_target(line) is None
    assert not is_marker_leak(line)


@pytest.mark.parametrize(
    ("line", "language", "kind"),
    [
        ("# Existing code", "markdown", None),
        ("# Rest of the file", "markdown", None),
        ("# ... existing code ...", "markdown", MarkerKind.KEEP),
        ("# existing code", "python", MarkerKind.KEEP),
        ("# existing code", "c", None),
        ("// ... existing code ...", "python", MarkerKind.KEEP),  # models often take the wrong comment
        ("# ... existing code ...", "typescript", MarkerKind.KEEP),
        ("// remove foo", "python", None),
        ("# remove foo", "an unknown language", MarkerKind.REMOVE),
        ("...,", "python", MarkerKind.BARE),
        ("...,", "r", None),  # an argument
        ("# ...", "r", MarkerKind.KEEP),
        (".. (the content of this example and the next two examples stay the same)", "rst", MarkerKind.KEEP),
    ],
)
def test_the_language_tells_what_a_comment_is(line: str, language: str, kind: MarkerKind | None) -> None:
    assert classify(line, language) is kind


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("// ... keep handleClick ...", "handleClick"),
        ("# ... keep `parse_args()` unchanged", "parse_args"),
        ("// ... keep existing code", ""),
        ("// ... existing code ...", ""),
        ("...", None),
    ],
)
def test_keep_names_its_target(line: str, target: str | None) -> None:
    assert marker_target(line) == target


@pytest.mark.parametrize(
    ("line", "before", "marker", "after"),
    [
        ("foo() {  // ... existing code ... }", "foo() {  ", "// ... existing code ...", " }"),
        ("run() { /* ... */ }", "run() { ", "/* ... */", " }"),
        ("def f(): ...  # existing code\n", "def f(): ...  ", "# existing code", ""),
        ("def f():  # ... existing code ...", "def f():  ", "# ... existing code ...", ""),
        ("<ul><!-- ... existing items ... --></ul>", "<ul>", "<!-- ... existing items ... -->", "</ul>"),
        ("<A>{/* ... rest of the children ... */}</A>", "<A>", "{/* ... rest of the children ... */}", "</A>"),
    ],
)
def test_inline_marker(line: str, before: str, marker: str, after: str) -> None:
    assert inline_marker(line) == InlineMarker(before, marker, after)


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # keep",
        "s = '# ... existing code ...'",
        "get('http://... x')",
        "// ... existing code ...",
        "a = b",
        "...",
    ],
)
def test_no_inline_marker(line: str) -> None:
    assert inline_marker(line) is None


@pytest.mark.parametrize("line", [*KEEP[:9], "// ... remove the old loop ...", "# rest of the class"])
def test_leak(line: str) -> None:
    assert is_marker_leak(line)


@pytest.mark.parametrize("line", ["...", "# ...", "// other methods...", "def f(): ...", "/* ... */", "# remove foo"])
def test_what_may_be_real_is_no_leak(line: str) -> None:
    assert not is_marker_leak(line)
