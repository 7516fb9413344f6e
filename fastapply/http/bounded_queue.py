"""A fair queue for threads: it is bounded, its readers wait for jobs, and it can be closed."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from fastapply.fair_queue import FairQueue

T = TypeVar("T")


class QueueFullError(Exception):
    """The queue takes no further job."""


class BoundedQueue(Generic[T]):
    """Clients take turns, and each client's jobs are served in order. Thread-safe. Jobs must be hashable."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: FairQueue[T] = FairQueue()
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return len(self._waiting)

    def push(self, client: str, job: T) -> None:
        """Add a job. Raises QueueFullError if the queue is full or closed."""
        with self._changed:
            if self._closed or len(self._waiting) >= self._limit:
                raise QueueFullError
            self._waiting.put(client, job, job)
            self._changed.notify()

    def pop(self) -> T | None:
        """Wait for the next job. Returns None once the queue is closed."""
        with self._changed:
            while not len(self._waiting) and not self._closed:
                self._changed.wait()
            return self._waiting.take()

    def discard(self, client: str, job: T) -> bool:
        """Remove a waiting job. Returns False if it is no longer waiting."""
        with self._changed:
            return self._waiting.remove(client, job, job)

    def close(self) -> list[T]:
        """Refuse further jobs. Returns the waiting ones, which are removed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return list(iter(self._waiting.take, None))
