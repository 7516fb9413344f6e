"""JSON-RPC as the language server protocol requires it. Adds what pygls lacks: life cycle, cancellation, bad messages.

Handlers are registered by method name: async functions for requests, plain ones for notifications. Every request,
including commands, is a task under its own id, so that `$/cancelRequest` can cancel it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from cattrs import Converter
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCProtocol, JsonRPCRequestMessage, JsonRPCResponseMessage
from pygls.server import JsonRPCServer

logger = logging.getLogger(__name__)

Handler = Callable[[Any], Awaitable[Any] | None]
ALWAYS = (types.INITIALIZE, types.EXIT)


class Connection(JsonRPCServer):
    """The server object that pygls needs behind a protocol. Errors go to the log, never to the user as messages."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(Protocol, make_converter)

    def report_server_error(self, error: Exception, source: Any) -> None:
        logger.info("%s: %s", getattr(source, "__name__", source), error)


class Protocol(JsonRPCProtocol):
    def __init__(self, server: JsonRPCServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.handlers: dict[str, Handler] = {}
        self.initialized = False
        self.shut_down = False

    @lru_cache  # noqa: B019 -- one protocol lives as long as its client
    def get_message_type(self, method: str) -> type[Any] | None:
        found: type[Any] | None = types.METHOD_TO_TYPES.get(method, (None,))[0]
        return found

    @lru_cache  # noqa: B019
    def get_result_type(self, method: str) -> type[Any] | None:
        found: type[Any] | None = types.METHOD_TO_TYPES.get(method, (None, None))[1]
        return found

    def receive(self, body: bytes) -> None:
        """Handle one message. An invalid one is answered with an error."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            logger.warning("a message is not JSON: %s", error)
            self._refuse(None, types.ErrorCodes.ParseError, f"the message is not JSON: {error}")
            return
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "a message must be a JSON object with `jsonrpc`: `2.0`")
            return
        if "id" in data and (isinstance(data["id"], bool) or not isinstance(data["id"], int | str | None)):
            self._refuse(None, types.ErrorCodes.InvalidRequest, "an id must be a number or a string")
            return
        try:
            message = self.structure_message(data)
        except Exception as error:  # from the converter: params of the wrong shape
            logger.warning("%s: params of the wrong shape", data.get("method"))
            if "id" in data and "method" in data:
                why = f"{data['method']}: the params have the wrong shape"
                self._refuse(data["id"], types.ErrorCodes.InvalidParams, why)
            elif "id" in data:
                self._lose(data["id"], error)
            return
        self.handle_message(message)

    def json(self, value: Any) -> Any:
        """A value of lsprotocol as plain JSON data."""
        return self._converter.unstructure(value)

    def cancel_all(self) -> None:
        """Cancel all requests once the client has disconnected."""
        for future in list(self._request_futures.values()):
            future.cancel()

    def _get_handler(self, feature_name: str) -> Handler:
        handler = self.handlers.get(feature_name)
        return handler if handler is not None else super()._get_handler(feature_name)

    def _handle_request(self, msg_id: int | str, method_name: str, params: Any) -> None:
        if self.shut_down:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, f"{method_name}: the server was shut down")
        elif not self.initialized and method_name not in ALWAYS:
            self._refuse(msg_id, types.ErrorCodes.ServerNotInitialized, f"{method_name}: send `initialize` first")
        elif self.initialized and method_name == types.INITIALIZE:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, "initialize: once is enough")
        elif msg_id in self._request_futures:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, f"{method_name}: the id is in use")
        else:
            super()._handle_request(msg_id, method_name, params)

    def _handle_notification(self, method_name: str, params: Any) -> None:
        if (self.initialized and not self.shut_down) or method_name in ALWAYS:
            super()._handle_notification(method_name, params)

    def _handle_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if msg_id in self._request_futures and not self._request_futures[msg_id].done():
            super()._handle_response(msg_id, result, error)

    def _handle_cancel_notification(self, msg_id: int | str) -> None:
        # The id stays until the task has ended, so that its answer is sent once and the id is not reused.
        future: Any = self._request_futures.get(msg_id)  # pygls declares concurrent.futures but stores both kinds
        if isinstance(future, asyncio.Task):
            future.cancel()

    def _refuse(self, msg_id: Any, code: types.ErrorCodes, why: str) -> None:
        # Built by hand because lsprotocol leaves out an id that is null, which makes the message invalid.
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": {"code": code.value, "message": why}})

    def _lose(self, msg_id: Any, error: Exception) -> None:
        future = self._request_futures.pop(msg_id, None)
        if future is not None and not future.done():
            future.set_exception(JsonRpcException(f"the client's answer has the wrong shape: {error}"))


def make_converter() -> Converter:
    """lsprotocol's converter, except that params of unknown methods stay plain JSON."""
    converter = get_converter()
    converter.register_structure_hook(
        JsonRPCRequestMessage,
        lambda data, kind: kind(data["id"], data["method"], data["jsonrpc"], data.get("params")),
    )
    converter.register_structure_hook(
        JsonRPCNotification, lambda data, kind: kind(data["method"], data["jsonrpc"], data.get("params"))
    )
    converter.register_structure_hook(
        JsonRPCResponseMessage, lambda data, kind: kind(data["id"], data["jsonrpc"], data.get("result"))
    )
    return converter
