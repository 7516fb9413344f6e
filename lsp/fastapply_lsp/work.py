"""The worker's jobs: rewrites, drafts, and warming up. They run in the applier's process and report to the event
loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from fastapply.config import NO_MODEL, Settings
from fastapply.errors import FastApplyError, ModelError
from fastapply.types import ApplyRequest, ApplyResult, Delta
from fastapply_lsp.model import LoadState, ModelHost, ModelState
from fastapply_lsp.process import Order

logger = logging.getLogger(__name__)

ALIGNMENT = ModelState(NO_MODEL, LoadState.OFF, "")


class StoppedError(Exception):
    """The rewrite was cancelled."""


class Finished(NamedTuple):
    """The end of a rewrite. `model`: the model that took part."""

    result: ApplyResult
    model: ModelState


class Listener(NamedTuple):
    """Callbacks for the progress of a rewrite, called on the event loop."""

    phase: Callable[[str], None]
    delta: Callable[[Delta], None]


class _ApplierJob:
    """Base of all jobs: they can be cancelled, and report to the event loop that made them."""

    def __init__(self, host: ModelHost, settings: Settings, request: ApplyRequest) -> None:
        self._host = host
        self._settings = settings
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Cancel the job, from any thread. Reading and writing stop within one block; loading a model goes on."""
        self._cancelled.set()

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise StoppedError("cancelled")

    def _tell(self, what: Callable[..., Any], *values: Any) -> None:
        with suppress(RuntimeError):  # the event loop is closed because the client has disconnected
            self._loop.call_soon_threadsafe(what, *values)


class RewriteJob(_ApplierJob):
    """A job for one request. `outcome` is a future of the event loop, with a `Finished` or an error."""

    def __init__(self, host: ModelHost, settings: Settings, request: ApplyRequest, listener: Listener) -> None:
        super().__init__(host, settings, request)
        self._listener = listener
        self.outcome: asyncio.Future[Finished] = self._loop.create_future()

    def cancel(self) -> None:
        super().cancel()
        self._tell(self._settle, None, StoppedError("cancelled"))

    def run(self) -> None:
        try:
            self._check()
            self._tell(self._settle, self._finish(), None)
        except (FastApplyError, StoppedError) as error:
            # Without the traceback, whose frames would keep the model's cache alive.
            self._tell(self._settle, None, error.with_traceback(None))
        except Exception as error:
            logger.exception("a rewrite failed")
            self._tell(self._settle, None, error.with_traceback(None))

    def _finish(self) -> Finished:
        applier = self._host.load(self._settings, self._phase)
        self._check()
        self._phase("aligning")
        for step in applier.steps(Order(self._request), self._check, self._phase):
            if isinstance(step, ApplyResult):
                return Finished(step, self._host.state(self._settings))
            self._tell(self._listener.delta, step)
        raise AssertionError("a stream ends with its result")

    def _phase(self, name: str) -> None:
        self._tell(self._listener.phase, name)

    def _settle(self, finished: Finished | None, error: Exception | None) -> None:
        if self.outcome.done():
            return
        if finished is not None:
            self.outcome.set_result(finished)
        elif error is not None:
            self.outcome.set_exception(error)
            self.outcome.exception()  # marks it as retrieved, since nobody may be waiting any more


class DraftJob(RewriteJob):
    """Runs the alignment alone for a request that waits for a model."""

    def _finish(self) -> Finished:
        for step in self._host.aligner().steps(Order(self._request), self._check):
            if isinstance(step, ApplyResult):
                return Finished(step, ALIGNMENT)
        raise AssertionError("a stream ends with its result")


class WarmJob(_ApplierJob):
    """Starts the applier ahead of time, then prefills the head of a document. Calls `failed` on the event loop if the
    model cannot be loaded.

    An edit sends only the region that it touches through the model. So reading ahead helps if that region begins with
    the file: in small files, and for changed imports. The prefix cache covers repeated edits of the same region.
    """

    def __init__(
        self, host: ModelHost, settings: Settings, request: ApplyRequest, failed: Callable[[], None], *, drafts: bool
    ) -> None:
        super().__init__(host, settings, request)
        self._failed = failed
        self._drafts = drafts

    def run(self) -> None:
        with suppress(ModelError, StoppedError):
            self._check()
            if self._drafts:
                self._host.aligner().wait(lambda _: None)
            applier = self._host.load(self._settings)
            if self._host.state(self._settings).state is LoadState.FAILED:
                self._tell(self._failed)
            for _ in applier.steps(Order(self._request, read_ahead=True), self._check):
                pass
