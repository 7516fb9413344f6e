"""What tests of several layers share."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from program import Cli

# A shell without job control starts what it puts into the background with Ctrl-C ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def cli(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return Cli(tmp_path, tmp_path_factory.mktemp("config"))
