"""The errors that a request can end with: a code of the protocol and one line."""

from __future__ import annotations

from lsprotocol.types import ErrorCodes, LSPErrorCodes
from pygls.exceptions import JsonRpcException


def content_modified(message: str) -> JsonRpcException:
    """The document is not what the request was made for."""
    return JsonRpcException(message, LSPErrorCodes.ContentModified.value)


def request_cancelled(message: str) -> JsonRpcException:
    """The client wanted it."""
    return JsonRpcException(message, LSPErrorCodes.RequestCancelled.value)


def server_cancelled(message: str) -> JsonRpcException:
    """Something newer took its place."""
    return JsonRpcException(message, LSPErrorCodes.ServerCancelled.value)


def request_failed(message: str) -> JsonRpcException:
    """The request is right, and cannot be done."""
    return JsonRpcException(message, LSPErrorCodes.RequestFailed.value)


def invalid_params(message: str) -> JsonRpcException:
    return JsonRpcException(message, ErrorCodes.InvalidParams.value)


def invalid_request(message: str) -> JsonRpcException:
    """Not now."""
    return JsonRpcException(message, ErrorCodes.InvalidRequest.value)
