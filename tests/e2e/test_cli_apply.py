"""`fastapply apply` as a program: formats, exit statuses, and files that keep every byte the edit did not touch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from program import Cli

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
    assert result["hunks"] == [{"start_line": 4, "end_line": 5, "new_text": "    return 10\n"}]
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
    assert done.status in (0, 3)


def test_a_doubtful_edit_is_not_written_without_force(files: Cli) -> None:
    path = files.folder / "app.py"
    done = files.run("apply", "app.py", "--update", "broken.py", "--write", *ALIGN)
    assert done.status == 3
    assert path.read_bytes() == lines(ORIGINAL)
    assert b"+    return (10" in done.out
    assert "syntax" in done.err
    assert "--force" in done.err

    done = files.run("apply", "app.py", "--update", "broken.py", "--write", "--force", *ALIGN)
    assert done.status == 0
    assert b"return (10" in path.read_bytes()


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
    fifo = files.folder / "fifo"
    os.mkfifo(fifo)
    path = files.folder / "app.py"
    process = files.start("apply", "app.py", "--update", "fifo", "--write", *ALIGN)
    with fifo.open("wb") as pipe:  # opens once the program has read the file and asks for the update
        path.write_bytes(b"somebody else's\n")
        pipe.write(lines(UPDATE))
    _, err = process.communicate(timeout=300)
    assert process.returncode == 1
    assert err.decode().startswith("fastapply: error: app.py changed while it was being rewritten")
    assert path.read_bytes() == b"somebody else's\n"


def test_the_demo_comes_out_right_by_alignment_alone(cli: Cli) -> None:
    demo = Path(__file__).resolve().parents[2] / "demo"
    expected = (Path(__file__).resolve().parents[1] / "cases" / "demo_inventory.txt").read_bytes()
    done = cli.run("apply", demo / "inventory.py", "--update", demo / "update.py", "--format", "text", *ALIGN)
    assert done.out.decode() == expected.decode()
    assert done.status in (0, 3)  # right; without a model it may be shown for review
