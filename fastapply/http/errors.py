"""Errors of the server, with their HTTP status, in OpenAI's error form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from fastapply.errors import FastApplyError, ModelError, RejectedError, UsageError


class ApiError(Exception):
    """A one-line error for the client. `code` is for programs; `retry_after` is in seconds. `trust` and `headers`
    describe a refused result."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: float | None = None,
        trust: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = " ".join(message.split()).encode("utf-8", "replace").decode()
        self.trust = trust
        self.headers = headers or {}
        self.retry_after = None if retry_after is None else max(1, math.ceil(retry_after))

    def body(self) -> dict[str, Any]:
        kind = {401: "authentication_error", 429: "rate_limit_error"}.get(self.status)
        kind = kind or ("server_error" if self.status >= 500 else "invalid_request_error")
        error = {"message": self.message, "type": kind, "param": None, "code": self.code}
        return {"error": error} if self.trust is None else {"error": error, "fastapply": self.trust}

    def response(self) -> JSONResponse:
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(self.body(), self.status, headers)


def api_error(error: Exception) -> ApiError:
    """Any error as an ApiError. An error that was not raised on purpose shows only its type."""
    match error:
        case ApiError():
            return error
        case UsageError():
            return ApiError(422, "invalid_update", str(error))
        case RejectedError():
            return ApiError(422, "edit_rejected", str(error))
        case ModelError():
            return ApiError(503, "model_unavailable", str(error), retry_after=5)
        case FastApplyError():
            return ApiError(500, "failed", str(error))
        case _:
            return ApiError(500, "internal_error", f"internal error, please report it: {type(error).__name__}")
