"""Checks before a request reaches the application: host, token, body size and time. Notices clients that disconnect.

This is a plain ASGI wrapper, because the body must be bounded before anything parses it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapply.http.errors import ApiError
from fastapply.http.limits import Limits
from fastapply.http.metrics import Metrics
from fastapply.http.playground import PATHS
from fastapply.http.service import Caller

CALLER = "fastapply.caller"  # the key of the Caller in the ASGI scope
OPEN_PATHS = ("/health", "/ready", *PATHS)  # no token needed: probes learn nothing secret, and the page asks for one
MOST_BESIDE_QUEUE = 32  # requests that are being received or answered, in addition to those that wait


class Gate:
    """Wraps the application. Without tokens, a request must name localhost as its host, because a web page can make any
    other name resolve to this machine (DNS rebinding)."""

    def __init__(self, app: ASGIApp, limits: Limits, tokens: Sequence[str], metrics: Metrics, paths: set[str]) -> None:
        self._app = app
        self._limits = limits
        self._digests = [_digest(token) for token in tokens]
        self._metrics = metrics
        self._paths = paths
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        counted = self._counted(scope, send)
        self._inside += 1
        try:
            client = self._admit(scope)
            body = await self._body(scope, receive)
            if body is not None:
                await self._pass(scope, receive, counted, client, body)
        except ApiError as error:
            await error.response()(scope, receive, counted)
        finally:
            self._inside -= 1

    async def _pass(self, scope: Scope, receive: Receive, send: Send, client: str, body: bytes) -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        scope[CALLER] = Caller(client, gone)
        watcher = asyncio.create_task(_watch(receive, gone))
        try:
            await self._app(scope, _replay(body, gone), send)
        finally:
            watcher.cancel()

    def _admit(self, scope: Scope) -> str:
        """The client's name in the queue, from its address and token. Raises ApiError (401, 403, 429)."""
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        digest = _digest(token)
        if not self._digests:
            if not _is_local(headers.get("host", "")):
                raise ApiError(403, "unknown_host", "without a token this server answers to localhost only")
        elif scope["path"] not in OPEN_PATHS:
            # Compare all tokens, so that the time reveals nothing.
            matches = [hmac.compare_digest(digest, known) for known in self._digests]
            if not any(matches):
                raise ApiError(401, "invalid_api_key", "send a valid token: Authorization: Bearer ...")
        if self._inside > self._limits.queue + MOST_BESIDE_QUEUE and scope["path"] not in OPEN_PATHS:
            raise ApiError(429, "queue_full", "too many requests at once", retry_after=5)  # before reading the body
        host = (scope.get("client") or ("",))[0]
        return f"{host} {digest.hex() if token else ''}"

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body, or None if the client disconnected before its end. Raises ApiError (408, 413)."""
        most = self._limits.body_bytes
        too_large = ApiError(413, "body_too_large", f"the body is longer than {most} bytes")
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > most:
            raise too_large
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        raise too_large
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise ApiError(
                408, "slow_body", f"the body did not arrive within {self._limits.body_seconds:g} seconds"
            ) from None

    def _counted(self, scope: Scope, send: Send) -> Send:
        path = scope["path"] if scope["path"] in self._paths else "other"

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.http.labels(path, str(message["status"])).inc()
            await send(message)

        return count


async def _watch(receive: Receive, gone: asyncio.Future[None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if not gone.done():
        gone.set_result(None)


def _replay(body: bytes, gone: asyncio.Future[None]) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.shield(gone)
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _is_local(host: str) -> bool:
    """Whether a Host header names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _digest(token: str) -> bytes:
    """A digest of fixed length, so that comparing takes the same time for tokens of any length."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
