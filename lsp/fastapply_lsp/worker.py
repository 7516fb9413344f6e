"""Threads that wait for the applier, so that the event loop never does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable
from typing import Protocol

from fastapply.fair_queue import FairQueue

logger = logging.getLogger(__name__)


class WorkItem(Protocol):
    def run(self) -> None:
        """Do the work, in the worker's thread. Must not raise."""

    def cancel(self) -> None:
        """Make the job end soon. May be called from any thread, more than once, and before `run`."""


class Worker:
    """Runs jobs one at a time. Thread-safe."""

    def __init__(self) -> None:
        self._queue: FairQueue[WorkItem] = FairQueue()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._running: WorkItem | None = None
        self._idle = False  # whether the running job is an idle one
        self._stopped = False

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits, an idle one included."""
        with self._changed:
            return self._running is not None or not self._queue.empty

    def submit(self, client: Hashable, document: Hashable, job: WorkItem) -> None:
        """Queue a job. It cancels and replaces a job that still waits for the same document of the same client."""
        with self._changed:
            superseded = self._queue.put(client, document, job)
            if self._idle and self._running is not None:
                self._running.cancel()
            self._wake()
        if superseded is not None:
            superseded.cancel()

    def submit_idle(self, key: Hashable, job: WorkItem) -> None:
        """Queue a job to run when nothing else waits."""
        with self._changed:
            self._queue.put_idle(key, job)
            self._wake()

    def withdraw(self, client: Hashable, document: Hashable, job: WorkItem) -> None:
        """Cancel a job, whether it is waiting or running."""
        with self._changed:
            self._queue.remove(client, document, job)
        job.cancel()

    def before(self, client: Hashable, document: Hashable) -> int:
        """How many rewrites come before this one, including the running one."""
        with self._changed:
            return self._queue.before(client, document) + (self._running is not None)

    def stop(self, seconds: float) -> bool:
        """Cancel the running job and drop the waiting ones. Returns whether the thread ended in time."""
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

    def _take(self) -> WorkItem | None:
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
            del job  # frees everything it holds before the next job starts
