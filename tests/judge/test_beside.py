"""What stands beside new lines: each feature where it is due, and not where it is not."""

from __future__ import annotations

import pytest

from fastapply.judge.beside import Beside
from fastapply.text.diff import lf_lines, line_hunks

YAML = "web:\n  image: a\n  ports: b\nstore:\n  image: c\n"
CODE = (
    "import os\nimport sys\n\n\nclass Cart:\n    def add(self):\n        total = 1\n        send(total)\n"
    "\n    def log(self):\n        pass\n"
)
LOOP = "def clean(xs):\n    out = []\n    for x in xs:\n        out.append(x.strip())\n    return out\n"


def features(original: str, rewritten: str, **names: str) -> dict[str, float]:
    headers = {header.replace("_", " "): name for header, name in names.items()}
    return Beside(lf_lines(rewritten), line_hunks(original, rewritten), headers).features()


@pytest.mark.parametrize(
    ("name", "original", "old", "odd", "plain"),
    [
        ("again_key", YAML, "  ports: b\n", "  ports: b\n  image: d\n", "  ports: b\n  build: d\n"),
        ("again_next", YAML, "  ports: b\n", "  ports: b\n  ports: d\n", "  ports: b\n  build: d\n"),
        (
            "again_variable",
            CODE,
            "        send(total)\n",
            "        send(total)\n        total = 2\n",
            "        count = 2\n",
        ),
        (
            "beside_alike",
            CODE,
            "        send(total)\n",
            "        send(total)\n        send(-total)\n",
            "        send(-total)\n",
        ),
        (
            "filled_again",
            LOOP,
            "    out = []\n",
            "    out = [x.strip() for x in xs]\n",
            "    count = len(xs)\n    out = []\n",
        ),
        (
            "filled_again",
            "x = 1\nlimits = {}\nlimits['a'] = 2\n",
            "limits = {}\n",
            "limits = dict(a=2)\n",
            "other = dict(a=2)\n",
        ),
        (
            "comments_meet",
            "# Old words.\nx = 1\n",
            "x = 1\n",
            "# New words.\nx = 1\n",
            "\n# New words.\nx = 1\n",
        ),
        ("kin_above", CODE, "import sys\n", "import sys\nimport time\n", "import sys\nTIME = 1\n"),
        ("kin_below", CODE, "import os\n", "import io\nimport os\n", "TIME = 1\nimport os\n"),
        ("kin_nowhere", CODE, "import sys\n", "import sys\nTIME = 1\n", "import sys\nimport time\n"),
    ],
)
def test_a_feature_is_there_where_it_is_due(name: str, original: str, old: str, odd: str, plain: str) -> None:
    assert original.count(old) == 1
    assert features(original, original.replace(old, odd))[name] > 0
    assert features(original, original.replace(old, plain))[name] == 0


def test_a_definition_that_is_there_already_comes_again() -> None:
    again = CODE.replace("        pass\n", "        pass\n\n    def add(self, x):\n        pass\n")
    names = {"def add(self):": "add", "def add(self, x):": "add", "def log(self):": "log"}
    assert Beside(lf_lines(again), line_hunks(CODE, again), names).features()["again_definition"] == 1


def test_a_key_of_another_block_is_not_the_same() -> None:
    more = YAML + "cache:\n  image: d\n"
    assert features(YAML, more)["again_key"] == 0


def test_the_entries_of_a_list_share_their_keys() -> None:
    entries = "steps:\n  - name: a\n    run: b\n"
    assert features(entries, entries + "  - name: c\n    run: d\n")["again_key"] == 0


def test_the_statement_beside_says_what_the_new_lines_say() -> None:
    kept = LOOP.replace("    out = []\n", "    out = [x.strip() for x in xs]\n")
    gone = "def clean(xs):\n    out = [x.strip() for x in xs]\n    return out\n"
    assert features(LOOP, kept)["said_next"] > 0.8 > features(LOOP, gone)["said_next"]


def test_a_statement_across_a_blank_line_or_of_another_block_is_not_beside() -> None:
    apart = LOOP.replace("    out = []\n", "    out = []\n\n")
    assert features(apart, apart.replace("    out = []\n", "    out = [x.strip() for x in xs]\n"))["said_next"] == 0.0
    outer = "def f(xs):\n    if xs:\n        xs.clear()\n    xs.append(1)\n"
    assert features(outer, outer.replace("        xs.clear()\n", "        xs.append(2)\n"))["filled_again"] == 0.0
