"""Queues in which clients take turns, so that many jobs of one do not hold up another's."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

J = TypeVar("J")

MOST_IDLE = 16


class FairQueue(Generic[J]):
    """Waiting jobs, at most one for each document of each client, in order of request. Not thread-safe.

    Invariant: any `n` takes serve each of `n` clients at least once, however many documents the others have.
    """

    def __init__(self) -> None:
        self._clients: OrderedDict[Hashable, OrderedDict[Hashable, J]] = OrderedDict()
        self._idle: OrderedDict[Hashable, J] = OrderedDict()

    def __len__(self) -> int:
        """The number of jobs, not counting idle ones."""
        return sum(len(jobs) for jobs in self._clients.values())

    @property
    def empty(self) -> bool:
        """Whether nothing waits, not even an idle job."""
        return not (self._clients or self._idle)

    def put(self, client: Hashable, document: Hashable, job: J) -> J | None:
        """Add a job. It takes the place of the job that waits for the same document, if any, which is returned."""
        jobs = self._clients.setdefault(client, OrderedDict())
        superseded = jobs.get(document)
        jobs[document] = job
        return superseded

    def put_idle(self, key: Hashable, job: J) -> None:
        """Add a job to run when nothing else waits. Keeps one for each key, and drops the oldest beyond MOST_IDLE."""
        self._idle.pop(key, None)
        self._idle[key] = job
        while len(self._idle) > MOST_IDLE:
            self._idle.popitem(last=False)

    def take(self) -> J | None:
        """Remove and return the next job; None if nothing waits."""
        if not self._clients:
            return self._idle.popitem(last=False)[1] if self._idle else None
        client, jobs = self._clients.popitem(last=False)
        _, job = jobs.popitem(last=False)
        if jobs:
            self._clients[client] = jobs  # at the end, after all other clients
        return job

    def remove(self, client: Hashable, document: Hashable, job: J) -> bool:
        """Remove one job. Returns whether it was still waiting."""
        jobs = self._clients.get(client, OrderedDict())
        if jobs.get(document) is not job:
            return False
        del jobs[document]
        if not jobs:
            del self._clients[client]
        return True

    def before(self, client: Hashable, document: Hashable) -> int:
        """How many jobs come before this one if no others are added; 0 if it does not wait."""
        clients = list(self._clients)
        if client not in self._clients or document not in self._clients[client]:
            return 0
        turn, rank = list(self._clients[client]).index(document), clients.index(client)
        return (
            sum(
                min(len(self._clients[other]), turn + (clients.index(other) < rank))
                for other in clients
                if other != client
            )
            + turn
        )


class QueueFullError(Exception):
    """The queue takes no further job."""


class BoundedQueue(Generic[J]):
    """A fair queue for threads: its readers wait for jobs, and it can be closed. Thread-safe.

    Each client's jobs are served in order. Jobs must be hashable.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: FairQueue[J] = FairQueue()
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return len(self._waiting)

    def push(self, client: str, job: J) -> None:
        """Add a job. Raises QueueFullError if the queue is full or closed."""
        with self._changed:
            if self._closed or len(self._waiting) >= self._limit:
                raise QueueFullError
            self._waiting.put(client, job, job)
            self._changed.notify()

    def pop(self) -> J | None:
        """Wait for the next job. Returns None once the queue is closed."""
        with self._changed:
            while not len(self._waiting) and not self._closed:
                self._changed.wait()
            return self._waiting.take()

    def discard(self, client: str, job: J) -> bool:
        """Remove a waiting job. Returns False if it is no longer waiting."""
        with self._changed:
            return self._waiting.remove(client, job, job)

    def close(self) -> list[J]:
        """Refuse further jobs. Returns the waiting ones, which are removed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return list(iter(self._waiting.take, None))
