"""What is done before anybody asks: the model is loaded when the first document is opened, at idle priority.

Reading the document into the model's cache ahead of an edit is not done yet: the backend has no prefix to keep.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapply.config import Settings
from fastapply_lsp.model import State
from fastapply_lsp.rewriting import LoadJob
from fastapply_lsp.service import Service


def warm(service: Service, settings: Settings, failed: Callable[[], None]) -> None:
    """Load the model once nothing else waits, unless that is done or has failed. `failed` runs on the event loop."""
    if service.host.state(settings).state is State.COLD:
        service.worker.submit_idle(("load", settings), LoadJob(service.host, settings, lambda _: failed()))
