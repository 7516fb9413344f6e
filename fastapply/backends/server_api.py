"""One completion from an OpenAI-compatible server: the request, retries with backoff, and the streamed answer.

Optional fields that a server refuses by name are left out from then on.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx2

from fastapply.backends.sse import event_data
from fastapply.config import Settings
from fastapply.errors import ModelError, RejectedError, UsageError

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
FIRST_PAUSE = 0.5  # seconds; doubles with each attempt
MOST_PAUSE = 30.0
CONNECT_SECONDS = 10.0
WHOLE = 10  # a whole answer may take this many times the longest silence
MOST_ERROR = 100_000  # bytes to read of an error
DONE = "[DONE]"
REJECTED = "edit_rejected"  # the error code of our own server

Fields = dict[str, Any]  # of a request; not every server takes the optional ones
T = TypeVar("T")
ReadAnswer = Callable[[httpx2.Response], Iterator[T]]


class Answer(NamedTuple):
    """One part of a streamed answer. Only the last parts have `finish`, `usage` and `metrics`; only vLLM sends `tokens`
    and `metrics`."""

    text: str
    finish: str | None
    usage: dict[str, Any] | None
    tokens: list[int] | None = None
    metrics: dict[str, Any] | None = None


class RetryableError(Exception):
    """Worth another attempt. `after`: the seconds to wait, if the server named them."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


@dataclass
class ServerApi:
    """`seconds`: the longest silence to accept from the server. A whole answer may take ten times that."""

    base_url: str
    model: str
    key: str | None
    seconds: float
    attempts: int
    sleep: Callable[[float], None] = time.sleep
    _refused: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, settings: Settings) -> ServerApi:
        """The server in the settings. Its key comes from the token file, `FASTAPPLY_API_KEY` or `OPENAI_API_KEY`.

        Raises UsageError if the token file cannot be read.
        """
        assert settings.base_url is not None
        key = _key(settings.token_file)
        return cls(settings.base_url, settings.model, key, settings.request_seconds, settings.request_attempts)

    def stream(self, path: str, required: Fields, optional: Fields) -> Generator[Answer, None, None]:
        """The answer, part by part. Closing the iterator closes the connection, which stops the server.

        Args:
            path: `chat/completions` or `completions`.
            required: fields of the request, without the model's name.
            optional: fields that the server may refuse.
        Raises:
            ModelError: no attempt got an answer, or the answer broke off.
            RejectedError: the server is one of ours and rejects the edit.
        """
        yield from self._retried(path, {**required, "stream": True}, optional, self._answers)

    def ask(self, path: str, required: Fields) -> Any:
        """The whole answer, decoded from JSON. The server may be silent for as long as a whole answer may take.

        Raises ModelError."""
        return next(self._retried(path, required, {}, _whole, silence=self.seconds * WHOLE))

    def _retried(
        self, path: str, required: Fields, optional: Fields, read: ReadAnswer[T], silence: float | None = None
    ) -> Generator[T, None, None]:
        with self._client(silence or self.seconds) as client:
            begun = False
            for attempt in range(1, self.attempts + 1):
                try:
                    for answer in self._attempt(client, path, required, optional, read):
                        begun = begun or (isinstance(answer, Answer) and bool(answer.text))
                        yield answer
                    return
                except RetryableError as error:
                    if begun:
                        raise ModelError(f"{self.base_url}: the answer broke off: {error}") from None
                    if attempt == self.attempts:
                        tried = f" ({attempt} attempts)" if attempt > 1 else ""
                        raise ModelError(f"{self.base_url}: {error}{tried}") from None
                    self.sleep(self._pause(attempt, error.after))

    def model_facts(self) -> dict[str, Any]:
        """The model's entry in the server's list of models.

        Raises:
            ModelError: the server does not answer, or does not have the model.
        """
        with self._client(self.seconds) as client:
            try:
                response = client.get(self._url("models"))
            except httpx2.TransportError as error:
                raise ModelError(f"{self.base_url}: no connection: {error}") from None
            if response.status_code != 200:
                raise ModelError(f"{self.base_url}: HTTP {response.status_code}: {_message_of(_error_body(response))}")
            try:
                models = {model["id"]: model for model in response.json()["data"]}
            except (ValueError, KeyError, TypeError):
                raise ModelError(f"{self.base_url}: the server sent no list of models") from None
        if self.model not in models:
            known = ", ".join(map(str, models)) or "none"
            raise ModelError(f"{self.base_url} has no model `{self.model}`; it has: {known}")
        facts: dict[str, Any] = models[self.model]
        return facts

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}"

    @staticmethod
    def _pause(attempt: int, after: float | None) -> float:
        if after is not None:
            return min(after, MOST_PAUSE)
        return min(FIRST_PAUSE * 2.0 ** (attempt - 1), MOST_PAUSE) * random.uniform(0.75, 1.25)

    @contextmanager
    def _client(self, silence: float) -> Iterator[httpx2.Client]:
        headers = {"Accept": "text/event-stream", **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        try:
            timeout = httpx2.Timeout(silence, connect=min(CONNECT_SECONDS, self.seconds))
            with httpx2.Client(headers=headers, timeout=timeout) as client:
                yield client
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, ValueError) as error:
            raise ModelError(f"{self.base_url} is not the address of a server: {error}") from None

    def _attempt(
        self, client: httpx2.Client, path: str, required: Fields, optional: Fields, read: ReadAnswer[T]
    ) -> Iterator[T]:
        """One attempt. Repeats at once without optional fields that the server refuses. Raises RetryableError."""
        while True:
            asked = {name: value for name, value in optional.items() if name not in self._refused}
            body = {"model": self.model, **required, **asked}
            try:
                with client.stream("POST", self._url(path), json=body) as response:
                    if response.status_code == 200:
                        yield from read(response)
                        return
                    self._learn(response, asked)
            except httpx2.TimeoutException:
                raise RetryableError(f"no answer for {client.timeout.read:g} seconds") from None
            except httpx2.TransportError as error:
                raise RetryableError(f"no connection: {error}") from None

    def _learn(self, response: httpx2.Response, asked: Fields) -> None:
        """Note which optional fields an error response refuses. Returns only if a request without them is worth sending
        at once; else raises RetryableError, RejectedError or ModelError."""
        status, body = response.status_code, _error_body(response)
        message = _message_of(body)
        _refuse_rejected(body)
        if status in RETRIED:
            raise RetryableError(f"HTTP {status}: {message}", _retry_after(response))
        named = {name for name in asked if name in message}
        if status not in (400, 422) or not named:
            raise ModelError(f"{self.base_url}: HTTP {status}: {message}")
        self._refused |= named

    def _answers(self, response: httpx2.Response) -> Iterator[Answer]:
        until = time.monotonic() + WHOLE * self.seconds
        finished = False
        try:
            for data in event_data(response.iter_bytes()):
                if time.monotonic() > until:
                    raise RetryableError(f"not done after {WHOLE * self.seconds:g} seconds")
                if data.strip() == DONE:
                    finished = True
                    break
                answer = _answer(json.loads(data))
                finished = finished or answer.finish is not None
                yield answer
        except ValueError as error:  # JSON too
            raise RetryableError(f"not the event stream of a completion: {error}") from None
        if not finished:
            raise RetryableError("the stream ended early")


