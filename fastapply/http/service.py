"""The applier behind a queue. One thread runs one edit at a time, and the event loop never waits for it. If another
server runs the model, several threads work.

Edits run to completion, with clients taking turns, instead of in batches. On a CPU, a batch of four blocks of 8 tokens
saves half of the time, but one of four blocks of 128 only a tenth, and drafts make blocks large. At best the throughput
would be 1.25 to 1.5 times as high (docs/http.md), and no client would be answered before the last one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from fastapply.applier import Applier
from fastapply.directory import OwnPart, own_part
from fastapply.fair_queue import BoundedQueue, QueueFullError
from fastapply.http.errors import ApiError, api_error
from fastapply.http.language import language_of
from fastapply.http.limits import Limits
from fastapply.http.metrics import Metrics
from fastapply.result import left_out_check
from fastapply.types import ApplyRequest, ApplyResult, Check, Delta, Stats

Step = Delta | ApplyResult
LOG = logging.getLogger(__name__)
USUAL_SECONDS = 1.0  # assumed for one edit until some are measured
MOST_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request. `client` is its name in the queue; `gone` is done once it has disconnected."""

    client: str
    gone: asyncio.Future[None]


@dataclass(eq=False, slots=True)
class QueuedEdit:
    """One edit in the queue or in a worker. `stop` says why it was stopped early, or is empty."""

    request: ApplyRequest
    client: str
    loop: asyncio.AbstractEventLoop
    steps: asyncio.Queue[Step | Exception] = field(default_factory=asyncio.Queue)
    stop: str = ""
    came: float = field(default_factory=time.monotonic)

    def emit(self, step: Step | Exception) -> None:
        """Pass a step to the event loop. May be called from any thread."""
        try:
            self.loop.call_soon_threadsafe(self.steps.put_nowait, step)
        except RuntimeError:  # the loop is closed: the server is gone
            self.stop = self.stop or "cancelled"


