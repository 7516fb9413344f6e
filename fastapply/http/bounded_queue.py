"""A bounded queue in which clients take turns: many jobs of one client do not hold up another's."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class QueueFullError(Exception):
    """The queue takes no further job."""


class FairQueue(Generic[T]):
    """Round robin over clients, first come first served within each. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()  # the client whose turn is next comes first
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return self._length()

    def push(self, client: str, job: T) -> None:
        """Add a job. Raises QueueFullError if the queue is full or closed."""
        with self._changed:
            if self._closed or self._length() >= self._limit:
                raise QueueFullError
            self._waiting.setdefault(client, deque()).append(job)
            self._changed.notify()

    def pop(self) -> T | None:
        """Wait for the next job. Returns None once the queue is closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if not self._waiting:
                return None
            client, jobs = self._waiting.popitem(last=False)
            job = jobs.popleft()
            if jobs:
                self._waiting[client] = jobs  # at the end, after all other clients
            return job

    def discard(self, client: str, job: T) -> bool:
        """Remove a waiting job. Returns False if it is no longer waiting."""
        with self._changed:
            jobs = self._waiting.get(client)
            if jobs is None or job not in jobs:
                return False
            jobs.remove(job)
            if not jobs:
                del self._waiting[client]
            return True

    def close(self) -> list[T]:
        """Refuse further jobs. Returns the waiting ones, which are removed."""
        with self._changed:
            rest = [job for jobs in self._waiting.values() for job in jobs]
            self._waiting.clear()
            self._closed = True
            self._changed.notify_all()
            return rest

    def _length(self) -> int:
        return sum(map(len, self._waiting.values()))
