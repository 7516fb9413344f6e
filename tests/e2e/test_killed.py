"""Killed at any moment of `--write`, the files are the old ones or the new ones, whole; the next run is clean.

`FASTAPPLY_KILLS` points, half of them at which it was really killed (400 for the figure in docs/formats.md);
`FASTAPPLY_SEED` chooses others.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from program import PYTHONPATH, SECONDS, Cli

pytestmark = pytest.mark.process

SEED = int(os.environ.get("FASTAPPLY_SEED", "1"))
POINTS = int(os.environ.get("FASTAPPLY_KILLS", "40"))
KILLER = Path(__file__).resolve().parents[1] / "killer.py"
LINES = [f"line {number} {'x' * 60}\n" for number in range(600)]  # 40 kB: several pieces on their way to the disk


def diff(name: str) -> str:
    hunks = f"@@ -2 +2 @@\n-{LINES[1]}+line one\n@@ -591 +591 @@\n-{LINES[590]}+line last\n"
    return f"--- a/{name}\n+++ b/{name}\n{hunks}"


OLD = "".join(LINES)
NEW = OLD.replace(LINES[1], "line one\n").replace(LINES[590], "line last\n")
NEW_FILE = (
    "diff --git a/in/n.txt b/in/n.txt\nnew file mode 100644\n--- /dev/null\n+++ b/in/n.txt\n@@ -0,0 +1 @@\n+new\n"
)
GONE = "diff --git a/d.txt b/d.txt\ndeleted file mode 100644\n--- a/d.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"

Tree = dict[str, bytes]
CASES: dict[str, tuple[str, str, Tree, Tree]] = {  # what is asked for, the update, before, after
    "a file": ("a.txt", diff("a.txt"), {"a.txt": OLD.encode()}, {"a.txt": NEW.encode()}),
    "a directory": (
        ".",
        diff("a.txt") + diff("sub/b.txt") + NEW_FILE + GONE,
        {"a.txt": OLD.encode(), "sub/b.txt": OLD.encode(), "d.txt": b"gone\n"},
        {"a.txt": NEW.encode(), "sub/b.txt": NEW.encode(), "in/n.txt": b"new\n"},
    ),
}


class Killer:
    """`tests/killer.py`, kept running."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": PYTHONPATH}
        self._process = subprocess.Popen(
            [sys.executable, KILLER], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.env: dict[str, str] = {}  # of the runs

    def run(self, folder: Path, arguments: list[str], stdin: Path, kill: str = "", at: float = 0) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        task = {"folder": str(folder), "arguments": arguments, "stdin": str(stdin), "kill": kill, "at": at}
        task["env"] = self.env
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(SECONDS)


@pytest.fixture(scope="module")
def shared_killer() -> Iterator[Killer]:
    killer = Killer()
    yield killer
    killer.close()


@pytest.fixture
def killer(shared_killer: Killer, cli: Cli) -> Killer:
    shared_killer.env = cli.env
    return shared_killer


def tree(folder: Path) -> Tree:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lay_out(folder: Path, files: Tree) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def litter(folder: Path, store: Path) -> list[str]:
    """Whatever a run that ended by itself does not leave."""
    temporaries = [path.name for path in folder.rglob("*.tmp")]
    return temporaries + [
        path.name for path in store.glob("*") if path.suffix or path.name.startswith((".new", ".old"))
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE kills in the middle of a write only there")
@pytest.mark.parametrize("case", CASES)
def test_killed_at_random_points(cli: Cli, killer: Killer, case: str) -> None:
    target, update, old, new = CASES[case]
    arguments = ["apply", target, "--update", "-", "--write", "--model", "none"]
    stdin = cli.write("update.diff", update)
    store = Path(cli.env["FASTAPPLY_STATE_DIR"]) / "undo"
    rng = random.Random(SEED)
    reading = measure(cli, killer, [part for part in arguments if part != "--write"], stdin, old, old)
    whole = measure(cli, killer, arguments, stdin, old, new)
    found: Counter[str] = Counter()
    killed = point = 0
    while killed < POINTS // 4:  # a point may lie after the end of a run: then it is another's turn
        point += 1
        assert point < 2 * POINTS, f"almost no run was killed: {dict(found)}, FASTAPPLY_SEED={SEED}"
        kind = ("seconds", "call", "seconds", "call", "seconds", "bytes")[point % 6]
        writing = rng.random() < 0.7  # most of the time it reads and thinks; the writing is what matters
        at = {
            "seconds": rng.uniform(reading.seconds * 0.8 if writing else 0, whole.seconds),
            "call": rng.randint(reading.calls if writing else 1, whole.calls),
            "bytes": rng.randint(0, len(OLD)),
        }[kind]
        where = f"{kind} {at}, FASTAPPLY_SEED={SEED}"
        folder = cli.folder / f"point-{point}"
        lay_out(folder, old)
        shutil.rmtree(store, ignore_errors=True)  # a store that fills makes more calls than were measured
        ended = killer.run(folder, arguments, stdin, kind, at)["ended"]
        assert ended in (-9, -25, 0), where
        left = {name: data for name, data in tree(folder).items() if not name.endswith(".tmp")}
        if len(old) == 1:
            assert left in (old, new), where
        else:  # each file is whole; all together they are after the next run
            assert all(data in (old.get(name), new.get(name)) for name, data in left.items()), where
        state = "old" if left == old else "new" if left == new else "between"
        found[f"{kind}, {'killed' if ended else 'ended before'}, {state}"] += 1
        killed += ended != 0

        # Undo takes back what is half done, and what is done; then the same edit succeeds.
        killer.run(folder, ["undo"], stdin)
        after = tree(folder)
        assert after == old, where
        assert litter(folder, store) == [], where
        assert killer.run(folder, arguments, stdin)["ended"] == 0, where
        assert tree(folder) == new, where
        assert litter(folder, store) == [], where
    print(f"\n{point} points, {case}: {dict(sorted(found.items()))}")


class Measured(NamedTuple):
    """A whole run: how many calls it makes, how long it takes."""

    calls: int
    seconds: float


def measure(cli: Cli, killer: Killer, arguments: list[str], stdin: Path, old: Tree, new: Tree) -> Measured:
    folder = cli.folder / f"whole-{len(arguments)}"
    lay_out(folder, old)
    seconds = killer.run(folder, arguments, stdin)["seconds"]
    assert tree(folder) == new
    low, high = 1, 1024
    while low < high:  # the last call at which it can be killed
        middle = (low + high + 1) // 2
        folder = cli.folder / f"calls-{len(arguments)}-{middle}"
        lay_out(folder, old)
        killed = killer.run(folder, arguments, stdin, "call", middle)["ended"] == -9
        low, high = (middle, high) if killed else (low, middle - 1)
    killer.run(folder, ["undo"], stdin)
    return Measured(low, seconds)


def test_the_next_write_takes_back_what_was_cut_off(cli: Cli, killer: Killer) -> None:
    """Without `undo` between: an interrupted write of a directory, then a write of another file."""
    target, update, old, new = CASES["a directory"]
    arguments = ["apply", target, "--update", "-", "--write", "--model", "none"]
    stdin = cli.write("update.diff", update)
    calls = measure(cli, killer, arguments, stdin, old, new).calls
    other = cli.write("other.txt", "x\ny\n")
    between = 0
    for at in range(calls, 0, -1):
        folder = cli.folder / f"next-{at}"
        lay_out(folder, old)
        killer.run(folder, arguments, stdin, "call", at)
        left = {name: data for name, data in tree(folder).items() if not name.endswith(".tmp")}
        if left in (old, new):
            continue
        between += 1
        done = cli.run("apply", "other.txt", "-w", "--model", "none", stdin=b"--- a\n+++ b\n@@ -1 +1 @@\n-x\n+z\n")
        assert done.status == 0
        assert "an interrupted write of" in done.err
        assert tree(folder) == old
        assert not list(folder.rglob("*.tmp"))
        other.write_text("x\ny\n")
        if between == 2:
            return
    raise AssertionError("no call lies between two files")
