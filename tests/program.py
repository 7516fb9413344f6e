"""The command line in a process of its own, away from the user's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PYTHONPATH = os.pathsep.join([str(ROOT), str(ROOT / "lsp")])
SECONDS = 300  # a hanging process is a failure; a slow machine is not


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
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
            kept.pop(name, None)
        homes = {"XDG_CONFIG_HOME": str(config), "FASTAPPLY_STATE_DIR": str(config / "state")}
        self.env = {**kept, **homes, "PYTHONPATH": PYTHONPATH, "TERM": "xterm-256color"}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "fastapply", *map(str, arguments)]

    def run(self, *arguments: str | Path, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Done:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.env, **(env or {})},
            input=b"" if stdin is None else stdin,
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
