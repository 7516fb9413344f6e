"""What tests of several layers share."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import Cli


@pytest.fixture
def cli(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return Cli(tmp_path, tmp_path_factory.mktemp("config"))
