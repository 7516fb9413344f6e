from __future__ import annotations

from pathlib import Path

import pytest
from agent import ORIGINAL
from program import Cli


@pytest.fixture
def work(cli: Cli) -> Path:
    """A root with a file, beside things that are none of an agent's business."""
    root = cli.folder / "root"
    (root / "inner" / ".git").mkdir(parents=True)
    for path in ("root/app.py", "root/inner/app.py", "root/inner/.git/hook.py", "secret.py"):
        cli.write(path, ORIGINAL)
    (root / "link.py").symlink_to("../secret.py")
    (root / "out").symlink_to("..")
    (root / "here.py").symlink_to("inner/app.py")
    (root / "loop.py").symlink_to("loop.py")
    return root
