"""The models of these tests are tiny."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def small(one_thread: None) -> None:
    """All of it on one thread."""
