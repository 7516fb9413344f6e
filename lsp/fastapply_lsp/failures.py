"""The errors that a request can end with: one of the protocol's codes and a one-line message."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol.types import ErrorCodes, LSPErrorCodes
from pygls.exceptions import JsonRpcException


def _error(code: ErrorCodes | LSPErrorCodes) -> Callable[[str], JsonRpcException]:
    return lambda message: JsonRpcException(message, code.value)


content_modified = _error(LSPErrorCodes.ContentModified)  # the document has changed since the request
request_cancelled = _error(LSPErrorCodes.RequestCancelled)  # by the client
server_cancelled = _error(LSPErrorCodes.ServerCancelled)  # for example because a newer request replaced it
request_failed = _error(LSPErrorCodes.RequestFailed)  # valid, but cannot be carried out
invalid_params = _error(ErrorCodes.InvalidParams)
invalid_request = _error(ErrorCodes.InvalidRequest)  # not possible in the current state
