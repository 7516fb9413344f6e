"""The job of one rewrite: has the applier's process do it, and tells the event loop what happens."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from fastapply.applier import Delta
from fastapply.config import Settings
from fastapply.errors import FastApplyError
from fastapply.types import ApplyRequest, ApplyResult
from fastapply_lsp.model import ModelHost, ModelState
from fastapply_lsp.process import Edit

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """The rewrite was cancelled."""


class Finished(NamedTuple):
    """The end of a rewrite. `model`: what had a part in it."""

    result: ApplyResult
    model: ModelState


class Listener(NamedTuple):
    """Who wants to know; called on the event loop."""

    phase: Callable[[str], None]
    delta: Callable[[Delta], None]


class RewriteJob:
    """One request. `outcome` is the event loop's future: a `Finished`, or the error."""

    def __init__(self, host: ModelHost, settings: Settings, request: ApplyRequest, listener: Listener) -> None:
        self._host = host
        self._settings = settings
        self._request = request
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._cancelled = threading.Event()
        self.outcome: asyncio.Future[Finished] = self._loop.create_future()

    def cancel(self) -> None:
        """From any thread. The worker stops within one block."""
        self._cancelled.set()
        self._tell(self._settle, None, StoppedError("cancelled"))

    def run(self) -> None:
        try:
            self._check()
            self._tell(self._settle, self._finish(), None)
        except (FastApplyError, StoppedError) as error:
            # Without its traceback, whose frames would keep the model's cache alive.
            self._tell(self._settle, None, error.with_traceback(None))
        except Exception as error:
            logger.exception("a rewrite failed")
            self._tell(self._settle, None, error.with_traceback(None))

    def _finish(self) -> Finished:
        applier = self._host.load(self._settings, self._phase)
        self._check()
        self._phase("aligning")
        for step in applier.steps(Edit(self._request), self._check, self._phase):
            if isinstance(step, ApplyResult):
                return Finished(step, self._host.state(self._settings))
            self._tell(self._listener.delta, step)
        raise AssertionError("a stream ends with its result")

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise StoppedError("cancelled")

    def _phase(self, name: str) -> None:
        self._tell(self._listener.phase, name)

    def _settle(self, finished: Finished | None, error: Exception | None) -> None:
        if self.outcome.done():
            return
        if finished is not None:
            self.outcome.set_result(finished)
        elif error is not None:
            self.outcome.set_exception(error)
            self.outcome.exception()  # seen: whoever waited may have gone

    def _tell(self, what: Callable[..., Any], *values: Any) -> None:
        with suppress(RuntimeError):  # the event loop is closed: the client has gone
            self._loop.call_soon_threadsafe(what, *values)
