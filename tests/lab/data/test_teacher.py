"""A teacher's snippets, over HTTP: kept where the expected file follows from them, else dropped and counted."""

from __future__ import annotations

import json

import pytest
from peer import Behaviour, Handler, fails, peer
from repositories import MODULE

from fastapply.backends.server_api import ServerApi
from fastapply.errors import ModelError
from fastapply_lab.data.readback import leads_to
from fastapply_lab.data.teacher import Teacher
from fastapply_lab.tasks import Task

EXPECTED = MODULE.replace("value * 3", "value ** 3")
TASK = Task("1", "python", MODULE, "x", EXPECTED)
GOOD = """\
# ... existing code ...
def part_3(value, other):
    \"\"\"Part 3.\"\"\"
    return value ** 3 + other


def part_4(value, other):
# ... existing code ...
"""


def answers(text: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(content_type="application/json")
        usage = {"prompt_tokens": 1000, "completion_tokens": 100}
        handler.wfile.write(json.dumps({"choices": [{"message": {"content": text}}], "usage": usage}).encode())

    return behave


def teacher(url: str, attempts: int = 2) -> Teacher:
    return Teacher(ServerApi(url, "m", "secret", 20.0, attempts, sleep=lambda _: None), concurrency=1)


def test_good_answers_stay_and_others_are_counted() -> None:
    wrong = GOOD.replace("** 3", "** 4")
    behaviours = (answers(f"Here:\n\n```python\n{GOOD}```\n"), answers(wrong), fails(503), answers(GOOD), answers(""))
    with peer(*behaviours) as server:
        asked = teacher(server.url)
        kept = list(asked.rewrite([TASK] * 4))
    assert [task.update for task in kept] == [f"Here:\n\n```python\n{GOOD}```\n", GOOD]
    assert all(task.expected == EXPECTED for task in kept)
    assert asked.dropped == {"the expected file does not follow": 1, "empty answer": 1}
    assert asked.usage == {"answers": 4, "prompt_tokens": 4000, "completion_tokens": 400}
    assert asked.cost(1.0, 10.0) == pytest.approx(0.008)
    assert server.headers[0]["authorization"] == "Bearer secret"
    assert "+    return value ** 3 + other" in server.asked[0]["messages"][1]["content"]


def test_one_failure_is_counted_and_a_dead_server_is_an_error() -> None:
    with peer(answers(GOOD), fails(500), fails(500), answers(GOOD)) as server:
        asked = teacher(server.url)
        assert len(list(asked.rewrite([TASK] * 3))) == 2
        assert asked.dropped == {"no answer": 1}
    with peer(fails(401, "who are you")) as server, pytest.raises(ModelError, match="who are you"):
        list(teacher(server.url).rewrite([TASK] * 3))


@pytest.mark.parametrize(
    ("update", "leads"),
    [
        (GOOD, True),
        (EXPECTED, True),
        ("    def part_3(value, other):\n        return 3\n", False),
        ("return value ** 3 + other\n", False),
        ("# ... existing code ...\nreturn value ** 3 + other\nreturn value * 4 + other\n", False),
        (GOOD.replace("    return", "  return"), False),
        ("".join(f"  {line}\n" for line in GOOD.splitlines()), True),
        (MODULE, False),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n", False),
        ("", False),
    ],
)
def test_what_leads_to_the_expected_file(update: str, leads: bool) -> None:
    assert leads_to(update, MODULE, EXPECTED, "python") is leads


def test_a_deletion_needs_its_neighbours_or_a_comment() -> None:
    original = "a = first()\nb = second()\nc = third()\nd = fourth()\n"
    expected = original.replace("c = third()\n", "")
    assert leads_to("b = second()\nd = fourth()\n", original, expected, "python")
    assert not leads_to("b = second()\n# ...\nd = fourth()\n", original, expected, "python")
    gone = MODULE[MODULE.index("def part_3") : MODULE.index("def part_4")]
    removal = "# ... existing code ...\n# remove part_3\n# ... existing code ...\n"
    assert leads_to(removal, MODULE, MODULE.replace(gone, ""), "python")
    assert not leads_to(removal.replace("part_3", "part_5"), MODULE, MODULE.replace(gone, ""), "python")
