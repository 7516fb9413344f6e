"""The jobs of the worker: a rewrite, and what is done before anybody asks. They have the applier's process do it, and
tell the event loop what happens."""

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
from fastapply_lsp.model import ModelHost, ModelState, State
from fastapply_lsp.process import Edit, ReadAhead

logger = logging.getLogger(__name__)


ALIGNMENT = ModelState(NO_MODEL, State.OFF, "")


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


class _Job:
    """What jobs share: they can be cancelled, and speak to the event loop that made them."""

    def __init__(self, host: ModelHost, settings: Settings, request: ApplyRequest) -> None:
        self._host = host
        self._settings = settings
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """From any thread. A load that has begun goes on; what reads or writes stops within one block."""
        self._cancelled.set()

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise StoppedError("cancelled")

    def _tell(self, what: Callable[..., Any], *values: Any) -> None:
        with suppress(RuntimeError):  # the event loop is closed: the client has gone
            self._loop.call_soon_threadsafe(what, *values)


class RewriteJob(_Job):
    """One request. `outcome` is the event loop's future: a `Finished`, or the error."""

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


class DraftJob(RewriteJob):
    """What the alignment alone makes of a request that waits for a model."""

    def _finish(self) -> Finished:
        for step in self._host.aligner().steps(Edit(self._request), self._check):
            if isinstance(step, ApplyResult):
                return Finished(step, ALIGNMENT)
        raise AssertionError("a stream ends with its result")


class WarmJob(_Job):
    """Starts the applier before anybody waits for it, then reads the head of a document. `failed` is called on the
    event loop.

    An edit sends only the region that it touches through the model, so reading ahead helps where that region begins
    with the file: small files, changed imports. What an earlier edit of the same region has read is kept by the model
    itself.
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
            if self._host.state(self._settings).state is State.FAILED:
                self._tell(self._failed)
            for _ in applier.steps(ReadAhead(self._request), self._check):
                pass
