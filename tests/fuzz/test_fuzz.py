"""Random files, encodings, line ends and updates: no crash but our own one-line errors, no hang, and nothing outside
the hunks changes.

Each test runs here on a bounded, fixed set of inputs; `make fuzz` lets atheris look for others (see `run.py`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply.align.check import run_checks
from fastapply.applier import Applier
from fastapply.errors import FastApplyError, UsageError
from fastapply.http.tags import parse_tags, parse_update_tag
from fastapply.text.apply_blocks import apply_fitting
from fastapply.text.cleaning import cleaned
from fastapply.text.formats import parse_update
from fastapply.text.lines import BOM, SourceText, decode, encode, split_lines
from fastapply.text.markers import classify, inline_marker, is_marker_leak, marker_target
from fastapply.text.wrapping import unwrap
from fastapply.types import ApplyRequest, Hunk, Status

SECONDS = 10  # a hang, however busy the machine is; the usual time is milliseconds
PATHS = [None, "a.py", "a.js", "a.go", "a.md", "a.json", "a.html", "a.patch", "Makefile", "a.yml", "a.c"]
LANGUAGES = [None, "python", "javascript", "html", "markdown", "sql", "json"]

WORDS = [
    *("... existing code ...", "// ...", "# ... rest of code ...", "...", "…", "# remove f"),
    *("/* ... */", "<!-- ... -->", "def f(x):", "    return x", "class A:", "}", "{", "import os"),
    *("x = 1", "\tx := 1", "if x:", '"""', "`", "\\", "$1"),
    *("```", "```python", "~~~", "````md", "<update>", "</update>", "<code>", "</code>", "<code_edit>", "</code_edit>"),
    *("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "@@ -1,2 +3,4 @@", "@@", "--- a/a.py", "+++ b/a.py"),
    *("+x = 2", "-x = 1", " x = 1", "diff --git a/a b/a", "*** Begin Patch", "*** Update File: a.py", "*** End Patch"),
    *(
        "  12\tx = 1",
        "13: x = 2",
        "14 | def f(x):",
        "&lt;div&gt;",
        "x &amp;&amp; y",
        '\\"x\\"',
        "a\\nb\\nc",
        ":start_line:3",
    ),
    *("apply_patch <<'EOF'", "EOF", '{"input": "x"}', "f(a, /* ... */, b)", "{ ... }", "pass  # unchanged", "-------"),
    *("\\ No newline at end of file", "", " ", "é\u0301", "👩‍👩‍👧", "\u2028", "\x0c", "\ufeff", "\x00", "\ud800"),
]
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])
LINES = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(max_size=12))
TEXTS = st.lists(st.tuples(LINES, ENDS), max_size=14).map(lambda lines: "".join(map("".join, lines)))
BOUNDED = settings(examples(200), derandomize=True, deadline=None, database=None)


class Within:
    """Fails where a block of code takes longer than any honest run."""

    def __enter__(self) -> None:
        self._start = time.thread_time()

    def __exit__(self, *_: object) -> None:
        assert time.thread_time() - self._start < SECONDS


def clear(error: FastApplyError) -> None:
    """An error that a user meets is one line."""
    assert str(error).strip()
    assert "\n" not in str(error)


@BOUNDED
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_markers(line: str, language: str | None) -> None:
    with Within():
        kind = classify(line, language)
        is_marker_leak(line)
        found = inline_marker(line, language)
    assert (marker_target(line, language) is None) or kind is not None
    if found:
        assert found.before + found.marker + found.after in (line, line.rstrip())


@BOUNDED
@given(TEXTS, st.sampled_from(PATHS))
def test_wrapping(update: str, path: str | None) -> None:
    """What is unwrapped is a part of what came."""
    text = SourceText.of(update).text
    with Within():
        wrapped = unwrap(text, path)
    assert all(line in text for line in wrapped.text.split("\n"))


@BOUNDED
@given(TEXTS, TEXTS, st.sampled_from(PATHS))
def test_formats(original: str, text: str, path: str | None) -> None:
    with Within():
        try:
            file = SourceText.of(original).text
            update = parse_update(text, path=path, original=file)
            apply_fitting(file, update.replacements)
        except FastApplyError as error:
            clear(error)
            return
    assert "\r" not in update.text
    assert all("\n" not in line for part in update.replacements for line in (*part.before, *part.after))


@BOUNDED
@given(TEXTS, TEXTS, st.sampled_from(PATHS))
def test_cleaning(original: str, update: str, path: str | None) -> None:
    """No text vanishes, and a file that is sent as its own update stays as it is."""
    file, text = SourceText.of(original).text, SourceText.of(update).text
    with Within():
        once = cleaned(text, file, path)
        same = cleaned(file, file, path)
    assert same == file
    assert once.strip() or not text.strip()


@BOUNDED
@given(TEXTS)
def test_tags(message: str) -> None:
    with Within():
        assert parse_update_tag(message) in message
        try:
            tagged = parse_tags(message)
        except UsageError as error:
            clear(error)
            return
    assert tagged is None or (tagged.original in message and tagged.update in message)


@BOUNDED
@given(st.binary(max_size=60))
def test_bytes(data: bytes) -> None:
    try:
        text = decode(data)
    except UsageError as error:
        clear(error)
        return
    assert encode(text) == data
    assert SourceText.of(text).restore(SourceText.of(text).text) == text


@BOUNDED
@given(TEXTS, TEXTS, st.sampled_from(PATHS))
def test_applier(original: str, update: str, path: str | None) -> None:
    """The whole program without a model."""
    with Within():
        try:
            result = Applier(None).apply(ApplyRequest(original, update, path=path))
        except FastApplyError as error:
            clear(error)
            return
    assert 0 <= result.confidence <= 1
    assert all(check.detail and "\n" not in check.detail for check in result.checks)
    assert result.status is not Status.REJECTED or result.text == original
    assert patched(original, result.hunks) == result.text
    assert result.text.startswith(BOM) >= original.startswith(BOM)


def patched(text: str, hunks: Sequence[Hunk]) -> str:
    """The file with the hunks made: every line outside of them keeps its bytes."""
    bom = BOM * text.startswith(BOM)
    lines = split_lines(text[len(bom) :])
    for hunk in reversed(hunks):
        lines[hunk.start_line : hunk.end_line] = [hunk.new_text]
    return bom + "".join(lines)


@BOUNDED
@given(TEXTS, TEXTS, TEXTS, st.sampled_from(LANGUAGES))
def test_checks(original: str, merged: str, update: str, language: str | None) -> None:
    """Whatever a model writes can be judged."""
    texts = (SourceText.of(text).text for text in (original, merged, update))
    with Within():
        assert all(check.detail for check in run_checks(*texts, language))
