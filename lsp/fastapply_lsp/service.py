"""What all clients of one process share: the model and the thread on which it runs."""

from __future__ import annotations

from itertools import count

from fastapply_lsp.model import ModelHost
from fastapply_lsp.worker import Worker


class Service:
    def __init__(self) -> None:
        self.worker = Worker()
        self.host = ModelHost()
        self.client_numbers = count(1)

    def stop(self, seconds: float) -> bool:
        """End all work. Whether that succeeded in this time."""
        self.host.close()
        return self.worker.stop(seconds)
