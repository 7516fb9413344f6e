"""`fastapply apply DIRECTORY` and `fastapply undo` as programs: all files or none, and back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from program import Cli

pytestmark = pytest.mark.process

ALIGN = ("--model", "none")
FILES = {"a.py": "a = 1\nb = 1\n", "sub/b.py": "c = 1\r\nd = 1\r\n", "old.py": "gone\n", "move.py": "m = 1\nn = 1\n"}
DIFF = """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -7,2 +7,2 @@
-a = 1
+a = 2
 b = 1
diff --git a/sub/b.py b/sub/b.py
--- a/sub/b.py
+++ b/sub/b.py
@@ -1,2 +1,2 @@
 c = 1
-d = 1
+d = 2
diff --git a/new/deep/n.py b/new/deep/n.py
new file mode 100644
--- /dev/null
+++ b/new/deep/n.py
@@ -0,0 +1 @@
+n = 1
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/move.py b/moved.py
rename from move.py
rename to moved.py
--- a/move.py
+++ b/moved.py
@@ -1,2 +1,2 @@
-m = 1
+m = 2
 n = 1
"""
AFTER = {
    "a.py": "a = 2\nb = 1\n",
    "sub/b.py": "c = 1\r\nd = 2\r\n",
    "new/deep/n.py": "n = 1\n",
    "moved.py": "m = 2\nn = 1\n",
}
PATCH = """\
*** Begin Patch
*** Update File: a.py
@@
-a = 1
+a = 2
*** Update File: sub/b.py
@@
-d = 1
+d = 2
*** Add File: new/deep/n.py
+n = 1
*** Delete File: old.py
*** Update File: move.py
*** Move to: moved.py
@@
-m = 1
+m = 2
*** End Patch
"""


def tree(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in found}


@pytest.fixture
def work(cli: Cli) -> Path:
    root = cli.folder / "root"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    (root / "move.py").chmod(0o755)
    return root


@pytest.mark.parametrize("update", [DIFF, PATCH, f"Here:\n\n```diff\n{DIFF}```\n"])
def test_all_files_change_at_once_and_go_back_at_once(cli: Cli, work: Path, update: str) -> None:
    done = cli.run("apply", "root", "--write", *ALIGN, stdin=update.encode())
    assert (done.status, tree(work)) == (0, AFTER), done.err
    assert (work / "moved.py").stat().st_mode & 0o777 == 0o755
    done = cli.run("undo")
    assert (done.status, tree(work)) == (0, FILES), done.err
    assert not (work / "new").exists()
    assert (work / "move.py").stat().st_mode & 0o777 == 0o755
    assert "root/a.py restored" in done.out.decode()
    assert cli.run("undo").status == 2
    (entry,) = cli.run("undo", "--list").out.decode().splitlines()
    done = cli.run("undo", entry.split()[0])  # and forth again
    assert (done.status, tree(work)) == (0, AFTER), done.err


def test_json_has_a_result_for_each_file(cli: Cli, work: Path) -> None:
    done = cli.run("apply", "root", "--format", "json", *ALIGN, stdin=DIFF.encode())
    data = json.loads(done.out)
    assert (done.status, data["status"]) == (0, "applied")
    assert [(file["path"], file["action"], file["status"]) for file in data["files"]] == [
        ("a.py", "update", "applied"),
        ("sub/b.py", "update", "applied"),
        ("new/deep/n.py", "add", "applied"),
        ("old.py", "delete", "applied"),
        ("moved.py", "rename", "applied"),
    ]
    assert {file["path"]: file["text"] for file in data["files"] if file["action"] != "delete"} == AFTER
    assert data["files"][4]["old_path"] == "move.py"
    assert tree(work) == FILES


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_applies_the_diff(cli: Cli, work: Path) -> None:
    diff = cli.run("apply", "root", *ALIGN, stdin=DIFF.encode()).out
    subprocess.run(["git", "apply", "-"], cwd=cli.folder, input=diff, check=True)
    assert tree(work) == AFTER


CODE = "import sys\n\n\ndef first():\n    return 1\n\n\ndef second():\n    return 2\n"
SNIPPETS = """\
The first one:

a.py
```python
# ... existing code ...
def first():
    return {}
# ... existing code ...
```

