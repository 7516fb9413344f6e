"""What is done before anybody asks, at idle priority: the applier is started, and the head of a document is read.

An edit sends only the region that it touches through the model, so reading ahead helps where that region begins with
the file: small files, changed imports. What an earlier edit of the same region has read is kept by the model itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from fastapply.config import Settings
from fastapply.errors import ModelError
from fastapply.types import ApplyRequest
from fastapply_lsp.model import ModelHost, State
from fastapply_lsp.process import ReadAhead
from fastapply_lsp.rewriting import StoppedError


class WarmJob:
    """Loads the model before anybody waits for it, then reads the head of a document. `failed` is called on the event
    loop."""

    def __init__(self, host: ModelHost, settings: Settings, request: ApplyRequest, failed: Callable[[], None]) -> None:
        self._host = host
        self._settings = settings
        self._request = request
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """From any thread. A load that has begun cannot be interrupted; reading stops within one block."""
        self._cancelled.set()

    def run(self) -> None:
        with suppress(ModelError, StoppedError):
            self._check()
            applier = self._host.load(self._settings)
            if self._host.state(self._settings).state is State.FAILED:
                with suppress(RuntimeError):  # the event loop is closed: the client has gone
                    self._loop.call_soon_threadsafe(self._failed)
            for _ in applier.steps(ReadAhead(self._request), self._check):
                pass

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise StoppedError("cancelled")
