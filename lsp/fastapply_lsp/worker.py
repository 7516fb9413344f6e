"""The threads that wait for the applier, so that the event loop never does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable
from typing import Protocol

from fastapply_lsp.jobs import FairQueue

logger = logging.getLogger(__name__)


class Job(Protocol):
    def run(self) -> None:
        """Do the work, on the worker's thread. Errors are the job's own business: none may leave it."""

    def cancel(self) -> None:
        """From any thread: end soon. May be called twice, and before `run`."""


class Worker:
    """Runs jobs one at a time. All methods are safe to call from any thread."""

    def __init__(self) -> None:
        self._queue: FairQueue[Job] = FairQueue()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._running: Job | None = None
        self._idle = False  # nobody waits for what runs
        self._stopped = False

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def busy(self) -> bool:
        return self._running is not None

    def submit(self, client: Hashable, document: Hashable, job: Job) -> None:
        """Queue a job. One that still waits for the same document of the same client is cancelled and replaced."""
        with self._changed:
            superseded = self._queue.put(client, document, job)
            if self._idle and self._running is not None:
                self._running.cancel()
            self._wake()
        if superseded is not None:
            superseded.cancel()

    def submit_idle(self, key: Hashable, job: Job) -> None:
        """Queue a job for when nothing else waits."""
        with self._changed:
            self._queue.put_idle(key, job)
            self._wake()

    def withdraw(self, client: Hashable, document: Hashable, job: Job) -> None:
        """Nobody wants the job any more, whether it waits or runs."""
        with self._changed:
            self._queue.remove(client, document, job)
        job.cancel()

    def before(self, client: Hashable, document: Hashable) -> int:
        """How many rewrites come before this one, the running one included."""
        with self._changed:
            return self._queue.before(client, document) + self.busy

    def stop(self, seconds: float) -> bool:
        """End: cancel what runs, drop what waits. Whether the thread came to its end in that time."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
            running, thread = self._running, self._thread
        if running is not None:
            running.cancel()
        if thread is None:
            return True
        thread.join(seconds)
        return not thread.is_alive()

    def _take(self) -> Job | None:
        self._idle = not len(self._queue)
        return self._queue.take()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="fastapply-worker", daemon=True)
            self._thread.start()
        self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._running = None
                while not self._stopped and (job := self._take()) is None:
                    self._changed.wait()
                if self._stopped or job is None:
                    return
                self._running = job
            try:
                job.run()
            except Exception:
                logger.exception("a job failed")
            del job  # with everything it holds, before the next one comes
