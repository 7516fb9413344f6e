"""`POST /v1/code/apply` (of Morph and Relace) and `POST /v1/apply` (ours)."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fastapi import Request, Response
from starlette.responses import JSONResponse

from fastapply.http.replies import Call, delta_json, event, event_stream, trust, trust_headers, usage
from fastapply.http.schemas import CodeApplyRequest, NativeRequest
from fastapply.http.service import Service, Step
from fastapply.types import ApplyRequest, ApplyResult


async def code_apply(service: Service, body: CodeApplyRequest, http: Request) -> Response:
    """Answer the REST call of Morph and Relace. Raises ApiError."""
    request = ApplyRequest(
        body.initial_code,
        body.edit_snippet,
        body.instruction or "",
        body.path,
        body.language,
        reading=body.reading or 1,
    )
    call = Call(service, request, http)
    if body.stream:
        steps = await call.begin()
        return event_stream(_merged_events(call, steps), steps)
    result = await call.result()
    call.refuse(result)
    return JSONResponse(_merged(result), headers=trust_headers(result))


async def native_apply(service: Service, body: NativeRequest, http: Request) -> Response:
    """Answer our own call. A rejected edit is an ordinary result here. Raises ApiError."""
    request = ApplyRequest(
        body.original, body.update, body.instruction or "", body.path, body.language, body.id, body.reading or 1
    )
    call = Call(service, request, http)
    if body.stream:
        steps = await call.begin()
        return event_stream(_native_events(call, steps), steps)
    result = await call.result()
    call.refuse_doubtful(result)
    return JSONResponse(result.to_json(), headers=trust_headers(result))


def _merged(result: ApplyResult) -> dict[str, object]:
    return {
        "mergedCode": result.text,
        "merged_code": result.text,
        "usage": usage(result.stats),
        "fastapply": trust(result),
    }


async def _merged_events(call: Call, steps: AsyncGenerator[Step, None]) -> AsyncGenerator[bytes, None]:
    """The answer as events. Their `content` adds up to the merged file; the last event is the whole answer."""
    async for step in call.texts(steps):
        yield event({"content": step} if isinstance(step, str) else _merged(step))


async def _native_events(call: Call, steps: AsyncGenerator[Step, None]) -> AsyncGenerator[bytes, None]:
    async for step in steps:
        if isinstance(step, ApplyResult):
            call.refuse_doubtful(step)
            yield event(step.to_json(), "result")
        elif step.text or step.hunks:
            yield event(delta_json(step), "delta")