def _key(token_file: Path | None) -> str | None:
    if token_file is None:
        return os.environ.get("FASTAPPLY_API_KEY") or os.environ.get("OPENAI_API_KEY")
    try:
        lines = token_file.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the token file {token_file} cannot be read: {error}") from None
    if not lines:
        raise UsageError(f"the token file {token_file} is empty: its first line is the key")
    return lines[0]


def _whole(response: httpx2.Response) -> Iterator[Any]:
    try:
        yield json.loads(response.read())
    except ValueError:
        raise RetryableError("the answer is not JSON") from None


def _answer(chunk: Any) -> Answer:
    """Raises ValueError for an invalid chunk, RetryableError or RejectedError for an error in the stream."""
    if not isinstance(chunk, dict):
        raise ValueError("an event is not an object")
    if chunk.get("error"):
        _refuse_rejected(chunk)
        raise RetryableError(_message_of(chunk))
    usage, metrics = (value if isinstance(value, dict) else None for value in map(chunk.get, ("usage", "metrics")))
    choices = chunk.get("choices") or [{}]
    try:
        text = choices[0].get("text") or (choices[0].get("delta") or {}).get("content") or ""
        finish = choices[0].get("finish_reason")
        tokens = choices[0].get("token_ids")
    except (AttributeError, KeyError, IndexError, TypeError):
        raise ValueError("an event is not a chunk") from None
    if not isinstance(text, str):
        raise ValueError("the content is not text")
    return Answer(text, finish, usage, tokens if isinstance(tokens, list) else None, metrics)


def _refuse_rejected(body: Any) -> None:
    """Raise RejectedError if `body` says that another `fastapply serve` rejected the edit."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and error.get("code") == REJECTED:
        raise RejectedError(_message_of(body).removeprefix("rejected: "))


def _error_body(response: httpx2.Response) -> Any:
    """The body as decoded JSON, else as text."""
    raw = b""
    for part in response.iter_bytes():
        raw += part
        if len(raw) > MOST_ERROR:
            break
    try:
        return json.loads(raw)
    except ValueError:
        return " ".join(raw[:300].decode(errors="replace").split()) or response.reason_phrase


def _message_of(body: Any) -> str:
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(message).split())[:300]


def _retry_after(response: httpx2.Response) -> float | None:
    said = response.headers.get("retry-after", "")
    return float(said) if said.replace(".", "", 1).isdecimal() else None
