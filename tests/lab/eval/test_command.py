"""`fastapply eval`: tables, picture, page, results as they come; and a model that is asked for diffs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from peer import peer, says

from fastapply.applier import Applier
from fastapply.config import load_settings
from fastapply.errors import RejectedError, UsageError
from fastapply.program import INTERRUPTED
from fastapply.types import ApplyRequest, ApplyResult, Status
from fastapply_lab.eval import command
from fastapply_lab.eval.asked_diffs import apply_answer
from fastapply_lab.eval.methods import METHODS, make_method
from fastapply_lab.eval.picture import by_length, reliability
from fastapply_lab.eval.report import HUNKS, class_of, grids, write_section
from fastapply_lab.eval.score import Score

FILE = "".join(f"def f{i}():\n    return {i}\n\n\n" for i in range(5))
UPDATE = "def f2():\n    return 20\n"
WANTED = FILE.replace("return 2\n", "return 20\n")
SEARCH = "<<<<<<< SEARCH\n    return 2\n=======\n    return 20\n>>>>>>> REPLACE\n"
UDIFF = "--- a/a.py\n+++ b/a.py\n@@ -9,2 +9,2 @@\n def f2():\n-    return 2\n+    return 20\n"


def tasks_at(folder: Path, count: int = 3) -> Path:
    task = {"language": "python", "path": "a.py", "original": FILE, "update": UPDATE, "expected": WANTED}
    file = folder / "tasks.jsonl"
    file.write_text("".join(json.dumps({"id": str(number), **task}) + "\n" for number in range(count)))
    return file


def test_tables_picture_and_page_come_from_one_run_and_again_from_its_results(tmp_path, capsys):
    out, plot, page = tmp_path / "r.json", tmp_path / "p.png", tmp_path / "page.md"
    assert command.run(tasks_at(tmp_path), None, "merge", out, load_settings(), plot, page) == 0
    found = json.loads(out.read_text())
    assert (found["tasks"], found["asked"], found["exact"], found["parses"]) == (3, 3, 1.0, 1.0)
    assert plot.read_bytes().startswith(b"\x89PNG")
    first = page.read_text()
    assert "| python | 3 | 100.0% |" in first
    assert all(f"**by {cut}**" in first for cut in ("language", "lines", "hunks"))
    page.write_text(f"# Before\n{first}after\n".replace("100.0%", "0.0%"))
    assert command.run(out, None, "merge", None, load_settings(), None, page) == 0
    assert page.read_text() == f"# Before\n{first}after\n"
    assert "by hunks" in capsys.readouterr().out


def test_a_page_without_the_section_is_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("mine\n")
    with pytest.raises(UsageError, match="has no section"):
        write_section(page, "merge", "x\n")
    assert page.read_text() == "mine\n"


def test_results_of_something_else_are_one_clear_error(tmp_path):
    other = tmp_path / "r.json"
    other.write_text('{"results": [{"id": "1"}]}')
    with pytest.raises(UsageError, match="no results of"):
        command.run(other, None, "merge", None, load_settings())


def test_what_was_done_before_an_interrupt_is_kept(tmp_path, monkeypatch):
    class Interrupted:
        done = 0

        def apply(self, request: ApplyRequest) -> ApplyResult:
            self.done += 1
            if self.done == 3:
                raise KeyboardInterrupt
            return Applier(None).apply(request)

    monkeypatch.setattr(command, "make_method", lambda *_: Interrupted())
    out = tmp_path / "r.json"
    assert command.run(tasks_at(tmp_path, 5), None, "merge", out, load_settings()) == INTERRUPTED
    found = json.loads(out.read_text())
    assert (found["tasks"], found["asked"], len(found["results"])) == (2, 5, 2)


def test_results_are_there_while_it_runs(tmp_path, monkeypatch):
    seen: list[int] = []
    out = tmp_path / "r.json"
    usual = command.evaluate

    def watched(*arguments) -> Iterator[Score]:
        for row in usual(*arguments):
            seen.append(json.loads(out.read_text())["tasks"] if out.exists() else 0)
            yield row

    monkeypatch.setattr(command, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(command, "evaluate", watched)
    command.run(tasks_at(tmp_path), None, "merge", out, load_settings())
    assert seen == [0, 1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        SEARCH,
        UDIFF,
        f"Here you are:\n```diff\n{UDIFF}```\nDone.\n",
        f"Sure.\n\n```\n{SEARCH}```\n",
        UDIFF.partition("@@\n")[2],
    ],
)
def test_a_right_diff_is_read_in_whatever_it_is_wrapped(answer):
    assert apply_answer(FILE, answer, "a.py") == WANTED


@pytest.mark.parametrize("answer", ["I cannot do that.", SEARCH.replace("return 2\n", "return 7\n"), ""])
def test_an_answer_that_does_not_fit_is_rejected(answer):
    with pytest.raises(RejectedError):
        apply_answer(FILE, answer, "a.py")


@pytest.mark.parametrize(("method", "answer"), [("search-replace", SEARCH), ("udiff", UDIFF)])
def test_a_chat_model_on_a_server_is_asked_for_a_diff(tmp_path, method, answer):
    out = tmp_path / "r.json"
    with peer(says(answer), says("no idea")) as server:
        settings = load_settings(backend="openai", base_url=server.url, model="m")
        assert command.run(tasks_at(tmp_path, 2), None, method, out, settings) == 0
        asked = server.asked[0]
    found = json.loads(out.read_text())
    assert (found["exact"], found["rejected"], found["silent_wrong"]) == (0.5, 0.5, 0.0)
    assert UPDATE in asked["messages"][-1]["content"]
    assert FILE in asked["messages"][-1]["content"]
    assert "prediction" not in asked


@pytest.mark.model
def test_the_embedded_model_can_be_asked_too():
    result = make_method("search-replace", load_settings()).apply(ApplyRequest("a = 1\n", "a = 2\n", path="a.py"))
    assert result.status in (Status.APPLIED, Status.REJECTED)
    assert result.stats.output_tokens > 0


def test_an_unknown_method_names_those_there_are():
    with pytest.raises(UsageError, match="search-replace"):
        make_method("magic", load_settings())
    assert set(METHODS) >= {"system", "model", "merge", "search-replace", "udiff"}


def row(confidence: float, right: bool, lines: int = 10, status: str = "applied") -> Score:
    tree = right
    return Score(
        "1", "go", lines, 1, status, confidence, right, right, right, right, tree, True, True, not right, 1.0, 1.0
    )


def test_the_reliability_curve_has_a_point_for_each_bin_and_none_for_the_rejected():
    rows = [row(0.95, True), row(0.97, False), row(0.12, False), row(1.0, True), row(0.0, False, status="rejected")]
    assert reliability(rows) == [
        (pytest.approx(0.12), 0.0, 1),
        (pytest.approx(0.973, abs=1e-3), pytest.approx(2 / 3), 3),
    ]


def test_classes_sort_as_numbers():
    assert [class_of(number, HUNKS).strip() for number in (1, 2, 3, 4, 5, 6)] == ["1", "2", "3", "4-5", "4-5", "6+"]
    names, shares = by_length([row(0.9, True, 300), row(0.9, False, 7), row(0.9, True, 80)])
    assert names == ["1-20\n(1)", "61-100\n(1)", "201-400\n(1)"]
    assert shares["exact"] == [0.0, 1.0, 1.0]
    summary = {"method": "merge", "tasks": 1, "exact": 1.0}
    by_lines = grids(summary, [row(0.9, True)])[2]
    shares = dict(zip(by_lines.header, by_lines.rows[0], strict=True))
    wrong = dict.fromkeys(("silent wrong", "needs review", "rejected"), "0.0%")
    right = dict.fromkeys(("right", "exact", "same tree", "recall"), "100.0%")
    assert (len(by_lines.rows), shares) == (1, {"lines": "1-20", "tasks": "1", **right, **wrong})
