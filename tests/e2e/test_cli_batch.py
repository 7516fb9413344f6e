"""`fastapply apply --batch`: one result a line, in order; no line stops the rest."""

from __future__ import annotations

import json

import pytest
from program import Cli

pytestmark = pytest.mark.process

ORIGINAL = "def first():\n    return 1\n\n\ndef second():\n    return 2\n"
UPDATE = "def first():\n    return 10\n\n\n# ... existing code ...\n"
GOOD = {"id": "good", "language": "python", "original": ORIGINAL, "update": UPDATE, "expected": "not looked at"}


def test_every_line_has_a_result(cli: Cli) -> None:
    tasks = [
        json.dumps(GOOD),
        json.dumps({**GOOD, "id": 7, "original": ORIGINAL.replace("\n", "\r\n")}),
        "{not json",
        "",
        json.dumps(["a", "list"]),
        json.dumps({"id": "no update", "original": ORIGINAL}),
        json.dumps({**GOOD, "id": "number", "original": 5}),
        json.dumps({**GOOD, "id": "empty", "update": " \n"}),
        json.dumps({**GOOD, "id": "elsewhere", "update": "nothing of this stands in the file, and it is not code\n"}),
        json.dumps({**GOOD, "id": "broken", "update": UPDATE.replace("10", "(10")}),
        json.dumps({**GOOD, "id": "last"}),
    ]
    cli.write("tasks.jsonl", "\n".join(tasks).encode() + b'\n{"id": "latin", "original": "caf\xe9", "update": "x"}')
    done = cli.run("apply", "--batch", "tasks.jsonl", "--out", "results.jsonl", "--model", "none")
    assert (done.status, done.out) == (1, b"")
    results = [json.loads(line) for line in (cli.folder / "results.jsonl").read_text().splitlines()]
    assert [(result.get("id"), result["status"]) for result in results] == [
        ("good", "applied"),
        (7, "applied"),
        (None, "rejected"),
        (None, "rejected"),
        ("no update", "rejected"),
        ("number", "rejected"),
        ("empty", "rejected"),
        ("elsewhere", "rejected"),
        ("broken", "needs_review"),
        ("last", "applied"),
        (None, "rejected"),
    ]
    assert results[0]["text"] == ORIGINAL.replace("return 1\n", "return 10\n")
    assert results[1]["text"] == results[0]["text"].replace("\n", "\r\n")
    assert results[2]["checks"][0]["detail"].startswith("line 3 is not JSON")
    assert "`update` is missing" in results[4]["checks"][0]["detail"]
    assert "3 applied, 1 needs review, 7 rejected" in done.err


def test_the_status_is_that_of_the_worst(cli: Cli) -> None:
    cli.write("good.jsonl", [json.dumps(GOOD)])
    cli.write("doubtful.jsonl", [json.dumps(GOOD), json.dumps({**GOOD, "update": UPDATE.replace("10", "(10")})])
    for name, status in (("good", 0), ("doubtful", 3)):
        done = cli.run("apply", "--batch", f"{name}.jsonl", "--out", "results.jsonl", "--model", "none")
        assert done.status == status
