"""Requests that are broken in any way: no 500, no hang, no growth of memory.

`HTTP_MALFORMED=10000` makes it a long run; `HTTP_SEED` repeats one.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
from pathlib import Path
from typing import Any

import psutil
import pytest
from cases import AIXAPPLY, KORTIX, MORPH, ORIGINAL, UPDATE, chat
from server import Server, running

pytestmark = pytest.mark.process

COUNT = int(os.environ.get("HTTP_MALFORMED", "300"))
SEED = int(os.environ.get("HTTP_SEED", "0"))
MOST_GROWTH = 64 * 1024 * 1024  # bytes
FINE = {200, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431}

BODIES: list[tuple[str, Any]] = [
    ("/v1/chat/completions", chat(MORPH.format(ORIGINAL, UPDATE))),
    (
        "/v1/chat/completions",
        chat(KORTIX.format(ORIGINAL, UPDATE), stream=True, stream_options={"include_usage": True}),
    ),
    ("/v1/chat/completions", chat([{"type": "text", "text": AIXAPPLY.format(ORIGINAL, UPDATE)}])),
    ("/v1/chat/completions", chat(UPDATE, prediction={"type": "content", "content": ORIGINAL})),
    ("/v1/code/apply", {"initial_code": ORIGINAL, "edit_snippet": UPDATE, "language": "python"}),
    ("/v1/apply", {"original": ORIGINAL, "update": UPDATE, "path": "a.py", "id": "1", "stream": True}),
]
VALUES: list[Any] = [
    *(None, True, 0, -1, 1e308, 2**70, "", "\0", "\ud800", "\ufeff\r\n\r", "é" * 999, [], {}, [[]], {"": {}}),
    *(
        "<code>",
        "</code>\n<update>",
        "</update>",
        "@@ -1 +1 @@\n-a\n+b\n",
        "*** Begin Patch\n*** End Patch",
        "```\n" * 9,
    ),
    *(
        "<<<<<<< SEARCH\n=======\n>>>>>>> REPLACE",
        "a" * 50_000,
        "\n" * 5000,
        ["x"] * 500,
        {"a": 1} | {str(i): i for i in range(99)},
    ),
]


def broken_value(rng: random.Random, value: Any) -> Any:
    """`value` with one part of it, anywhere, replaced, removed or added to."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        name = rng.choice(list(value))
        rest = {key: part for key, part in value.items() if key != name or rng.random() < 0.9}
        return {**rest, **({name: broken_value(rng, value[name])} if name in rest else {})}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], broken_value(rng, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and rng.random() < 0.6:
        at, end = sorted(rng.randrange(len(value) + 1) for _ in range(2))
        return value[:at] + rng.choice(["", "<code>", "</update>", "\r", "\0", "\u2028", value]) + value[end:]
    return rng.choice(VALUES)


def broken_bytes(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.randrange(3)):
        at, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        cut, without, twice = data[:at], data[:at] + data[end:], data[:end] + data[at:]
        data = rng.choice([cut, without, twice, data[:at] + rng.randbytes(9) + data[at:]])
    return data


KINDS = ["application/json"] * 9 + ["text/plain", "", "multipart/form-data", "a/b; c"]
ODD_HEADERS = ("Authorization", "X-A", "Content-Encoding", "Accept")


def send(server: Server, rng: random.Random) -> int:
    path, body = rng.choice(BODIES)
    data = broken_bytes(rng, json.dumps(broken_value(rng, body)).encode())
    headers = {"Content-Type": rng.choice(KINDS)}
    if rng.random() < 0.1:
        headers[rng.choice(ODD_HEADERS)] = rng.choice(["", "Bearer", "gzip", "\xff"])
    return server.ask(rng.choice(["POST"] * 20 + ["GET", "PUT", "OPTIONS"]), path, data, headers).status


def send_garbage(server: Server, rng: random.Random) -> None:
    """What is no HTTP, or stops in the middle of it."""
    head = b"POST /v1/apply HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n"
    whole = head + b'{"original": "a", "update": "b"}' * 2
    half = whole[: rng.randrange(len(whole))]
    data = rng.choice([rng.randbytes(200), half, b"GET " + b"/" * 90_000, broken_bytes(rng, whole)])
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = connection.recv(65536)
        except ConnectionResetError:
            return
        assert b" 500 " not in answer.partition(b"\r\n")[0]


def test_no_500_no_hang_no_growth(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    with running(tmp_path, "--model", "none", "--timeout", "20") as server:
        memory = psutil.Process(server.process.pid).memory_info
        before = 0
        for number in range(COUNT):
            if number == COUNT // 4:
                before = memory().rss
            try:
                status = send(server, rng)
                assert status in FINE, (status, number)
            except http.client.BadStatusLine:
                raise AssertionError(f"no answer to request {number}") from None
            if number % 10 == 0:
                send_garbage(server, rng)
        grown = memory().rss - before
        assert grown < MOST_GROWTH, grown
        good = server.post("/v1/apply", {"original": ORIGINAL, "update": UPDATE, "path": "a.py"})
        assert good.json()["status"] == "applied"
        assert server.metric("fastapply_running") == server.metric("fastapply_queue_length") == 0
