"""Mining a real repository: what is taken, what is counted, what is refused."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from peer import peer
from program import SECONDS, Cli
from repositories import MIT, MODULE, repository

from fastapply.cli import run
from fastapply.errors import UsageError
from fastapply_lab.data import reserved
from fastapply_lab.data.history import EditLimits, mine
from fastapply_lab.data.mining import mined_tasks, open_repository, release_pairs
from fastapply_lab.data.repository import check_repository, name_of, root_commits
from fastapply_lab.tasks import Task


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three good changes, and one of everything that is skipped."""
    place = tmp_path / "project"
    place.mkdir()
    files = {"a.py": MODULE, "b.py": MODULE.replace("part", "other"), "LICENSE": MIT, "old.py": MODULE[:300]}
    repository(place, {**files, "a.min.js": "x\n", "bin.py": "y\0\n", "huge.py": "z = 1\n" * 60_000})
    for number in range(3):
        repository(place, {"a.py": MODULE.replace(f"value * {number}", f"value ** {number}")})
    repository(place, {"a.min.js": "xx\n", "bin.py": "yy\0\n", "huge.py": "z = 2\n" * 60_000, "new.py": MODULE})
    git(place, "mv", "old.py", "renamed.py")
    git(place, "commit", "-qm", "Rename")
    git(place, "checkout", "-qb", "side", "HEAD~1")
    repository(place, {"b.py": MODULE.replace("part", "other").replace("value * 5", "value - 5")})
    git(place, "checkout", "-q", "-")
    git(place, "merge", "-q", "--no-ff", "-m", "Merge side", "side")
    return place


def tasks_of(place: Path, dropped: Counter[str]) -> list[Task]:
    return list(mined_tasks(mine(place, "x/project", dropped=dropped), EditLimits(), 0, dropped))


def test_what_is_taken_and_what_is_counted(project: Path) -> None:
    dropped: Counter[str] = Counter()
    tasks = tasks_of(project, dropped)
    assert [task.path for task in tasks] == ["x/project/b.py", *["x/project/a.py"] * 3]
    assert all(task.original != task.expected and task.update for task in tasks)
    assert dropped["merge commit"] == 1
    assert dropped["renamed file"] == 1
    assert dropped["binary, or not UTF-8"] == 1
    assert dropped["huge file"] == 1
    assert dropped["vendored, built or generated, by its path"] == 1
    assert dropped["file added, deleted, or no plain one"] == 7  # six of the first commit, and new.py


def test_a_bare_clone_gives_the_same_tasks(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(project), "copy.git")
    assert tasks_of(tmp_path / "copy.git", Counter()) == tasks_of(project, Counter())


def test_the_same_change_again_is_left_out(tmp_path: Path) -> None:
    files = {f"{name}.py": MODULE for name in "abc"}
    repository(tmp_path, files)
    repository(tmp_path, {name: text.replace("value * 5", "value - 5") for name, text in files.items()})
    dropped: Counter[str] = Counter()
    assert len(tasks_of(tmp_path, dropped)) == 1
    assert dropped["the same change as before"] == 2


