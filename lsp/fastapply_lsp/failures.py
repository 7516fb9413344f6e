"""The errors that a request can end with: one of the protocol's codes and a one-line message."""

from __future__ import annotations

from lsprotocol.types import ErrorCodes, LSPErrorCodes
from pygls.exceptions import JsonRpcException


def content_modified(message: str) -> JsonRpcException:
    """The document has changed since the request."""
    return JsonRpcException(message, LSPErrorCodes.ContentModified.value)


def request_cancelled(message: str) -> JsonRpcException:
    """The client cancelled the request."""
    return JsonRpcException(message, LSPErrorCodes.RequestCancelled.value)


def server_cancelled(message: str) -> JsonRpcException:
    """The server cancelled the request, for example because a newer one replaced it."""
    return JsonRpcException(message, LSPErrorCodes.ServerCancelled.value)


def request_failed(message: str) -> JsonRpcException:
    """The request is valid but cannot be carried out."""
    return JsonRpcException(message, LSPErrorCodes.RequestFailed.value)


def invalid_params(message: str) -> JsonRpcException:
    return JsonRpcException(message, ErrorCodes.InvalidParams.value)


def invalid_request(message: str) -> JsonRpcException:
    """The request is not possible in the current state."""
    return JsonRpcException(message, ErrorCodes.InvalidRequest.value)
