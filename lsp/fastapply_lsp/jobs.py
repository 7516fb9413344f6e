"""Which job comes next: clients take turns, documents of one client come in the order in which they asked, and what
is idle waits until nothing else does. Knows neither threads nor models.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

J = TypeVar("J")

MOST_IDLE = 16


class FairQueue(Generic[J]):
    """Jobs that wait, at most one for a document of a client.

    Law: of `n` clients each is served at least once in any `n` takes, however many documents the others have.
    """

    def __init__(self) -> None:
        self._clients: OrderedDict[Hashable, OrderedDict[Hashable, J]] = OrderedDict()
        self._idle: OrderedDict[Hashable, J] = OrderedDict()

    def __len__(self) -> int:
        """The jobs that somebody waits for; idle ones do not count."""
        return sum(len(jobs) for jobs in self._clients.values())

    def put(self, client: Hashable, document: Hashable, job: J) -> J | None:
        """Add a job. The one that waited for the same document is returned; its place is taken over."""
        jobs = self._clients.setdefault(client, OrderedDict())
        superseded = jobs.get(document)
        jobs[document] = job
        return superseded

    def put_idle(self, key: Hashable, job: J) -> None:
        """Add a job for when nothing else waits; one for each key, and a bounded number: the oldest go."""
        self._idle.pop(key, None)
        self._idle[key] = job
        while len(self._idle) > MOST_IDLE:
            self._idle.popitem(last=False)

    def take(self) -> J | None:
        """The next job, which is then no longer here; None where nothing waits."""
        if not self._clients:
            return self._idle.popitem(last=False)[1] if self._idle else None
        client, jobs = self._clients.popitem(last=False)
        _, job = jobs.popitem(last=False)
        if jobs:
            self._clients[client] = jobs  # behind the others
        return job

    def remove(self, client: Hashable, document: Hashable, job: J) -> bool:
        """Take one job out; whether it was still waiting."""
        jobs = self._clients.get(client, OrderedDict())
        if jobs.get(document) is not job:
            return False
        del jobs[document]
        if not jobs:
            del self._clients[client]
        return True

    def before(self, client: Hashable, document: Hashable) -> int:
        """How many jobs will be taken before this one if nothing else comes; 0 if it does not wait."""
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
