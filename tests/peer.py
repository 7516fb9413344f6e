"""An OpenAI-compatible server that does what a test tells it to, faults included."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class Peer(ThreadingHTTPServer):
    """`behaviours` are taken one a request; the last one stays. `asked` holds the bodies of all requests."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *behaviours: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviours = list(behaviours)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.left = threading.Event()  # a client went away before its answer was whole
        self.go = threading.Event()  # what `held` answers wait for

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.left.set()


class Handler(BaseHTTPRequestHandler):
    server: Peer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        peer = self.server
        peer.asked.append(body)
        peer.headers.append({name.lower(): value for name, value in self.headers.items()})
        peer.times.append(time.monotonic())
        behaviour = peer.behaviours.pop(0) if len(peer.behaviours) > 1 else peer.behaviours[0]
        behaviour(self)

    def begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def chunk(self, text: str, finish: str | None = None) -> None:
        self.send({"choices": [{"delta": {"content": text}, "finish_reason": finish}]})

    def log_message(self, *_: Any) -> None:
        pass


def says(text: str, *, pieces: int = 7, pause: float = 0.0, finish: str = "stop") -> Behaviour:
    """Streams `text`, then its end and its usage."""

    def behave(handler: Handler) -> None:
        handler.begin(content_type="text/event-stream")
        size = max(1, -(-len(text) // pieces))
        for start in range(0, len(text), size):
            handler.chunk(text[start : start + size])
            time.sleep(pause)
        handler.chunk("", finish)
        details = {"accepted_prediction_tokens": 5, "rejected_prediction_tokens": 2}
        handler.send({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 9, **_details(details)}})
        handler.send("[DONE]")

    return behave


def _details(details: dict[str, int]) -> dict[str, Any]:
    return {"completion_tokens_details": details}


def held(text: str) -> Behaviour:
    """Answers once the test says go."""

    def behave(handler: Handler) -> None:
        handler.server.go.wait(300)
        says(text)(handler)

    return behave


def fails(status: int, message: str = "out of order", **headers: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(status, **headers)
        handler.wfile.write(json.dumps({"error": {"message": message}}).encode())

    return behave


def cut(text: str) -> Behaviour:
    """Half of the answer, and then nothing."""

    def behave(handler: Handler) -> None:
        handler.begin(content_type="text/event-stream")
        handler.chunk(text[: len(text) // 2])

    return behave


def raw(data: bytes) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(content_type="text/event-stream")
        handler.wfile.write(data)

    return behave


def silent(seconds: float) -> Behaviour:
    return lambda _: time.sleep(seconds)


@contextmanager
def peer(*behaviours: Behaviour) -> Iterator[Peer]:
    server = Peer(*behaviours)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.go.set()
        server.shutdown()
        server.server_close()
