"""What all endpoints share: a call and its refusals, usage, status and confidence, and server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from fastapply.http.errors import ApiError, api_error
from fastapply.http.gate import CALLER
from fastapply.http.service import Service, Step
from fastapply.http.text_stream import TextStream
from fastapply.text.diff import unified_diff
from fastapply.types import ApplyRequest, ApplyResult, Delta, Stats, Status

DOUBTFUL = "X-FastApply-Doubtful"  # a client's header: `reject` refuses a doubtful result
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Call:
    """A client's call for one edit."""

    service: Service
    request: ApplyRequest
    http: Request

    async def result(self) -> ApplyResult:
        """The result of the edit. Raises ApiError."""
        async with aclosing(self._steps()) as steps:
            async for step in steps:
                if isinstance(step, ApplyResult):
                    return step
        raise AssertionError("a stream ends with its result")

    async def begin(self) -> AsyncGenerator[Step, None]:
        """Wait for the first step, then return all steps. Until then, an error can still set the HTTP status.

        Raises:
            ApiError: the edit cannot be accepted, or is rejected before anything was sent.
        """
        steps = self._steps()
        first = await anext(steps)
        if isinstance(first, ApplyResult):
            await steps.aclose()
            refuse_rejected(first)

        async def all_steps() -> AsyncGenerator[Step, None]:
            async with aclosing(steps):
                yield first
                async for step in steps:
                    yield step

        return all_steps()

    async def texts(self, steps: AsyncGenerator[Step, None]) -> AsyncGenerator[str | ApplyResult, None]:
        """The final text as it settles, piece by piece, and then the result. Raises ApiError as `refuse` does."""
        stream = TextStream(self.request.original)
        async for step in steps:
            if isinstance(step, ApplyResult):
                self.refuse(step)
            text = stream.finish(step) if isinstance(step, ApplyResult) else stream.push(step)
            if text:
                yield text
            if isinstance(step, ApplyResult):
                yield step

    def refuse(self, result: ApplyResult) -> None:
        """Raise ApiError for a rejected result (422), or for a doubtful one that the client refuses (409)."""
        refuse_rejected(result)
        self.refuse_doubtful(result)

    def refuse_doubtful(self, result: ApplyResult) -> None:
        """Raise ApiError (409) for a doubtful result if the client's header asks for that. The error has the readings:
        the first as a diff against the original, the others as diffs against the first."""
        if self._must_be_sure() and result.status is Status.NEEDS_REVIEW:
            diff = unified_diff(self.request.original, result.text, self.request.path or "")
            why = f"needs review: {_reasons(result)}"
            said = {**trust(result), "diff": diff}
            raise ApiError(409, "edit_doubtful", why, trust=said, headers=trust_headers(result))

    def _steps(self) -> AsyncGenerator[Step, None]:
        self._must_be_sure()  # refuses a bad header before any work
        return self.service.stream(self.request, self.http.scope[CALLER])

    def _must_be_sure(self) -> bool:
        """Whether the client's header refuses doubtful results. Raises ApiError (422) for an unknown value."""
        wanted = self.http.headers.get(DOUBTFUL, "show").strip().lower()
        if wanted not in ("show", "reject"):
            raise ApiError(422, "invalid_request", f"{DOUBTFUL} must be `show` or `reject`")
        return wanted == "reject"


def refuse_rejected(result: ApplyResult) -> None:
    """Raise ApiError (422) for a rejected result, which must not be mistaken for a merged file."""
    if result.status is Status.REJECTED:
        raise ApiError(422, "edit_rejected", f"rejected: {_reasons(result)}")


def _reasons(result: ApplyResult) -> str:
    return "; ".join(check.detail.rstrip(".") for check in result.failed)


def usage(stats: Stats) -> dict[str, Any]:
    """OpenAI's usage object. Its prediction tokens are our drafted tokens, which do not come from the prediction."""
    return {
        "prompt_tokens": stats.prompt_tokens,
        "completion_tokens": stats.output_tokens,
        "total_tokens": stats.prompt_tokens + stats.output_tokens,
        "prompt_tokens_details": {"cached_tokens": stats.cached_tokens},
        "completion_tokens_details": {
            "accepted_prediction_tokens": stats.accepted_tokens,
            "rejected_prediction_tokens": stats.drafted_tokens - stats.accepted_tokens,
        },
    }


def trust(result: ApplyResult) -> dict[str, Any]:
    """How far the text can be trusted: the extra field `fastapply` in replies of foreign wire formats."""
    data = result.to_json()
    others = [other.summary() for other in result.alternatives]
    said = {name: data[name] for name in ("status", "confidence", "checks", "stats")}
    return {**said, "alternatives": others} if others else said


def trust_headers(result: ApplyResult) -> dict[str, str]:
    return {"X-FastApply-Status": result.status.value, "X-FastApply-Confidence": f"{result.confidence:g}"}


def event(data: Any, name: str | None = None) -> bytes:
    """One server-sent event. ASCII only, because some clients treat U+2028 and the like as line ends."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def event_stream(events: AsyncGenerator[bytes, None], steps: AsyncGenerator[Step, None]) -> StreamingResponse:
    """Stream `events`, which are made from `steps`. An error after the first event can only be sent as an event."""

    async def guarded() -> AsyncIterator[bytes]:
        try:
            async for data in events:
                yield data
        except Exception as error:
            yield event(api_error(error).body())
        finally:
            await events.aclose()
            await steps.aclose()  # stops the decoding if the client disconnected in the middle

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(guarded(), media_type="text/event-stream", headers=headers)


def delta_json(delta: Delta) -> dict[str, Any]:
    """A delta as JSON. The model verified `drafted` of the `tokens` as drafts; they make up the first
    `drafted_characters` (code points) of the text. Text without tokens did not go through the model."""
    return {
        "text": delta.text,
        "hunks": [hunk.to_json() for hunk in delta.hunks],
        "lines_done": delta.lines_done,
        "tokens": delta.tokens,
        "drafted": delta.drafted,
        "drafted_characters": delta.drafted_characters,
    }
