"""A client for a running `fastapply serve`. It sends an edit and returns the result, whole or step by step.

    with Client("http://127.0.0.1:8331", token=None) as client:
        result = client.apply(ApplyRequest(original, update, path="app.py"))

It takes and returns the same types as `Applier`, so that either can replace the other. It does not need torch.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx2
from pydantic import TypeAdapter, ValidationError

from fastapply.backends.sse import event_data
from fastapply.errors import FastApplyError, ModelError, RejectedError, UsageError
from fastapply.types import ApplyRequest, ApplyResult, Delta, Stats

DEFAULT_URL = "http://127.0.0.1:8331"
CONNECT_SECONDS = 10.0
_RESULT = TypeAdapter(ApplyResult)
_DELTA = TypeAdapter(Delta)


class ServerError(FastApplyError):
    """The server refused or failed. `status` is the HTTP status (0: no answer), `code` the server's name for the error.
    `retry_after` is in seconds, if trying again may help."""

    def __init__(self, message: str, *, status: int = 0, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Client:
    """A connection to one server. Thread-safe. Close it, or use it in a `with` statement."""

    def __init__(self, url: str = DEFAULT_URL, *, token: str | None = None, seconds: float = 300.0) -> None:
        """`seconds`: the longest silence to accept, including time in the server's queue. Sends nothing yet."""
        self.url = url
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        with self._errors():
            self._http = httpx2.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def ready(self) -> bool:
        """Whether the server accepts edits now. False if it cannot be reached."""
        try:
            return self._http.get("/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def models(self) -> list[str]:
        """The names of the server's models. Raises ServerError."""
        with self._errors():
            answer = self._http.get("/v1/models")
            _refuse(answer)
            return [model["id"] for model in answer.json()["data"]]

    def apply(self, request: ApplyRequest) -> ApplyResult:
        """The result. If the edit does not fit, its status is `rejected` and its text the original.

        Raises:
            UsageError: the update is empty or malformed, or there is no such reading.
            ModelError: the model cannot run.
            ServerError: the server refused (token, limits, queue), failed, or cannot be reached.
        """
        with self._errors():
            answer = self._http.post("/v1/apply", json=_body(request))
            _refuse(answer)
            return _RESULT.validate_python(answer.json())

    def stream(self, request: ApplyRequest) -> Generator[Delta | ApplyResult]:
        """Deltas as the rewrite settles, then the result. Closing the iterator stops the server within one block.

        The `stats` of deltas are empty; those of the result are not.

        Raises:
            UsageError, ModelError, ServerError: as for `apply`.
        """
        with self._errors(), self._http.stream("POST", "/v1/apply", json=_body(request) | {"stream": True}) as answer:
            if answer.status_code != 200:
                answer.read()
                try:
                    _refuse(answer)
                except RejectedError as error:  # before anything was written
                    yield ApplyResult.rejected(request.original, str(error).removeprefix("rejected: "), request.id)
                    return
            for data in event_data(answer.iter_bytes()):
                event = json.loads(data)
                if "error" in event:
                    raise _error(event["error"], 200, None)
                if "status" in event:
                    yield _RESULT.validate_python(event)
                    return
                yield _DELTA.validate_python({**event, "stats": Stats()})
            raise ServerError(f"{self.url}: the answer broke off: try again")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the HTTP library's errors into ours."""
        try:
            yield
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise UsageError(f"{self.url} is not the address of a server: {error}") from None
        except httpx2.TimeoutException:
            raise ServerError(f"{self.url}: no answer in time: is the server too busy?") from None
        except httpx2.TransportError as error:
            raise ServerError(f"{self.url}: no connection: {error}: is `fastapply serve` running?") from None
        except ValidationError as error:
            raise ServerError(f"{self.url}: not an answer of fastapply: {error.errors()[0]['msg']}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise ServerError(f"{self.url}: not an answer of fastapply: {error!r}") from None


def _body(request: ApplyRequest) -> dict[str, Any]:
    return {name: value for name in request.__slots__ if (value := getattr(request, name)) is not None}


def _refuse(answer: httpx2.Response) -> None:
    if answer.status_code == 200:
        return
    said = answer.headers.get("retry-after", "")
    raise _error(answer.json()["error"], answer.status_code, float(said) if said.isdecimal() else None)


def _error(error: dict[str, Any], status: int, retry_after: float | None) -> FastApplyError:
    message, code = str(error["message"]), str(error["code"])
    match code:
        case "invalid_update":
            return UsageError(message)
        case "edit_rejected":
            return RejectedError(message)
        case "model_unavailable":
            return ModelError(message)
    return ServerError(message, status=status, code=code, retry_after=retry_after)
