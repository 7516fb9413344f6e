"""The limits of one server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapply.http.errors import ApiError
from fastapply.types import ApplyRequest

BYTES_PER_TOKEN = 4  # the estimate where there is no tokenizer


@dataclass(frozen=True, slots=True)
class Limits:
    """`queue`: how many requests may wait. `seconds`: the time for a whole request, including waiting. `body_seconds`:
    the time for a client to send its body."""

    body_bytes: int = 8 * 1024 * 1024
    file_lines: int = 20_000
    file_tokens: int = 200_000
    queue: int = 64
    seconds: float = 300.0
    body_seconds: float = 30.0

    def refuse_lines(self, request: ApplyRequest) -> None:
        """Raise ApiError (413) for a file or an update with too many lines."""
        for name, text in _texts(request):
            lines = text.count("\n") + 1
            if lines > self.file_lines:
                raise ApiError(
                    413, "too_many_lines", f"the {name} has {lines} lines; this server takes at most {self.file_lines}"
                )

    def refuse_tokens(self, request: ApplyRequest, count_tokens: Callable[[str], int] | None) -> None:
        """Raise ApiError (413) for a file or an update with too many tokens. Counts them only if the text is long."""
        for name, text in _texts(request):
            size = len(text.encode())
            if size <= self.file_tokens:  # no token is shorter than a byte
                continue
            tokens = count_tokens(text) if count_tokens else size // BYTES_PER_TOKEN
            if tokens > self.file_tokens:
                raise ApiError(
                    413,
                    "too_many_tokens",
                    f"the {name} has {tokens} tokens; this server takes at most {self.file_tokens}",
                )


def _texts(request: ApplyRequest) -> tuple[tuple[str, str], ...]:
    return ("file", request.original), ("update", request.update)
