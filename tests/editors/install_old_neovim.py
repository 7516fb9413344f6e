"""Have an old Neovim (Debian's) for the test that it gets one clear message; say why where it cannot be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from test_nvim import MINIMUM, programs, version

SECONDS = 600


def main() -> None:
    if any(version(path) < MINIMUM for path in programs()):
        return
    why = trouble()
    if why:
        print(f"no old Neovim: {why}; its test is skipped", file=sys.stderr)


def trouble() -> str:
    """Install it. Why it did not work; empty: it did."""
    if shutil.which("apt-get") is None:
        return "this is no Debian"
    if os.geteuid() != 0:
        return "only root can run `apt-get install neovim`"
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "neovim"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in (install, ["apt-get", "update"], install):  # the lists may be missing or out of date
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=SECONDS, check=False)
            if command is install and done.returncode == 0:
                return ""
    except subprocess.TimeoutExpired:
        return "apt-get takes too long"
    return f"apt-get: {(done.stderr.strip().splitlines() or ['failed'])[-1]}"


if __name__ == "__main__":
    main()
