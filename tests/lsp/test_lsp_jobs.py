"""The order of waiting jobs, and the worker that runs them."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fastapply.fair_queue import MOST_IDLE, FairQueue
from fastapply_lsp.worker import Worker

asked = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=40)


def filled(requests: list[tuple[int, int]]) -> FairQueue[tuple[int, int, int]]:
    queue: FairQueue[tuple[int, int, int]] = FairQueue()
    for number, (client, document) in enumerate(requests):
        queue.put(client, document, (client, document, number))
    return queue


@given(asked)
def test_each_document_is_served_once_with_its_newest_job(requests: list[tuple[int, int]]) -> None:
    queue = filled(requests)
    assert len(queue) == len(set(requests))
    taken = [queue.take() for _ in range(len(queue))]
    newest = {pair: number for number, pair in enumerate(requests)}
    assert sorted(job for job in taken if job) == sorted((*pair, n) for pair, n in newest.items())
    assert queue.take() is None


@given(asked)
def test_clients_take_turns(requests: list[tuple[int, int]]) -> None:
    queue = filled(requests)
    order = [job[0] for job in iter(queue.take, None)]
    left = Counter(order)
    for position in range(len(order)):
        waiting = [client for client in left if left[client]]
        assert set(order[position : position + len(waiting)]) == set(waiting)
        left[order[position]] -= 1


@given(asked, st.integers(0, 3), st.integers(0, 4))
def test_before_counts_what_is_taken_first(requests: list[tuple[int, int]], client: int, document: int) -> None:
    queue = filled([*requests, (client, document)])
    before = queue.before(client, document)
    taken = [job[:2] for job in iter(queue.take, None)]
    assert taken.index((client, document)) == before


def test_a_newer_job_keeps_the_place_of_the_older() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.put("c", "one", "old")
    queue.put("c", "two", "other")
    assert queue.put("c", "one", "new") == "old"
    assert [queue.take(), queue.take()] == ["new", "other"]


def test_only_the_job_itself_is_removed() -> None:
    queue: FairQueue[object] = FairQueue()
    old, new = object(), object()
    queue.put("c", "d", old)
    queue.put("c", "d", new)
    assert not queue.remove("c", "d", old)
    assert queue.remove("c", "d", new)
    assert not queue.remove("c", "d", new)
    assert queue.take() is None


def test_idle_jobs_wait_for_all_others_and_are_bounded() -> None:
    queue: FairQueue[Any] = FairQueue()
    for number in range(MOST_IDLE + 5):
        queue.put_idle(number, number)
    queue.put_idle(MOST_IDLE, "again")
    queue.put("c", "d", "job")
    assert len(queue) == 1
    taken = list(iter(queue.take, None))
    assert taken[0] == "job"
    assert len(taken) == 1 + MOST_IDLE
    assert taken[-1] == "again"


class Recorded:
    def __init__(self, log: list[str], name: str, gate: threading.Event | None = None) -> None:
        self.log, self.name, self.gate = log, name, gate
        self.started = threading.Event()
        self.cancelled = threading.Event()

    def run(self) -> None:
        self.started.set()
        if self.gate is not None:
            self.gate.wait(10)
        self.log.append(self.name)
        if self.name == "broken":
            raise ValueError("a bug")

    def cancel(self) -> None:
        self.cancelled.set()
        if self.gate is not None:
            self.gate.set()


def test_the_worker_survives_a_job_that_fails_and_cancels_what_is_superseded() -> None:
    worker, log, gate = Worker(), [], threading.Event()  # type: ignore[var-annotated]
    first = Recorded(log, "first", gate)
    worker.submit(1, "a", first)
    assert first.started.wait(10)
    waiting, newer, last = Recorded(log, "old"), Recorded(log, "broken"), Recorded(log, "last")
    worker.submit(1, "b", waiting)
    worker.submit(1, "b", newer)
    worker.submit_idle("load", last)
    assert waiting.cancelled.is_set()
    assert worker.before(1, "b") == 1
    gate.set()
    assert last.started.wait(10)
    assert worker.stop(10)
    assert log == ["first", "broken", "last"]


class Asleep(Worker):
    def _wake(self) -> None:
        """Its thread does not look."""


def test_a_worker_is_busy_from_the_moment_a_job_is_given_to_it() -> None:
    worker = Asleep()
    assert not worker.busy
    worker.submit_idle("read", Recorded([], "read"))
    assert worker.busy


def test_stopping_cancels_what_runs_and_drops_what_waits() -> None:
    worker, log = Worker(), []  # type: ignore[var-annotated]
    running = Recorded(log, "running", threading.Event())
    worker.submit(1, "a", running)
    assert running.started.wait(10)
    worker.submit(1, "b", Recorded(log, "waiting"))
    assert worker.stop(10)
    assert running.cancelled.is_set()
    assert log == ["running"]
