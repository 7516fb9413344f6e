"""Faults of the machine: nothing is lost, one line says what happened, and the next run is clean."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from program import SECONDS, Cli, Done

pytestmark = pytest.mark.process

ALIGN = ("--model", "none")
OLD = "x = 1\n" + "".join(f"line_{number} = {number}\n" for number in range(4000))  # 70 kB
NEW = OLD.replace("x = 1\n", "x = 2\n", 1)
DIFF = "--- a/{0}\n+++ b/{0}\n@@ -1,2 +1,2 @@\n-x = 1\n+x = 2\n line_0 = 0\n"


def write(cli: Cli, folder: Path, *names: str) -> Done:
    """`apply --write` of the edit to one file, or to several in `folder`."""
    update = "".join(DIFF.format(name) for name in names)
    target = folder / names[0] if len(names) == 1 else folder
    return cli.run("apply", target, "--write", *ALIGN, stdin=update.encode())


def one_line(done: Done, *expected: str) -> None:
    """The end of what is said is one error. (The result itself may stand above it.)"""
    assert done.status == 1, done.err
    errors = [line for line in done.err.splitlines() if line.startswith("fastapply: error: ")]
    assert len(errors) == 1, done.err
    assert all(part in errors[0] for part in expected), errors[0]
    assert "Traceback" not in done.err
    assert "a bug" not in done.err


def holds(folder: Path, *names: str, text: str = OLD) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for name in names:
        assert (folder / name).read_text() == text


@pytest.fixture
def work(cli: Cli) -> Path:
    folder = cli.folder / "work"
    folder.mkdir()
    for name in ("a.py", "b.py"):
        (folder / name).write_text(OLD)
    return folder


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a file system on a new folder; skips where this is not allowed."""
    done: list[Path] = []

    def mount(*options: str) -> Path:
        place = tmp_path / f"mount-{len(done)}"
        place.mkdir()
        if subprocess.run(["mount", *options, place], capture_output=True, check=False).returncode:
            pytest.skip("mounting a file system is not allowed here")
        done.append(place)
        return place

    yield mount
    for place in done:
        subprocess.run(["umount", "-l", place], check=True)


# The disk


@pytest.mark.parametrize("names", [("a.py",), ("a.py", "b.py")])
def test_the_disk_is_full(cli: Cli, mount: Callable[..., Path], names: tuple[str, ...]) -> None:
    small = mount("-t", "tmpfs", "-o", "size=200k", "tmpfs")  # two files of 70 kB, and no room for a third
    for name in ("a.py", "b.py"):
        (small / name).write_text(OLD)
    (small / "filler").write_bytes(b"x" * 8192)
    done = write(cli, small, *names)
    one_line(done, "No space left on device", "it is as it was")
    assert sorted(os.listdir(small)) == ["a.py", "b.py", "filler"]
    assert [(small / name).read_text() for name in ("a.py", "b.py")] == [OLD, OLD]
    assert cli.run("undo", "-l").out == b""
    (small / "filler").unlink()
    (small / "b.py").unlink()
    assert write(cli, small, "a.py").status == 0
    assert (small / "a.py").read_text() == NEW


def test_the_disk_of_the_undo_store_is_full(cli: Cli, work: Path, mount: Callable[..., Path]) -> None:
    full = mount("-t", "tmpfs", "-o", "size=40k", "tmpfs")
    cli.env["FASTAPPLY_STATE_DIR"] = str(full)
    done = write(cli, work, "a.py", "b.py")
    one_line(done, "No space left on device", "FASTAPPLY_STATE_DIR")
    holds(work, "a.py", "b.py")
    done = write(cli, work, "a.py")  # one file is safe without a journal: written, and said
    assert done.status == 0
    assert "no undo is kept" in done.err
    assert (work / "a.py").read_text() == NEW
    assert [name for name in os.listdir(full / "undo") if name != ".lock"] == []


