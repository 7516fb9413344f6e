"""Run the server: its address, tokens and signals."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from fastapply.errors import UsageError
from fastapply.files import read_text
from fastapply.http.app import create_app
from fastapply.http.service import Service

LEAST_TOKEN = 16  # characters; `openssl rand -hex 32` gives 64


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 means any free port."""

    host: str
    port: int


def read_tokens(file: Path | None) -> tuple[str, ...]:
    """The tokens in a file, one per line; lines that start with # are comments. Raises UsageError."""
    if file is None:
        return ()
    lines = [line.strip() for line in read_text(file).splitlines()]
    tokens = tuple(line for line in lines if line and not line.startswith("#"))
    if not tokens:
        raise UsageError(f"{file} holds no token: put one on each line, for example from `openssl rand -hex 32`")
    if min(map(len, tokens)) < LEAST_TOKEN:
        raise UsageError(f"{file}: a token is shorter than {LEAST_TOKEN} characters")
    return tokens


def listen(address: Address, tokens: tuple[str, ...]) -> socket.socket:
    """A bound socket. Raises UsageError if the address cannot be used, or if others can reach it without a token."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise UsageError(f"unknown address {address.host}: {error.strerror}") from None
    family, _, _, _, place = found[0]
    if not tokens and not ipaddress.ip_address(str(place[0]).partition("%")[0]).is_loopback:
        raise UsageError(f"{address.host} can be reached by others: give --token-file, or listen on 127.0.0.1")
    try:
        return socket.create_server(place[:2], family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot listen on {address.host}:{address.port}: {reason}") from None


def serve(
    service: Service, model: str, sock: socket.socket, tokens: tuple[str, ...], say: Callable[[str], None]
) -> int:
    """Answer requests until a signal comes, then finish the running ones. Returns the exit status.

    Raises:
        ModelError: the model cannot be loaded.
    """
    config = uvicorn.Config(
        create_app(service, model, tokens),
        log_config=None,
        log_level="error",  # malformed requests need no log
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=int(service.limits.seconds) + 1,
    )
    server = _Server(config, service)
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"serving {model} on http://{shown}:{port} (Ctrl-C stops)")
    service.start(on_failure=server.leave)
    try:
        server.run(sockets=[sock])
    except KeyboardInterrupt:
        pass
    finally:
        service.stop()
    if service.failure is not None:
        raise service.failure
    return 0


class _Server(uvicorn.Server):
    """Drains the service as soon as a signal comes, and does not raise the signal again afterwards."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def leave(self) -> None:
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGINT and self.should_exit:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.drain()
        await super().shutdown(sockets)
