"""`fastapply apply` as a program: formats, exit statuses, and files that keep every byte the edit did not touch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from peer import held, peer
from program import SECONDS, Cli

pytestmark = pytest.mark.process

ORIGINAL = ["import sys", "", "", "def first():", "    return 1", "", "", "def second():", "    return 2"]
CHANGED = ["import sys", "", "", "def first():", "    return 10", "", "", "def second():", "    return 2"]
UPDATE = ["# ... existing code ...", "def first():", "    return 10", "# ... existing code ..."]
BROKEN = ["# ... existing code ...", "def first():", "    return (10", "# ... existing code ..."]


def lines(parts: list[str], end: str = "\n", final: bool = True) -> bytes:
    return (end.join(parts) + (end if final else "")).encode()


@pytest.fixture
def files(cli: Cli) -> Cli:
    cli.write("app.py", ORIGINAL)
    cli.write("update.py", UPDATE)
    cli.write("broken.py", BROKEN)
    return cli


ALIGN = ("--model", "none")


def test_text_is_the_whole_new_file_and_nothing_else(files: Cli) -> None:
    done = files.run("apply", "app.py", "--update", "update.py", "--format", "text", *ALIGN)
    assert (done.status, done.out) == (0, lines(CHANGED))
    assert (files.folder / "app.py").read_bytes() == lines(ORIGINAL)
    assert done.err.startswith("applied: 1 hunk")


def test_json_is_the_contract(files: Cli) -> None:
    done = files.run("apply", "app.py", "--update", "update.py", "--format", "json", *ALIGN)
    result = json.loads(done.out)
    assert set(result) == {"status", "text", "confidence", "hunks", "checks", "stats"}
    assert result["status"] == "applied"
    assert result["text"].encode() == lines(CHANGED)
    (hunk,) = result["hunks"]
    (reason,) = hunk.pop("reasons")
    assert hunk == {"start_line": 4, "end_line": 5, "new_text": "    return 10\n"}
    assert set(reason) == {"start_line", "end_line", "reason", "detail"}
    assert (reason["start_line"], reason["end_line"]) == (4, 5)
    assert 0 <= result["confidence"] <= 1
    assert set(result["stats"]) == {
        "prompt_tokens",
        "cached_tokens",
        "output_tokens",
        "forward_passes",
        "drafted_tokens",
        "accepted_tokens",
        "prefill_seconds",
        "decode_seconds",
        "seconds",
    }
    assert all(set(check) == {"name", "ok", "detail"} for check in result["checks"])
    assert done.out.count(b"\n") == 1


def test_the_update_comes_from_standard_input(files: Cli) -> None:
    for arguments in ((), ("--update", "-")):
        done = files.run("apply", "app.py", *arguments, "--format", "text", *ALIGN, stdin=lines(UPDATE, "\r\n"))
        assert (done.status, done.out) == (0, lines(CHANGED))


KINDS = {
    "lf": (lines(ORIGINAL), lines(CHANGED)),
    "crlf": (lines(ORIGINAL, "\r\n"), lines(CHANGED, "\r\n")),
    "bom": (b"\xef\xbb\xbf" + lines(ORIGINAL), b"\xef\xbb\xbf" + lines(CHANGED)),
    "bom-crlf": (b"\xef\xbb\xbf" + lines(ORIGINAL, "\r\n"), b"\xef\xbb\xbf" + lines(CHANGED, "\r\n")),
    "no-final-newline": (lines(ORIGINAL, final=False), lines(CHANGED, final=False)),
    "crlf-no-final": (lines(ORIGINAL, "\r\n", False), lines(CHANGED, "\r\n", False)),
    "blanks": (lines([*ORIGINAL, "# x  ", "\t", "é → 🎉"]), lines([*CHANGED, "# x  ", "\t", "é → 🎉"])),
    "mixed": (
        lines(ORIGINAL).replace(b"return 2\n", b"return 2\r\n"),
        lines(CHANGED).replace(b"return 2\n", b"return 2\r\n"),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_outside_the_hunk_stays(files: Cli, kind: str) -> None:
    original, changed = KINDS[kind]
    path = files.write("app.py", original)
    done = files.run("apply", "app.py", "--update", "update.py", "--write", "--format", "text", *ALIGN)
    assert (done.status, done.out, path.read_bytes()) == (0, changed, changed)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["app.py", "a b é.py"])
def test_git_applies_the_diff(files: Cli, kind: str, name: str) -> None:
    original, changed = KINDS[kind]
    path = files.write(name, original)
    diff = files.run("apply", path.absolute(), "--update", "update.py", *ALIGN).out
    subprocess.run(["git", "apply", "-"], cwd=files.folder, input=diff, check=True)
    assert path.read_bytes() == changed


def test_a_diff_that_changes_nothing_is_empty(files: Cli) -> None:
    done = files.run("apply", "app.py", "--update", "app.py", *ALIGN)
    assert done.out == b""
    assert done.status == 0


def test_a_doubtful_edit_is_not_written_without_force(files: Cli) -> None:
    path = files.folder / "app.py"
    done = files.run("apply", "app.py", "--update", "broken.py", "--write", *ALIGN)
    assert done.status == 3
    assert path.read_bytes() == lines(ORIGINAL)
    assert done.out == b""
    assert "new syntax error" in done.err
    assert "--force" in done.err

    done = files.run("apply", "app.py", "--update", "broken.py", "--write", "--force", *ALIGN)
    assert done.status == 0
    assert b"return (10" in path.read_bytes()


# Methods that are alike, so that an update that shows one of them says nothing of which: it needs review, however sure
# the weights are.
METHOD = ["    def read(self):", "        x = open(self.path)", "        return x.read()"]
MANY = [line for name in ("First", "Second", "Third") for line in (f"class {name}:", *METHOD, "", "")]
READ = ["# ... existing code ...", *METHOD[:-1], "        return x.read().strip()", "# ... existing code ..."]


@pytest.mark.parametrize("form", [(), ("--format", "diff")])
def test_a_doubtful_diff_goes_nowhere_by_accident(files: Cli, form: tuple[str, ...]) -> None:
    files.write("many.py", MANY)
    files.write("read.py", READ)
    done = files.run("apply", "many.py", "-u", "read.py", *form, *ALIGN)
    assert (done.status, done.out) == (3, b"")
    assert done.err.startswith("fastapply: error: many.py: needs review, no diff is printed: ")
    assert "`read` stands alike at lines 2, 8, 14" in done.err
    assert "--reading 2" in done.err
    assert done.err.count("\n") == 1
    done = files.run("apply", "many.py", "-u", "read.py", "--force", *form, *ALIGN)
    assert done.status == 0
    assert b"+        return x.read().strip()" in done.out


def test_a_reading_is_one_step_from_done(files: Cli) -> None:
    path = files.write("many.py", MANY)
    files.write("read.py", READ)
    done = files.run("apply", "many.py", "-u", "read.py", "--format", "json", *ALIGN)
    first = json.loads(done.out)
    assert (done.status, first["status"]) == (3, "needs_review")
    assert [other["number"] for other in first["alternatives"]] == [*range(2, 2 + len(first["alternatives"]))] != []
    for other in first["alternatives"]:
        assert set(other) == {"number", "share", "hunks", "diff"}
        path.write_text(first["text"])
        subprocess.run(["git", "apply", "-"], cwd=files.folder, input=other["diff"].encode(), check=True)
        expected = path.read_text()
        path.write_bytes(lines(MANY))
        number = str(other["number"])
        done = files.run("apply", "many.py", "-u", "read.py", "--reading", number, "--write", *ALIGN)
        assert (done.status, path.read_text()) == (0, expected), done.err
        path.write_bytes(lines(MANY))


def test_a_new_file_is_made_when_asked_for_and_not_else(files: Cli) -> None:
    path = files.folder / "deep" / "new.py"
    done = files.run("apply", "deep/new.py", "-u", "app.py", "--write", *ALIGN)
    assert (done.status, path.exists()) == (2, False)
    assert "no such file" in done.err
    done = files.run("apply", "deep/new.py", "-u", "app.py", "--create", *ALIGN)
    assert (done.status, path.exists()) == (0, False)
    subprocess.run(["git", "apply", "-"], cwd=files.folder, input=done.out, check=True)
    assert path.read_bytes() == lines(ORIGINAL)
    path.unlink()
    done = files.run("apply", "deep/new.py", "-u", "app.py", "--create", "--write", *ALIGN)
    assert (done.status, path.read_bytes()) == (0, lines(ORIGINAL))
    assert files.run("undo").status == 0
    assert not path.exists()
    done = files.run("apply", "deep/new.py", "-u", "update.py", "--create", "--write", *ALIGN)
    assert (done.status, path.exists()) == (3, False)  # markers stand for lines that are nowhere
    assert "marker" in done.err


def test_what_is_there_already_is_said_and_not_written(files: Cli) -> None:
    done = files.run("apply", "app.py", "-u", "app.py", "--write", *ALIGN)
    assert (done.status, done.out) == (0, b"")
    assert "nothing to change" in done.err
    assert files.run("undo", "--list").out == b""


SEVERAL = {
    "diff": "--- a/{0}\n+++ b/{0}\n@@ -5 +5 @@\n-    return 1\n+    return 10\n",
    "blocks": "{0}\n<<<<<<< SEARCH\n    return 1\n=======\n    return 10\n>>>>>>> REPLACE\n",
    "patch": "*** Update File: {0}\n@@\n-    return 1\n+    return 10\n",
    "fences": "`{0}`:\n```python\n# ... existing code ...\ndef first():\n    return 10\n# ... existing code ...\n```\n",
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_edits_for_other_files_are_named(files: Cli, kind: str) -> None:
    update = "".join(SEVERAL[kind].format(name) for name in ("lib/a.py", "app.py", "b.py"))
    if kind == "patch":
        update = f"*** Begin Patch\n{update}*** End Patch\n"
    done = files.run("apply", "app.py", "--format", "text", *ALIGN, stdin=update.encode())
    assert (done.status, done.out) == (0, lines(CHANGED)), done.err
    assert "2 other files in this update were not applied: lib/a.py, b.py; give the folder" in done.err


def test_a_rejected_edit_is_never_written(files: Cli) -> None:
    path = files.folder / "app.py"
    files.write("update.py", "nothing of this stands in the file, and it is not code\n")
    done = files.run("apply", "app.py", "--update", "update.py", "--write", "--force", "--format", "text", *ALIGN)
    assert done.status == 1
    assert done.out == path.read_bytes() == lines(ORIGINAL)  # whoever pipes it on loses nothing
    assert done.err.startswith("fastapply: error: app.py: rejected: ")
    assert done.err.count("\n") == 1


def test_a_rejected_edit_has_a_result(files: Cli) -> None:
    files.write("update.py", "nothing of this stands in the file, and it is not code\n")
    done = files.run("apply", "app.py", "--update", "update.py", "--format", "json", *ALIGN)
    result = json.loads(done.out)
    assert (done.status, result["status"], result["text"]) == (1, "rejected", lines(ORIGINAL).decode())


def test_an_empty_file_takes_a_whole_file(files: Cli) -> None:
    path = files.write("new.py", b"")
    done = files.run("apply", "new.py", "--update", "app.py", "--write", *ALIGN)
    assert (done.status, path.read_bytes()) == (0, lines(ORIGINAL))


def test_writing_keeps_mode_and_symbolic_link(files: Cli) -> None:
    (files.folder / "real").mkdir()
    path = files.folder / "real" / "app.py"
    path.write_bytes(lines(ORIGINAL))
    path.chmod(0o750)
    link = files.folder / "link.py"
    link.symlink_to(Path("real/app.py"))
    done = files.run("apply", "link.py", "--update", "update.py", "--write", *ALIGN)
    assert done.status == 0
    assert link.is_symlink()
    assert path.read_bytes() == lines(CHANGED)
    assert path.stat().st_mode & 0o7777 == 0o750
    assert os.listdir(path.parent) == ["app.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(files: Cli) -> None:
    """Somebody writes it while the model does."""
    path = files.folder / "app.py"
    with peer(held(lines(CHANGED).decode())) as model:
        options = ("--backend", "openai", "--base-url", model.url, "--model", "m", "--template", "morph")
        process = files.start("apply", "app.py", "--update", "update.py", "--write", *options)
        while not model.asked:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        path.write_bytes(b"somebody else's\n")
        model.go.set()
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert err.decode().startswith("fastapply: error: app.py changed while it was being rewritten")
    assert path.read_bytes() == b"somebody else's\n"


def test_the_demo_comes_out_right_by_alignment_alone(cli: Cli) -> None:
    demo = Path(__file__).resolve().parents[2] / "demo"
    expected = (Path(__file__).resolve().parents[1] / "cases" / "demo_inventory.txt").read_bytes()
    done = cli.run("apply", demo / "inventory.py", "--update", demo / "update.py", "--format", "text", *ALIGN)
    ours, theirs = ([line for line in text.decode().split("\n") if line] for text in (done.out, expected))
    assert ours == theirs  # one blank line more or less between two parts is as good
    assert done.status == 0
