"""The progress of a rewrite for the client, and a throttle that limits messages to about ten a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lsprotocol import types

INTERVAL_SECONDS = 0.1

Notify = Callable[[str, types.ProgressParams], None]


class Throttle:
    """Calls `send` soon after each `touch`, but no more often than every `seconds`."""

    def __init__(self, send: Callable[[], None], seconds: float = INTERVAL_SECONDS) -> None:
        self._send = send
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._next = 0.0  # the earliest time of the next call
        self._timer: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        """Schedule a call, unless one is scheduled."""
        if self._timer is None:
            self._timer = self._loop.call_at(max(self._next, self._loop.time()), self._fire)

    def stop(self) -> None:
        """Cancel a scheduled call."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._next = self._loop.time() + self._seconds
        self._send()


class WorkDone:
    """One progress bar of the client. Without a token it sends nothing."""

    def __init__(self, notify: Notify, token: types.ProgressToken | None) -> None:
        self._notify = notify
        self.token = token
        self._percentage = 0
        self.message = ""
        self._sent: tuple[int, str] | None = None

    def begin(self, title: str) -> None:
        self._send(types.WorkDoneProgressBegin(title=title, cancellable=True, percentage=0))

    def phase(self, message: str) -> None:
        self.message = message

    def lines(self, done: int, total: int) -> None:
        """`done` of `total` lines of the original are settled."""
        self._percentage = max(self._percentage, 100 * done // max(total, 1))

    def report(self) -> None:
        if self._sent != (self._percentage, self.message):
            self._sent = (self._percentage, self.message)
            self._send(types.WorkDoneProgressReport(percentage=self._percentage, message=self.message))

    def end(self, message: str) -> None:
        self._send(types.WorkDoneProgressEnd(message=message))
        self.token = None

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self.token is not None:
            self._notify(types.PROGRESS, types.ProgressParams(self.token, value))
