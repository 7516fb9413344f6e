"""Transports: standard streams, TCP, WebSocket. There is one `Server` for each client and one `ModelService` for all.

Nothing here blocks the event loop: separate threads read and write standard streams.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapply.errors import UsageError
from fastapply_lsp.model import ModelService
from fastapply_lsp.server import Server

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024 * 1024  # in one message
_HEADER = b"content-length:"


class BrokenStreamError(Exception):
    """The stream can no longer be split into messages."""


async def frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The bodies of the messages in a stream. Skips lines that are not headers. Raises BrokenStreamError."""
    while True:
        length, line = None, b""
        while length is None or line.strip():
            try:
                line = await reader.readline()
            except ValueError:  # a line that is too long
                raise BrokenStreamError("a header is too long") from None
            if not line.endswith(b"\n"):
                return
            if line.lower().startswith(_HEADER):
                length = _length(line[len(_HEADER) :])
        try:
            yield await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            return


def _length(value: bytes) -> int | None:
    if not value.strip().isdigit():
        return None
    length = int(value.strip()[:20])
    if length > MOST_BYTES:
        raise BrokenStreamError(f"a message of {length} bytes; the limit is {MOST_BYTES}")
    return length


async def converse(server: Server, bodies: AsyncIterator[bytes]) -> None:
    """Pass the messages of one client to its server until the client exits or the stream ends."""
    try:
        async for body in bodies:
            try:
                server.protocol.receive(body)
            except Exception:
                logger.exception("a message could not be handled")
            await asyncio.sleep(0)  # starts a request before the next message can change its document
            if server.exit_status is not None:
                return
    except BrokenStreamError as error:
        logger.warning("%s: the connection is closed", error)
    except ConnectionError:
        pass
    finally:
        server.close()


class _StandardOutput:
    """Writes in a thread, because an editor that reads slowly must not block the event loop."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="fastapply-stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._queue.put(data)

    def close(self) -> None:
        """Write what is queued, if the client still reads, and end the thread."""
        self._queue.put(None)
        self._thread.join(2.0)

    def _work(self) -> None:
        with suppress(OSError):  # the client has disconnected, which the reader notices too
            while (data := self._queue.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[os.write(self._descriptor, view) :]


def _read_into(reader: asyncio.StreamReader, descriptor: int, loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # the loop is closed
        data = b"x"
        while data:
            try:
                data = os.read(descriptor, 1 << 16)
            except OSError:
                data = b""
            loop.call_soon_threadsafe(*((reader.feed_data, data) if data else (reader.feed_eof,)))


async def serve_stdio(service: ModelService) -> int:
    """One client on standard input and output. Returns the exit status of the process."""
    source, sink = os.dup(sys.stdin.fileno()), os.dup(sys.stdout.fileno())
    # A library's prints must not get between the messages.
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reader = asyncio.StreamReader()
    arguments = (reader, source, asyncio.get_running_loop())
    threading.Thread(target=_read_into, args=arguments, name="fastapply-stdin", daemon=True).start()
    writer = _StandardOutput(sink)
    server = Server(service)
    server.protocol.set_writer(writer)
    await converse(server, frames(reader))
    writer.close()
    return 1 if server.exit_status is None else server.exit_status


async def serve_tcp(service: ModelService, host: str, port: int) -> int:
    """Serve any number of clients until the process ends. `exit` ends only one client's connection."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = Server(service)
        server.protocol.set_writer(writer)
        await converse(server, frames(reader))
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    try:
        listener = await asyncio.start_server(connected, host, port)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    _announce("tcp", host, listener.sockets[0].getsockname()[1])
    async with listener:
        await listener.serve_forever()
    return 0


async def serve_websocket(service: ModelService, host: str, port: int, origins: list[str]) -> int:
    """Like `serve_tcp`, with one JSON message in each WebSocket message. A browser may connect only from pages of
    `origins`; otherwise any page that its user opens could."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    async def bodies(socket: ServerConnection) -> AsyncIterator[bytes]:
        with suppress(ConnectionClosed):
            async for message in socket:
                yield message.encode() if isinstance(message, str) else message

    async def connected(socket: ServerConnection) -> None:
        server = Server(service)
        outgoing: asyncio.Queue[str] = asyncio.Queue()

        async def send() -> None:
            with suppress(ConnectionClosed):
                while True:
                    await socket.send(await outgoing.get())
                    outgoing.task_done()

        class SocketWriter:
            def write(self, data: bytes) -> None:
                outgoing.put_nowait(data.decode())  # clients in browsers expect text frames

            def close(self) -> None: ...

        server.protocol.set_writer(SocketWriter(), include_headers=False)
        sender = asyncio.create_task(send())
        await converse(server, bodies(socket))
        with suppress(TimeoutError):
            await asyncio.wait_for(outgoing.join(), 2.0)
        sender.cancel()

    try:
        listener = await serve(connected, host, port, max_size=MOST_BYTES, origins=[None, *origins])  # type: ignore[list-item]
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    _announce("ws", host, next(iter(listener.sockets)).getsockname()[1])
    await listener.serve_forever()
    return 0


def _announce(kind: str, host: str, port: int) -> None:
    print(f"fastapply: language server on {kind}://{host}:{port}", file=sys.stderr, flush=True)
