"""The sentence about a doubtful result: what is in doubt, where, and which reading says otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.judge.doubt import in_doubt, parting
from fastapply.judge.readings import NumberedReading
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
    assert said in parting(ORIGINAL, first, NumberedReading(2, second, 0.3))


ALIKE = "".join("a\n" * 3 + "b\n" for _ in range(5))


def with_new(line: int, text: str = "new\n") -> str:
    lines = ALIKE.splitlines(keepends=True)
    return "".join([*lines[: line - 1], text, *lines[line - 1 :]])


SEVERAL = {
    "three": ([with_new(9), with_new(13)], "3 places fit: line 5, 9 or 13; reading 2 takes line 9"),
    "four": (
        [with_new(13), with_new(9), with_new(17)],
        "4 places fit: line 5, 13, 9 or another; reading 2 takes line 13",
    ),
    "another change too": (
        [with_new(9), with_new(5, "other\n"), with_new(13)],
        "3 places fit: line 5, 9 or 13; reading 2 takes line 9",
    ),
    "two": ([with_new(9), with_new(5, "other\n")], "two places fit: line 5 or line 9; reading 2 takes the second"),
    "another change first": (
        [with_new(5, "other\n"), with_new(9), with_new(13)],
        "line 5: the new lines may have to be",
    ),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_how_many_places_fit_is_said_and_three_are_named(case: str) -> None:
    texts, said = SEVERAL[case]
    others = [NumberedReading(number, text, 0.3) for number, text in enumerate(texts, 2)]
    check = in_doubt(ALIKE, with_new(5), others, ApplyRequest(ALIKE, "new\n"))
    assert (check.name, check.ok) == ("confident", False)
    assert check.detail.startswith(said)


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
    for others in (
        [],
        [NumberedReading(2, second, 0.3)],
        [NumberedReading(2, second, 0.3), NumberedReading(3, update, 0.2)],
    ):
        said = in_doubt(original, first, others, request).detail
        assert said
        assert "\n" not in said