def test_folders_that_cannot_be_mined(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        check_repository(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        check_repository(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="reserved"):
        open_repository(project, "someone/requests", any_licence=True)
    assert open_repository(project, None, any_licence=False) == "project"
    repository(project, {"LICENSE": "GNU GENERAL PUBLIC LICENSE\nVersion 3\n"})
    with pytest.raises(UsageError, match=r"licence is gpl.*--any-licence"):
        open_repository(project, "x/project", any_licence=False)
    monkeypatch.setattr(reserved, "_known", lambda: (frozenset(root_commits(project)), frozenset()))
    with pytest.raises(UsageError, match="fork"):
        open_repository(project, "x/renamed-fork", any_licence=True)


def test_the_remote_names_a_repository(project: Path) -> None:
    git(project, "remote", "add", "origin", "git@example.org:someone/thing.git")
    assert name_of(project) == "someone/thing"


def test_releases_need_a_permissive_licence(tmp_path: Path) -> None:
    for version, text in (("1.0", MODULE), ("2.0", MODULE.replace("value * 5", "value - 5"))):
        folder = tmp_path / "npm" / f"thing-{version}" / "package"
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(text)
        (folder / "package.json").write_text(json.dumps({"license": "GPL-3.0"}))
    with pytest.raises(UsageError, match=r"GPL-3\.0"):
        release_pairs("thing", "1.0", "2.0", "npm", tmp_path)
    [pair] = release_pairs("thing", "1.0", "2.0", "npm", tmp_path, any_licence=True)
    assert pair.path == "package/a.py"
    with pytest.raises(UsageError, match="unknown registry"):
        release_pairs("thing", "1.0", "2.0", "cargo", tmp_path)


def test_the_command(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "tasks.jsonl")
    assert run(["data", "mine", str(project), "--out", out, "--limit", "2", "--languages", "python"]) == 0
    assert "2 tasks (2 python)" in capsys.readouterr().err
    assert len((tmp_path / "tasks.jsonl").read_text().splitlines()) == 2
    for arguments, said in (
        (["/"], "not a git repository"),
        ([], "mine what?"),
        ([str(project), "--languages", "klingon"], "unknown language klingon"),
        ([str(project), "--teacher", "http://127.0.0.1:1/v1"], "--teacher-model"),
    ):
        assert run(["data", "mine", *arguments, "--out", str(tmp_path / "no.jsonl")]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert len(error.splitlines()) == 1
        assert not (tmp_path / "no.jsonl").exists()


def test_all_the_ways_in_which_edits_are_sent(project: Path, tmp_path: Path) -> None:
    files = []
    for name in "ab":
        out = tmp_path / f"{name}.jsonl"
        assert run(["data", "mine", str(project), "--out", str(out), "--styles", "sent", "--shuffle"]) == 0
        files.append(out.read_text())
    tasks = [json.loads(line) for line in files[0].splitlines()]
    assert {task["id"].split("#")[0].split(":")[1] for task in tasks} == {"a.py", "b.py"}
    assert all("#" in task["id"] for task in tasks)
    assert files[0] == files[1]


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_leaves_a_whole_file(project: Path, tmp_path: Path) -> None:
    def answer(handler: object) -> None:
        asked = handler.server.asked  # type: ignore[attr-defined]
        if len(asked) > 2:
            handler.server.go.wait(300)  # type: ignore[attr-defined]
        diff = asked[-1]["messages"][1]["content"].partition("The file, in python:\n\n```\n")[2].partition("```")[0]
        expected = project_side(diff, project)
        handler.begin(content_type="application/json")  # type: ignore[attr-defined]
        body = {"choices": [{"message": {"content": expected}}]}
        handler.wfile.write(json.dumps(body).encode())  # type: ignore[attr-defined]

    cli = Cli(tmp_path, tmp_path / "config")
    with peer(answer) as server:
        arguments = ("--teacher", server.url, "--teacher-model", "m", "--concurrency", "1")
        process = cli.start("data", "mine", project, "--out", "tasks.jsonl", *arguments)
        until = time.monotonic() + SECONDS
        while len(server.asked) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=SECONDS)
    assert process.returncode == 130, error
    lines = (tmp_path / "tasks.jsonl").read_text().splitlines()
    assert all(json.loads(line)["update"] for line in lines)
    assert not (tmp_path / "tasks.jsonl.part").exists()
    assert f"{len(lines)} tasks".encode() in error


def project_side(original: str, project: Path) -> str:
    """The file after the change whose before is `original`: a whole file is a snippet, too."""
    expected = {pair.original: pair.expected for pair in mine(project, "x/project")}
    return expected[original]


def test_copies_of_reserved_code_are_told(tmp_path: Path) -> None:
    import click
    import requests

    for module, name in ((requests, "sessions.py"), (click, "core.py")):
        text = (Path(module.__file__).parent / name).read_text()
        assert reserved.is_copy(text)
        assert reserved.is_copy(text.replace("self", "this"[:2] + "lf").replace("\n\n", "\n"))
        assert reserved.is_copy("\n".join(text.splitlines()[200:800]))
    own = Path(reserved.__file__).parent
    assert not any(reserved.is_copy(path.read_text()) for path in own.rglob("*.py"))
    shutil.copytree(Path(requests.__file__).parent, tmp_path / "renamed", ignore=shutil.ignore_patterns("__pycache__"))
    files = [path.read_text() for path in (tmp_path / "renamed").glob("*.py") if path.stat().st_size > 8000]
    assert sum(map(reserved.is_copy, files)) >= 0.8 * len(files)
