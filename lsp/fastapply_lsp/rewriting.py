"""The job of one rewrite: runs an `Applier` on the worker's thread and tells the event loop what happens."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from fastapply.applier import Applier, Delta
from fastapply.config import Settings
from fastapply.errors import FastApplyError, ModelError
from fastapply.types import ApplyRequest, ApplyResult
from fastapply_lsp.model import HostedBackend, ModelHost, ModelState, State

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
        if self._host.state(self._settings).state not in (State.OFF, State.FAILED):
            backend = HostedBackend(self._host, self._settings, self._check, self._phase)
            try:
                result = self._apply(Applier(backend))
                return Finished(result, self._host.state(self._settings))
            except ModelError:
                # A model that cannot be loaded leaves the alignment; one that fails at work fails this request.
                if self._host.state(self._settings).state is not State.FAILED:
                    raise
        result = self._apply(Applier(None))
        return Finished(result, self._host.state(self._settings))

    def _apply(self, applier: Applier) -> ApplyResult:
        self._phase("aligning")
        stream = applier.stream(self._request)
        try:
            for step in stream:
                self._check()
                if isinstance(step, ApplyResult):
                    return step
                self._tell(self._listener.delta, step)
        finally:
            stream.close()  # frees the model's cache before the next job begins
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
