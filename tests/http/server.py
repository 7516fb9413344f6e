"""A real server in a process of its own, and plain ways to ask it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from program import SECONDS, Cli

READY_SECONDS = SECONDS


class Answer(NamedTuple):
    """What a request got."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def error(self) -> dict[str, Any]:
        """The error, which must be in OpenAI's form and one line."""
        error = self.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert "\n" not in error["message"]
        return error


class Server:
    """`fastapply serve` on a free port."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.said: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.ask("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def metric(self, name: str) -> float:
        page = self.ask("GET", "/metrics").body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while self.ask("GET", "/ready").status != 200:
            assert time.monotonic() < until, "the server does not get ready"
            time.sleep(0.05)


@contextmanager
def running(folder: Path, *arguments: str | Path, ready: bool = True, **env: str) -> Iterator[Server]:
    """A server that is stopped, and must stop cleanly, at the end."""
    cli = Cli(folder, folder)
    cli.env |= env
    process = cli.start("serve", "--port", "0", *arguments, stdout=subprocess.DEVNULL)
    assert process.stderr is not None
    said = process.stderr
    first = b""
    for line in said:
        first = line
        if b" on http://" in line:
            break
    found = re.search(rb":(\d+) ", first)
    assert found, f"the server did not start: {first!r}"
    server = Server(process, int(found[1]))
    reader = threading.Thread(target=lambda: server.said.extend(line.decode() for line in said), daemon=True)
    reader.start()
    try:
        if ready:
            server.wait_ready()
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        reader.join(timeout=5)
    assert not server.said, "".join(server.said)
    assert status == 0
