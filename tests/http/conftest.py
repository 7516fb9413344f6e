from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from server import Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Alignment alone: everything but the model is real."""
    with running(tmp_path_factory.mktemp("server"), "--model", "none", "--max-body", "300000") as started:
        yield started
