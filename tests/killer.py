"""Runs `fastapply` many times and kills it each time: at a moment, at a file-system call, or within a write.

A program of its own, since it forks: the modules are imported once, each point is then a fork that runs the command
line from its first to its last step. Reads one JSON object a line, `{"folder", "arguments", "stdin", "env", "kill",
"at"}`, and answers each with how the child ended, in the order of the lines.

- `seconds`: SIGKILL from outside, `at` seconds after the start
- `call`: SIGKILL by itself just before the `at`-th call that opens, makes, renames, links or removes something, or that
  brings a file to the disk
- `bytes`: the kernel kills it in the write that would make a file longer than `at` bytes; the bytes up to there are
  written (RLIMIT_FSIZE)
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from typing import Any

from forker import prepare
from program import MODULES

import fastapply.engine  # noqa: F401
from fastapply.cli import run

EVENTS = ("open", "os.", "shutil.", "fcntl.")


def main() -> None:
    """Until standard input ends."""
    prepare(MODULES)
    for line in sys.stdin:
        task = json.loads(line)
        started = time.perf_counter()
        child = os.fork()
        if child == 0:
            _be_killed(task)
        if task["kill"] == "seconds":
            time.sleep(max(0.0, started + task["at"] - time.perf_counter()))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        print(json.dumps({"ended": ended, "seconds": time.perf_counter() - started}), flush=True)


def _be_killed(task: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(task["env"])
    os.chdir(task["folder"])
    sys.stdin = open(task["stdin"])  # noqa: SIM115  # the update
    null = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(null, number)
    if task["kill"] == "call":
        _count_calls(task["at"])
    elif task["kill"] == "bytes":
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and gets an error instead
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (task["at"], task["at"]))
    os._exit(run(task["arguments"]))


def _count_calls(at: int) -> None:
    left = at

    def count(event: str, _: Any = ()) -> None:
        nonlocal left
        if event.startswith(EVENTS):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    fsync = os.fsync
    os.fsync = lambda number: (count("os.fsync"), fsync(number))[1]  # which Python does not audit
    sys.addaudithook(count)


if __name__ == "__main__":
    main()