def test_a_write_is_cut_off_by_a_limit(cli: Cli, work: Path) -> None:
    """RLIMIT_FSIZE, as on a quota: the error comes in the middle of the content."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    code = f"{limit}; import runpy; runpy.run_module('fastapply', run_name='__main__')"
    command = [sys.executable, "-c", code, "apply", "work/a.py", "--write", *ALIGN]
    done = subprocess.run(
        command, cwd=cli.folder, env=cli.env, input=DIFF.format("a.py").encode(), capture_output=True, check=False
    )
    one_line(Done(done.returncode, done.stdout, done.stderr.decode()), os.strerror(errno.EFBIG))
    holds(work, "a.py", "b.py")


# What may not be written


def test_a_read_only_file_system(cli: Cli, work: Path, mount: Callable[..., Path]) -> None:
    place = mount("--bind", "-o", "ro", str(work))
    if os.access(place, os.W_OK):
        pytest.skip("a read-only mount is not allowed here")
    one_line(write(cli, place, "a.py"), "read-only")
    one_line(write(cli, place, "a.py", "b.py"), "read-only")
    holds(work, "a.py", "b.py")


@pytest.mark.skipif(shutil.which("chattr") is None, reason="chattr is not installed")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_even_root_may_not_write(cli: Cli, work: Path, what: str) -> None:
    fixed = work / "b.py" if what == "file" else work
    if subprocess.run(["chattr", "+i", fixed], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        one_line(write(cli, work, "a.py", "b.py"), os.strerror(errno.EPERM) if what == "folder" else "b.py")
        holds(work, "a.py", "b.py")
    finally:
        subprocess.run(["chattr", "-i", fixed], check=True)
    assert write(cli, work, "a.py", "b.py").status == 0
    holds(work, "a.py", "b.py", text=NEW)


def test_a_state_folder_that_cannot_be_used(cli: Cli, work: Path) -> None:
    cli.write("file", b"no folder")
    cli.env["FASTAPPLY_STATE_DIR"] = str(cli.folder / "file")
    one_line(write(cli, work, "a.py", "b.py"), "FASTAPPLY_STATE_DIR")
    holds(work, "a.py", "b.py")
    done = write(cli, work, "a.py")
    assert (done.status, (work / "a.py").read_text()) == (0, NEW)
    assert "no undo is kept" in done.err


# Others at work


@pytest.mark.parametrize("change", ["changed", "removed"])
def test_a_file_of_several_that_changes_meanwhile(cli: Cli, work: Path, change: str) -> None:
    """As late as can be: when the new contents lie beside the files."""
    hook = cli.folder / "hook"
    hook.mkdir()
    act = "os.unlink(path)" if change == "removed" else "open(path, 'w').write('mine')"
    code = (
        "import os, fastapply.writing as writing\n"
        f"path, stage = {str(work / 'b.py')!r}, writing.stage\n"
        f"def late(change, temporary):\n    stage(change, temporary)\n    if os.path.exists(path): {act}\n"
        "writing.stage = late\n"
    )
    (hook / "sitecustomize.py").write_text(code)
    env = {"PYTHONPATH": f"{hook}{os.pathsep}{cli.env['PYTHONPATH']}"}
    update = DIFF.format("a.py") + DIFF.format("b.py")
    done = cli.run("apply", work, "--write", *ALIGN, stdin=update.encode(), env=env)
    one_line(done, "b.py", "changed while it was being rewritten" if change == "changed" else "b.py")
    assert (work / "a.py").read_text() == OLD
    assert sorted(os.listdir(work)) == (["a.py", "b.py"] if change == "changed" else ["a.py"])
    if change == "changed":
        assert (work / "b.py").read_text() == "mine"


def test_two_processes_on_one_file(cli: Cli, work: Path) -> None:
    """All read the same file; one writes it, the others notice. No edit is half there."""
    fifos = [cli.folder / f"fifo-{number}" for number in range(6)]
    for fifo in fifos:
        os.mkfifo(fifo)
    started = [cli.start("apply", "work/a.py", "--update", fifo, "--write", *ALIGN) for fifo in fifos]
    pipes = [fifo.open("wb") for fifo in fifos]  # opens once each has read the file
    for number, pipe in enumerate(pipes):
        pipe.write(DIFF.format("a.py").replace("x = 2", f"x = 2{number}").encode())
        pipe.close()
    ended = [(process.communicate(timeout=SECONDS), process.returncode) for process in started]
    winners = [number for number, (_, status) in enumerate(ended) if status == 0]
    assert len(winners) == 1
    for (_, err), status in ended:
        assert status == 0 or (status == 1 and b"changed while it was being rewritten" in err)
    assert (work / "a.py").read_text() == OLD.replace("x = 1\n", f"x = 2{winners[0]}\n", 1)
    assert sorted(os.listdir(work)) == ["a.py", "b.py"]
    assert cli.run("undo").status == 0
    holds(work, "a.py", "b.py")
