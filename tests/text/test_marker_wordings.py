"""Wordings of markers that came up in real edits, and comments that only look like them."""

from __future__ import annotations

import pytest

from fastapply.text.markers import MarkerKind, classify, inline_marker


@pytest.mark.parametrize(
    "line",
    [
        "// other boats unchanged",
        "# (other berths unchanged)",
        "// the existing mooring lines stay the same",
        "# lines 10-40 unchanged",
        "// (12 lines omitted)",
        "// nothing else changes",
        "# no changes below this line",
        "// existing tide and weather checks here",
        "// tide/weather checks unchanged",
        "/* masts & sails unchanged */",
        "# loading/error states as before",
        "# keep everything above as is",
        "// everything before this line is unchanged",
        "# please keep everything else below as is",
        "// leave everything after this point untouched",
        "# keep code above as is",
        # After opening dots: where the next lines belong.
        "// ... and in exec():",
        "// ... then, in render():",
        "# ... and at the bottom of the file:",
        "// ... further down",
        "// ... inside `handleClick`:",
        "// ... the other soups",
        # Between dots a marker may say code.
        "# ... exception types, status = 400 and first branches unchanged ...",
        "// ... toMillis(Instant), toInstant(Instant) and toInstant(Instant, Instant) unchanged ...",
        "// ... the early returns for empty logs, functions and regular expressions stay as they are ...",
        "# ... every check of lengths, of bounds and of all the other things that can be wrong is kept ...",
        "-- ... the long list of all of the handlers, of which there are more than ten, stays the same ...",
        "// selectImage() and saveImage() don't change",
        "// render() and update() do not change",
        "# `parse` doesn't change",
        "# the remaining handlers don't change",
        "# identical to the current version",
        "// code above is identical",
        "# lines 40-80 are identical",
        "/* rest is identical */",
        "// the loop below is not changed",
        "// nothing changes in between",
        "# (leave the rest of the settings alone)",
        "# [existing tasks]",
        "// untouched",
        "// and so on",
        "// (35 unchanged lines)",
        "// \u2191 existing code",
        "// \u2702 unchanged",
        "// validate(): same as before",
        "# All other methods are the same as in the original",
        "// The rest of the code remains exactly the same as in the original",
        "// existing error handling",
        "// existing setup code (unchanged)",
        "// success(T, okhttp3.Response) unchanged",
        "// add(List<String>, int) and remove(int) are unchanged",
    ],
)
@pytest.mark.parametrize("around", ["{}", "\t\t{}\n", "  {}  "])
def test_markers_with_any_noun(line: str, around: str) -> None:
    assert classify(around.format(line)) is MarkerKind.KEEP


@pytest.mark.parametrize(
    "line",
    [
        "# existing rows are updated in place",
        "// Strings are identical",
        "# f(x) is unchanged when x is 0",
        "# assume they are not identical",
        "// the values do not change while we read",
        "// (see the table below)",
        "// validate the input and so on",
        "// other cases are handled by the caller",
        "# everything else is an error",
        "// the rest of the arguments are parsed lazily",
        "# unchanged since 1.2",
        "// no changes to the database",
        # Sentences about what stays.
        "-- Copy the numbers of a table, so that the original stays unchanged",
        "# sorted and reversed, unless the keys are unchanged",
        "// reads x and y, which must stay the same",
        "# Changes that make things faster or smaller, but work as before.",
        "# ... in place",
        "# ... in which case we stop",
        "# ... and at once",
    ],
)
def test_comments_with_the_words_of_markers(line: str) -> None:
    assert classify(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "# ... all and $(EXE) ...",
        "// ... Vec<T> and &str impls ...",
        "<!-- AllowedOrigins to AllowOriginVaryRequestFunc: no changes -->",
        "   .. (remaining entries)",
        "# (other routes)",
        "{{/* ... name, fullname and chart unchanged ... */}}",
    ],
)
def test_markers_with_signs_brackets_and_colons_keep(line: str) -> None:
    assert classify(line) is MarkerKind.KEEP
    assert inline_marker(line) is None


@pytest.mark.parametrize("line", ["# there are no changes", "# other routes", "// ... x = f(1); ...", "# (deprecated)"])
def test_what_only_looks_like_one_does_not(line: str) -> None:
    assert classify(line) is None
