"""The sentence about a doubtful result: what is in doubt, where, and which reading says otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.judge.doubt import in_doubt, parting
from fastapply.judge.readings import Reading
from fastapply.types import ApplyRequest

ORIGINAL = (
    "import os\n\n\ndef load(path):\n    for line in open(path):\n        print(line)\n    return path\n\n\nend = 1\n"
)
LOOP = "    for line in open(path):\n        print(line)\n"
NEW = "    yield from open(path)\n"
KEPT = ORIGINAL.replace(LOOP, NEW + LOOP)
GONE = ORIGINAL.replace(LOOP, NEW)

READINGS = {
    "goes": (KEPT, GONE, "line 5: 2 lines may have to go: reading 2 removes them"),
    "stays": (GONE, KEPT, "line 5: 2 lines go, perhaps wrongly: reading 2 keeps them"),
    "one line": (
        ORIGINAL,
        ORIGINAL.replace("import os\n", ""),
        "line 1: `import os` may have to go: reading 2 removes it",
    ),
    "two places": (
        ORIGINAL.replace("import os\n", "import os\nimport re\n"),
        ORIGINAL.replace("end = 1\n", "end = 1\nimport re\n"),
        "two places fit: line 2 or line 11; reading 2 takes the second",
    ),
    "which one": (
        ORIGINAL.replace("end = 1\n", ""),
        ORIGINAL.replace("import os\n", ""),
        "line 10: line 10 is gone here; reading 2 takes away line 1 instead",
    ),
    "more": (GONE, GONE.replace(NEW, NEW + "    done(path)\n"), "line 5: `done(path)` may belong here: reading 2"),
    "fewer": (GONE.replace(NEW, NEW + "    done(path)\n"), GONE, "line 5: `done(path)` may not belong here: reading 2"),
    "others": (KEPT, KEPT.replace("yield from", "return"), "the new lines may have to be others: reading 2 shows"),
    "indented": (KEPT, KEPT.replace(NEW, "    " + NEW), "the new lines may be indented otherwise: reading 2 shows how"),
    "moved": (
        ORIGINAL,
        ORIGINAL.replace("import os\n", "") + "import os\n",
        "line 1: `import os` may belong elsewhere: reading 2 moves it to line 11",
    ),
}


@pytest.mark.parametrize("kind", READINGS)
def test_how_a_reading_parts_from_the_result(kind: str) -> None:
    first, second, said = READINGS[kind]
    assert said in parting(ORIGINAL, first, Reading(2, second, 0.3))


def test_several_places_are_all_named() -> None:
    original = "a\n" * 3 + "b\n" + "a\n" * 3 + "b\n" + "a\n" * 3 + "b\n"
    at = [4, 8, 12]
    lines = original.splitlines(keepends=True)
    texts = ["".join([*lines[:k], "new\n", *lines[k:]]) for k in at]
    others = [Reading(2, texts[1], 0.3), Reading(3, texts[2], 0.3)]
    check = in_doubt(original, texts[0], others, ApplyRequest(original, "new\n"))
    assert (check.name, check.ok) == ("confident", False)
    assert check.detail == "3 places fit: line 5, or else line 9 (reading 2), line 13 (reading 3)"


SIGNS = {
    "first line": ("    started(path)\n    for line in open(path):\n", "", "first line is not in the file"),
    "last line": ("    for line in open(path):\n        started(path)\n", "", "last line is not in the file"),
    "unnamed": ("# ... existing code ...\n    return path\n", "", "what goes at lines 5-6 is not named by the update"),
    "a word": ("    return path\n", "Rename `fetch` to `load_all`", "names `fetch`, `load_all`, and no changed line"),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_the_weakest_sign_where_there_is_no_other_reading(sign: str) -> None:
    update, instruction, said = SIGNS[sign]
    taken = ORIGINAL.replace(LOOP, "") if sign == "unnamed" else ORIGINAL.replace("path\n", "path\n    started(path)\n")
    request = ApplyRequest(ORIGINAL, update, instruction, language="python")
    assert said in in_doubt(ORIGINAL, taken, [], request).detail


texts = st.lists(st.sampled_from(["a = 1\n", "b = 2\n", "}\n", "\n", "    c\n", "  c\n"]), max_size=12).map("".join)


@given(texts, texts, texts, texts)
def test_there_is_always_a_sentence(original: str, first: str, second: str, update: str) -> None:
    request = ApplyRequest(original, update or "x\n", language="python")
    for others in ([], [Reading(2, second, 0.3)], [Reading(2, second, 0.3), Reading(3, update, 0.2)]):
        said = in_doubt(original, first, others, request).detail
        assert said
        assert "\n" not in said