class Service:
    """`start` loads the model, `stream` runs edits, and `drain` lets running edits finish and refuses all others."""

    def __init__(
        self,
        applier: Applier,
        limits: Limits,
        *,
        load: Callable[[], object] = lambda: None,
        count_tokens: Callable[[str], int] | None = None,
        workers: int = 1,
    ) -> None:
        """`workers`: how many edits run at a time. More than one needs a thread-safe backend."""
        self.limits = limits
        self.ready = False
        self.draining = False
        self.failure: Exception | None = None
        self._applier = applier
        self._load = load
        self._count_tokens = count_tokens
        self._queue: BoundedQueue[QueuedEdit] = BoundedQueue(limits.queue)
        self.metrics = Metrics(lambda: float(len(self._queue)))
        self._running: set[QueuedEdit] = set()
        self._mean_seconds = USUAL_SECONDS
        self._threads = [
            threading.Thread(target=self._begin if first else self._work, name="fastapply-model", daemon=True)
            for first in (True, *[False] * (workers - 1))
        ]
        self._on_failure: Callable[[], None] = lambda: None

    def start(self, on_failure: Callable[[], None] = lambda: None) -> None:
        """Load the model and start to work. If that fails, the worker thread calls `on_failure`."""
        self._on_failure = on_failure
        self._threads[0].start()

    def drain(self) -> None:
        """Let running edits finish and answer waiting ones with 503."""
        self.draining = True
        for job in self._queue.close():
            job.emit(self._leaving())

    def stop(self) -> None:
        """Drain, and cancel running edits."""
        self.drain()
        for job in self._running.copy():
            job.stop = "cancelled"
        until = time.monotonic() + 5
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=max(0.0, until - time.monotonic()))

    async def stream(self, request: ApplyRequest, caller: Caller) -> AsyncGenerator[Step, None]:
        """The steps of one edit. Decoding stops within one block if the iterator is closed or the caller disconnects.

        Raises:
            ApiError: the edit cannot be accepted or finished (413, 422, 429, 499, 503, 504).
        """
        self.limits.refuse_lines(request)
        job = self._submit(request, caller.client)
        caller.gone.add_done_callback(lambda _: job.emit(ApiError(499, "disconnected", "the client went away")))
        try:
            while True:
                step = await self._next(job)
                if isinstance(step, Exception):
                    raise api_error(step)
                yield step
                if isinstance(step, ApplyResult):
                    return
        finally:
            self._stop_job(job, "cancelled")

    def _submit(self, request: ApplyRequest, client: str) -> QueuedEdit:
        if self.draining:
            raise self._leaving()
        if not self.ready:
            raise ApiError(503, "not_ready", "the model is loading: try again in a moment", retry_after=2)
        job = QueuedEdit(request, client, asyncio.get_running_loop())
        try:
            self._queue.push(client, job)
        except QueueFullError:
            wait = min(MOST_RETRY_SECONDS, self._mean_seconds * (self.limits.queue + 1))
            raise ApiError(
                429, "queue_full", f"{self.limits.queue} requests are waiting already", retry_after=wait
            ) from None
        return job

    async def _next(self, job: QueuedEdit) -> Step | Exception:
        left = job.came + self.limits.seconds - time.monotonic()
        try:
            return await asyncio.wait_for(job.steps.get(), max(0.0, left))
        except TimeoutError:
            self._stop_job(job, "timeout")
            return ApiError(504, "timeout", f"not done within {self.limits.seconds:g} seconds")

    def _stop_job(self, job: QueuedEdit, why: str) -> None:
        job.stop = job.stop or why
        if self._queue.discard(job.client, job):
            self.metrics.count(job.stop, Stats())

    @staticmethod
    def _leaving() -> ApiError:
        return ApiError(503, "shutting_down", "the server is shutting down", retry_after=5)

    # In the worker threads --------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        try:
            self._load()
        except Exception as error:  # any error here means that no edit can run
            self.failure = error
            self._on_failure()
            return
        self.ready = True
        for thread in self._threads[1:]:
            thread.start()
        self._work()

    def _work(self) -> None:
        while (job := self._queue.pop()) is not None:
            self._running.add(job)
            if self.draining:  # it left the queue just before `drain` emptied it
                job.emit(self._leaving())
            else:
                self._run(job)
            self._running.discard(job)

    def _run(self, job: QueuedEdit) -> None:
        started = time.monotonic()
        self.metrics.seconds.labels("queue").observe(started - job.came)
        self.metrics.running.inc()
        last: ApplyResult | Exception | None = None
        stats = Stats()
        try:
            self.limits.refuse_tokens(job.request, self._count_tokens)
            for step in self._steps(job):
                stats = step.stats
                if isinstance(step, ApplyResult):
                    last = step
                else:
                    job.emit(step)
        except Exception as error:  # one edit's failure must not end the worker
            if api_error(error).status == 500:
                LOG.exception("an edit failed")
            last = error
        seconds = time.monotonic() - started
        self._mean_seconds += 0.1 * (seconds - self._mean_seconds)
        self.metrics.running.dec()
        self.metrics.seconds.labels("run").observe(seconds)
        self.metrics.count(last.status.value if isinstance(last, ApplyResult) else job.stop or "failed", stats)
        if last is not None:  # emitted after counting, so that the metrics include every edit that was answered
            job.emit(last)

    def _steps(self, job: QueuedEdit) -> Iterator[Step]:
        """The applier's steps until the job is stopped. Closing the applier's iterator ends the decoding."""
        request = replace(job.request, language=language_of(job.request))
        part = own_part(request.update, request.path) if request.path else OwnPart(request.update)
        with closing(self._applier.stream(replace(request, update=part.update))) as steps:
            while not job.stop and (step := next(steps, None)) is not None:
                yield _with_note(step, part) if isinstance(step, ApplyResult) else step


def _with_note(result: ApplyResult, part: OwnPart) -> ApplyResult:
    """The result, which says what other files the update was for, and what code blocks were left out."""
    said = f"the update is for other files too, and these were left out: {', '.join(part.others)}"
    others = (Check("other_files", False, said),) if part.others else ()
    return replace(result, checks=(*result.checks, *others, *left_out_check(part.left_out)))
