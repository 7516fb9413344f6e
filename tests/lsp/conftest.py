"""One server a module, for tests that leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from editor import Editor, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    async with running(tmp_path_factory.mktemp("config")) as editor:
        yield editor


@pytest.fixture
def editor(shared: Editor) -> Editor:
    """The editor of the module's server as it came: nothing is open, and nothing was heard."""
    for uri in list(shared.texts):
        shared.close(uri)
    for heard in (shared.texts, shared.versions, shared.previews, shared.progress, shared.edits):
        heard.clear()
    shared.client.messages.clear()
    shared.client.progress_reports.clear()
    return shared
