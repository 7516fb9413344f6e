"""Many clients, slow models, clients that leave, and a server that is stopped.

The server under test is real; its model stands behind a peer whose pace the test decides.
"""

from __future__ import annotations

import http.client
import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cases import CHANGED, ORIGINAL, UPDATE
from peer import Behaviour, Peer, fails, held, peer, says
from program import SECONDS
from server import Answer, Server, running

pytestmark = pytest.mark.process

GOOD = {"original": ORIGINAL, "update": UPDATE, "path": "a.py"}
JSON = {"Content-Type": "application/json"}
WHOLE = says(CHANGED)
SLOW = says(CHANGED, pieces=40, pause=0.1)


@contextmanager
def behind(folder: Path, behaviour: Behaviour, *arguments: str, parallel: int = 1) -> Iterator[tuple[Server, Peer]]:
    env = {"FASTAPPLY_REQUEST_ATTEMPTS": "1", "FASTAPPLY_PARALLEL_REQUESTS": str(parallel)}
    with peer(behaviour) as model:
        backend = ("--backend", "openai", "--base-url", model.url, "--model", "m", "--template", "morph")
        with running(folder, *backend, *arguments, **env) as server:
            yield server, model
            model.go.set()


def wait_for(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def ask(server: Server, name: str, **headers: str) -> Answer:
    return server.post("/v1/apply", {**GOOD, "instruction": name}, **headers)


def names(model: Peer) -> list[str]:
    """The instructions of the edits that reached the model, in order."""
    return [re.findall("<instruction>(.*)</instruction>", body["messages"][0]["content"])[0] for body in model.asked]


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_the_model(tmp_path: Path, stream: bool) -> None:
    with behind(tmp_path, SLOW) as (server, model):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request(
            "POST", "/v1/apply", json.dumps({**GOOD, "stream": stream}), {"Content-Type": "application/json"}
        )
        if stream:
            assert connection.getresponse().read(10) == b"event: del"
        wait_for(lambda: model.asked)
        connection.close()
        assert model.left.wait(60)  # in the middle of its answer: a whole one would have ended without a fault
        wait_for(lambda: server.metric("fastapply_running") == 0)
        assert server.metric('fastapply_edits_total{outcome="cancelled"}') == 1


def test_clients_take_turns_and_the_queue_is_bounded(tmp_path: Path) -> None:
    with behind(tmp_path, held(CHANGED), "--queue", "5") as (server, model), ThreadPoolExecutor(10) as pool:
        answers = []
        for number, (client, name) in enumerate(
            [("a", "a1"), ("a", "a2"), ("a", "a3"), ("a", "a4"), ("b", "b1"), ("c", "c1")]
        ):
            answers.append(pool.submit(ask, server, name, Authorization=f"Bearer {client}"))
            wait_for(lambda: len(model.asked) == 1 and server.metric("fastapply_queue_length") == number)  # noqa: B023
        full = ask(server, "d1", Authorization="Bearer d")
        assert (full.status, full.error()["code"], full.error()["type"]) == (429, "queue_full", "rate_limit_error")
        assert 1 <= int(full.headers["retry-after"]) <= 60
        model.go.set()
        assert [answer.result().status for answer in answers] == [200] * 6
        assert names(model) == ["a1", "a2", "b1", "c1", "a3", "a4"]


def test_a_server_is_given_several_at_a_time(tmp_path: Path) -> None:
    with behind(tmp_path, held(CHANGED), parallel=3) as (server, model), ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(ask, server, str(number)) for number in range(5)]
        wait_for(lambda: len(model.asked) == 3 and server.metric("fastapply_queue_length") == 2)
        assert server.metric("fastapply_running") == 3
        model.go.set()
        assert [answer.result().json()["text"] for answer in answers] == [CHANGED] * 5
        assert len(model.asked) == 5


def test_one_that_waits_and_leaves_is_forgotten(tmp_path: Path) -> None:
    with behind(tmp_path, held(CHANGED)) as (server, model), ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, server, "first")
        wait_for(lambda: model.asked)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("POST", "/v1/apply", json.dumps(GOOD), JSON)
        wait_for(lambda: server.metric("fastapply_queue_length") == 1)
        connection.close()
        wait_for(lambda: server.metric("fastapply_queue_length") == 0)
        model.go.set()
        assert first.result().json()["text"] == CHANGED
        assert names(model) == ["first"]


def test_what_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with behind(tmp_path, SLOW, "--timeout", "1") as (server, model):
        answer = ask(server, "slow")
        assert (answer.status, answer.error()["code"]) == (504, "timeout")
        assert model.left.wait(60)
        wait_for(lambda: server.metric('fastapply_edits_total{outcome="timeout"}') == 1)
        events = server.post("/v1/apply", {**GOOD, "stream": True}).body.decode().split("\n\n")
        assert json.loads(events[-2].removeprefix("data: "))["error"]["code"] == "timeout"


def test_a_model_that_fails_is_said(tmp_path: Path) -> None:
    with behind(tmp_path, fails(500)) as (server, model):
        answer = ask(server, "x")
        assert (answer.status, answer.error()["code"]) == (503, "model_unavailable")
        assert "retry-after" in answer.headers
        model.behaviours = [WHOLE]
        assert ask(server, "y").json()["text"] == CHANGED


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_finishes_what_runs(tmp_path: Path, sent: signal.Signals) -> None:
    with behind(tmp_path, held(CHANGED)) as (server, model), ThreadPoolExecutor(2) as pool:
        runs = pool.submit(ask, server, "runs")
        wait_for(lambda: model.asked)
        waits = pool.submit(ask, server, "waits")
        wait_for(lambda: server.metric("fastapply_queue_length") == 1)
        server.process.send_signal(sent)
        assert waits.result().status == 503
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset
            ask(server, "late")
        model.go.set()
        assert runs.result().json()["text"] == CHANGED
        assert server.process.wait(SECONDS) == 0


def test_sixteen_clients_at_once(tmp_path: Path) -> None:
    """No model: what is measured is the server itself."""
    seconds: list[float] = []
    failed: list[Any] = []

    def client(server: Server) -> None:
        for _ in range(10):
            started = time.perf_counter()
            answer = server.post("/v1/apply", GOOD)
            seconds.append(time.perf_counter() - started)
            if answer.status != 200 or answer.json()["text"] != CHANGED:
                failed.append(answer)

    with running(tmp_path, "--model", "none") as server:
        threads = [threading.Thread(target=client, args=(server,)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failed
    assert len(seconds) == 160
