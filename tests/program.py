"""The command line in a process of its own, away from the user's settings."""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PYTHONPATH = os.pathsep.join(str(ROOT / part) for part in (".", "lsp", "lab"))
SECONDS = 900  # a hanging process is a failure; a slow machine is not
COMMANDS = ("apply", "one_file", "directory", "batch", "undo", "mcp", "models", "doctor")
MODULES = ("filelock", "fastapply.cli.app", *(f"fastapply.cli.{name}" for name in COMMANDS))
MODEL_MODULES = ("fastapply.backends.local", "transformers.models.llama.modeling_llama", "transformers.models.auto")


class Done(NamedTuple):
    """What a finished command left."""

    status: int
    out: bytes
    err: str


class Cli:
    """Runs `fastapply` in `folder`, with no terminal anywhere unless a test makes one."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FASTAPPLY_")}
        for name in ("FASTAPPLY_CACHE_DIR", "FASTAPPLY_THREADS"):  # where the weights are, how busy the machine is
            if name in os.environ:
                kept[name] = os.environ[name]
        # What would tell a program about another terminal than its own: pytest's workers have such variables.
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "LINES"):
            kept.pop(name, None)
        homes = {"XDG_CONFIG_HOME": str(config), "FASTAPPLY_STATE_DIR": str(config / "state")}
        self.env = {**kept, **homes, "PYTHONPATH": PYTHONPATH, "TERM": "xterm-256color"}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "fastapply", *map(str, arguments)]

    def run(self, *arguments: str | Path, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Done:
        """Waits for the end. With a `PYTHONPATH` of its own, which Python reads at its start, the program is started
        from nothing."""
        whole = {**self.env, **(env or {})}
        if whole["PYTHONPATH"] == PYTHONPATH:
            forker = _forker("none" in arguments or "install" in arguments)
            return forker.run([*map(str, arguments)], self.folder, whole, stdin or b"")
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=whole,
            input=stdin or b"",
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode())

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(self.command(*arguments), cwd=self.folder, env=self.env, **pipes)

    def write(self, name: str, content: bytes | str | Sequence[str]) -> Path:
        """A file in the folder: bytes as they are, text as UTF-8, a sequence as lines."""
        if not isinstance(content, bytes):
            content = (content if isinstance(content, str) else "".join(f"{line}\n" for line in content)).encode()
        path = self.folder / name
        path.write_bytes(content)
        return path


class Forker:
    """`tests/forker.py`, kept running: what a run imports is what takes its time."""

    def __init__(self, modules: Sequence[str], **env: str) -> None:
        self._orders, theirs = socket.socketpair()
        self._orders.settimeout(SECONDS)
        command = [sys.executable, Path(__file__).with_name("forker.py"), str(theirs.fileno()), *modules]
        env = {**os.environ, "PYTHONPATH": PYTHONPATH, **env}
        self._process = subprocess.Popen(command, env=env, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        atexit.register(self.close)

    def run(self, arguments: Sequence[str], folder: Path, env: Mapping[str, str], stdin: bytes) -> Done:
        reads, writes = os.pipe()
        order = json.dumps({"arguments": arguments, "folder": str(folder), "env": dict(env)}).encode()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(self._orders, [order], [reads, out.fileno(), err.fileno()])
            os.close(reads)
            writer = threading.Thread(target=_write, args=(writes, stdin))
            writer.start()
            status = int(self._orders.recv(16))
            writer.join()
            out.seek(0)
            err.seek(0)
            return Done(status, out.read(), err.read().decode())

    def close(self) -> None:
        self._orders.close()
        self._process.wait()


def _write(pipe: int, data: bytes) -> None:
    with suppress(BrokenPipeError), open(pipe, "wb") as file:
        file.write(data)


@functools.cache
def _forker(without_model: bool) -> Forker:
    """Two of them: with what a model needs imported, and without."""
    if without_model:
        return Forker(MODULES)
    # A hub that nobody serves: the same as no network, without asking anybody.
    return Forker([*MODULES, *MODEL_MODULES], HF_ENDPOINT="http://127.0.0.1:9")
