"""What tests of several layers share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from examples import examples
from hypothesis import settings
from program import Cli

if TYPE_CHECKING:
    from fastapply.backends.local import LocalBackend
    from fastapply.prompt import Codec

# A shell without job control starts what it puts into the background with Ctrl-C ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Threads of a product that wait for each other sleep. By default they spin, and a pass takes ten times as long when
# another process has one of the cores. Read once, when torch is loaded, here and in every process that a test starts.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Workers share the cores: each, and every process that it starts, multiplies on its part of them.
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if WORKERS > 1:
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // WORKERS)))

# The verdict of a run depends on the code alone: neither on chance nor on how busy the machine is.
# `--hypothesis-profile random` looks for new examples.
settings.register_profile("fixed", examples(100), derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile("fixed")


def pytest_itemcollected(item: pytest.Item) -> None:
    if {"cli", "server", "shared"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.process)


@pytest.fixture
def cli(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return Cli(tmp_path, tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small matrices are slower on two threads; and the other tests of this process keep theirs."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def embedded() -> LocalBackend:
    """The embedded model in the dtype that this machine multiplies, loaded once."""
    from fastapply.backends.local import LocalBackend
    from fastapply.config import load_settings

    return LocalBackend.load(load_settings())


@pytest.fixture(scope="session")
def codec() -> Codec:
    """The embedded model's tokens."""
    from fastapply.config import load_settings
    from fastapply.engine.weights import adapter_folder, embedded_folder
    from fastapply.prompt import Codec

    return Codec.load(embedded_folder(load_settings().cache_dir, adapter_folder()))


STILL_WRONG = Path(__file__).with_name("still_wrong.txt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that ask for what the alignment, made anew on 2026-11-29, does not do yet: one open list, which has to
    come down to nothing."""
    names = {line for line in STILL_WRONG.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}
    for item in items:
        if item.nodeid in names or item.nodeid.partition("[")[0] in names:
            item.add_marker(pytest.mark.xfail(reason="tests/still_wrong.txt", strict=False))
