"""Runs `fastapply` again and again, each time in a process of its own, whose modules are imported already.

A program, since it forks. It is given a socket (the number of its file) and modules to import. A message on it is one
JSON object, `{"arguments", "folder", "env"}`, with three open files: standard input, output and error of the run. It is
answered by the exit status.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from fastapply.cli import main
from fastapply.text.marker_words import Late


def prepare(modules: Sequence[str]) -> None:
    """All that each child would else do for itself: imports, long expressions, a look for garbage in what was imported
    (which would copy the memory of it)."""
    for name in modules:
        importlib.import_module(name)
    for late in [found for found in gc.get_objects() if isinstance(found, Late)]:
        late.match("")
    assert threading.active_count() == 1, "a fork with threads is no copy of the program"
    gc.collect()
    gc.freeze()


def fork(orders: socket.socket) -> None:
    """Until the other side of the socket is closed. Returns in each child, which has become the program."""
    while True:
        message, files, _, _ = socket.recv_fds(orders, 1 << 20, 3)
        if not message:
            sys.exit()
        child = os.fork()
        if child == 0:
            become(json.loads(message), files)
            orders.close()
            return
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        orders.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(order: dict[str, object], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(order["env"])  # type: ignore[call-overload]
    os.chdir(str(order["folder"]))
    sys.argv = ["fastapply", *order["arguments"]]  # type: ignore[misc]


def leave(status: int) -> None:
    """End the process as the interpreter does, but leave its modules standing: with torch that saves a second."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):  # what cannot be written the interpreter tells by itself
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)


if __name__ == "__main__":
    prepare(sys.argv[2:])
    fork(socket.socket(fileno=int(sys.argv[1])))
    try:
        main()
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 0)
        raise