`new.py`:
```python
z = 1
```
"""


def test_snippets_of_several_files(cli: Cli, work: Path) -> None:
    (work / "a.py").write_text(CODE)
    done = cli.run("apply", "root", "--write", *ALIGN, stdin=SNIPPETS.format("10").encode())
    assert done.status == 0, done.err
    assert tree(work) == {**FILES, "a.py": CODE.replace("1", "10"), "new.py": "z = 1\n"}


def test_a_command_among_the_blocks_is_said_to_be_left_out(cli: Cli, work: Path) -> None:
    (work / "a.py").write_text(CODE)
    update = (SNIPPETS.format("10") + "\nThen run:\n\n```sh\npython a.py\n```\n").encode()
    said = "1 code block of the update was left out as no part of the edit: `python a.py`"
    done = cli.run("apply", "root", "--format", "json", *ALIGN, stdin=update)
    assert json.loads(done.out)["left_out"] == ["python a.py"]
    assert done.err.count(said) == 1
    done = cli.run("apply", "root/a.py", *ALIGN, stdin=update)
    assert (done.status, done.err.count(said)) == (0, 1), done.err
    done = cli.run("apply", "root", "--write", *ALIGN, stdin=update)
    assert (done.status, done.err.count(said)) == (0, 1), done.err
    assert tree(work) == {**FILES, "a.py": CODE.replace("1", "10"), "new.py": "z = 1\n"}


BAD = {
    "one does not fit": (DIFF.replace("-c", "-x").replace(" c = 1", " zzz\n yyy").replace("-d = 1", "-www"), (1, 3)),
    "what is deleted is something else": (DIFF.replace("-gone", "-here"), (1,)),
    "one is missing": (DIFF.replace("sub/b.py", "sub/c.py"), (2,)),
    "one is there already": (DIFF.replace("new/deep/n.py", "a.py"), (2,)),
    "a new file is there already": (PATCH.replace("new/deep/n.py", "sub/b.py"), (2,)),
    "the new name is taken": (DIFF.replace("moved.py", "old.py"), (2,)),
    "outside": (DIFF.replace("new/deep/n.py", "../n.py"), (2,)),
    "outside by a link": (DIFF.replace("new/deep/n.py", "out/n.py"), (2,)),
    "absolute": (PATCH.replace("new/deep/n.py", "/n.py"), (2,)),
    "git's own": (DIFF.replace("new/deep/n.py", ".git/hooks/n.py"), (2,)),
    "below a file": (DIFF.replace("new/deep/n.py", "a.py/n.py"), (2,)),
    "no name": ("```python\nx = 1\n```\n", (2,)),
}


@pytest.mark.parametrize("case", BAD)
def test_all_files_or_none(cli: Cli, work: Path, case: str) -> None:
    (work / "out").symlink_to("..")
    update, statuses = BAD[case]
    done = cli.run("apply", "root", "--write", *ALIGN, stdin=update.encode())
    assert done.status in statuses, done.err
    assert tree(work) == FILES
    assert not (work / "new").exists()
    assert not (cli.folder / "n.py").exists()
    assert cli.run("undo", "--list").out == b""


def test_a_doubtful_file_holds_all_back_without_force(cli: Cli, work: Path) -> None:
    (work / "a.py").write_text(CODE)
    before = tree(work)
    update = SNIPPETS.format("(1").encode()
    done = cli.run("apply", "root", "--write", *ALIGN, stdin=update)
    assert (done.status, tree(work)) == (3, before), done.err
    assert "all files or none" in done.err
    assert done.out == b""  # a doubtful diff goes nowhere by accident
    assert b"return (1" in cli.run("apply", "root", "--force", *ALIGN, stdin=update).out
    done = cli.run("apply", "root", "--write", "--force", *ALIGN, stdin=update)
    after = {**FILES, "a.py": CODE.replace("1", "(1"), "new.py": "z = 1\n"}
    assert (done.status, tree(work)) == (0, after), done.err


def test_several_files_for_one_point_to_the_directory(cli: Cli) -> None:
    cli.write("other.py", "x\n")
    for update in (DIFF, PATCH):
        done = cli.run("apply", "other.py", *ALIGN, stdin=update.encode())
        assert done.status == 2
        assert "directory" in done.err
        assert done.err.count("\n") == 1


# Undo


def applied(cli: Cli, value: int) -> None:
    diff = f"--- a/one.py\n+++ b/one.py\n@@ -1 +1 @@\n-x = {value - 1}\n+x = {value}\n"
    done = cli.run("apply", "one.py", "--write", *ALIGN, stdin=diff.encode())
    assert done.status == 0, done.err


def test_undo_goes_back_step_by_step(cli: Cli) -> None:
    path = cli.write("one.py", "x = 0\n")
    other = cli.write("two.py", "y = 0\n")
    applied(cli, 1)
    applied(cli, 2)
    cli.run("apply", "two.py", "-w", *ALIGN, stdin=b"--- a\n+++ b\n@@ -1 +1 @@\n-y = 0\n+y = 1\n")
    assert cli.run("undo", "one.py").status == 0
    assert path.read_text() == "x = 1\n"
    assert cli.run("undo").status == 0
    assert other.read_text() == "y = 0\n"
    assert cli.run("undo").status == 0
    assert path.read_text() == "x = 0\n"
    done = cli.run("undo", "one.py")
    assert done.status == 2
    assert "no write of it can be undone" in done.err


def test_undo_refuses_what_changed_since(cli: Cli) -> None:
    path = cli.write("one.py", "x = 0\n")
    applied(cli, 1)
    path.write_text("mine\n")
    done = cli.run("undo")
    assert (done.status, path.read_text()) == (1, "mine\n")
    assert "changed since" in done.err
    assert done.err.count("\n") == 1
    assert cli.run("undo", "--force").status == 0
    assert path.read_text() == "x = 0\n"
    entry = cli.run("undo", "-l").out.decode().split()[0]
    assert cli.run("undo", entry).status == 0  # even that is not lost
    assert path.read_text() == "mine\n"


def test_what_is_kept_is_bounded_and_private(cli: Cli) -> None:
    cli.write("one.py", "x = 0\n")
    cli.env["FASTAPPLY_UNDO_COUNT"] = "2"
    for value in range(1, 5):
        applied(cli, value)
    store = Path(cli.env["FASTAPPLY_STATE_DIR"]) / "undo"
    assert len(cli.run("undo", "-l").out.splitlines()) == 2
    assert len([name for name in os.listdir(store) if name != ".lock"]) == 2
    for path in [store, *store.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    cli.env["FASTAPPLY_UNDO_MEGABYTES"] = "0"
    applied(cli, 5)
    assert cli.run("undo", "-l").out == b""
