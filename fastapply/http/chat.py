"""`POST /v1/chat/completions`: takes a tagged message and answers with the merged file, whole or in chunks."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

from fastapi import Request, Response
from starlette.responses import JSONResponse

from fastapply.errors import UsageError
from fastapply.http.replies import DONE, Call, event, event_stream, trust, trust_headers, usage
from fastapply.http.schemas import ChatRequest, text_of
from fastapply.http.service import Service, Step
from fastapply.http.tags import Tagged, parse_tags, parse_update_tag, reply_tag
from fastapply.types import ApplyRequest, ApplyResult


class Wrapping(NamedTuple):
    """The text before and after the file in the answer."""

    before: str
    after: str

    @classmethod
    def of(cls, tag: str | None) -> Wrapping:
        return cls(f"<{tag}>", f"</{tag}>") if tag else cls("", "")


async def complete(service: Service, model: str, body: ChatRequest, http: Request) -> Response:
    """Answer one chat completion. Raises ApiError, UsageError."""
    tagged = read_messages(body)
    request = ApplyRequest(
        tagged.original,
        tagged.update,
        tagged.instruction,
        path=body.path,
        language=body.language or tagged.language,
        reading=body.reading or 1,
    )
    call = Call(service, request, http)
    wrapping = Wrapping.of(tagged.reply_tag)
    frame = Frame(f"chatcmpl-{uuid.uuid4().hex}", int(time.time()), model)
    if body.stream:
        with_usage = body.stream_options is not None and body.stream_options.include_usage
        steps = await call.begin()
        return event_stream(_events(call, steps, wrapping, frame, with_usage=with_usage), steps)
    result = await call.result()
    call.refuse(result)
    return JSONResponse(frame.whole(result, wrapping), headers=trust_headers(result))


def read_messages(body: ChatRequest) -> Tagged:
    """The request in the last user message that has one. The prediction stands in for missing code.

    Raises:
        UsageError: no message has a request.
    """
    asked = [text_of(message.content) for message in body.messages if message.role == "user"]
    others = "\n".join(text_of(message.content) for message in body.messages if message.role != "user")
    for text in reversed(asked):
        tagged = parse_tags(text)
        if tagged:
            return tagged._replace(reply_tag=tagged.reply_tag or reply_tag(others))
    if body.prediction is not None and asked:
        return Tagged(text_of(body.prediction.content), parse_update_tag(asked[-1]))
    raise UsageError("no message of the user has <code>...</code> and <update>...</update>, and there is no prediction")


class Frame(NamedTuple):
    """The fields that all chunks of one answer share."""

    id: str
    created: int
    model: str

    def whole(self, result: ApplyResult, wrapping: Wrapping) -> dict[str, Any]:
        content = f"{wrapping.before}{result.text}{wrapping.after}"
        message = {"role": "assistant", "content": content, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": usage(result.stats),
            "fastapply": trust(result),
        }

    def chunk(self, delta: dict[str, Any], *, finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**self._head("chat.completion.chunk"), "choices": [choice], **more})

    def usage_chunk(self, result: ApplyResult) -> bytes:
        return event({**self._head("chat.completion.chunk"), "choices": [], "usage": usage(result.stats)})

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


async def _events(
    call: Call, steps: AsyncGenerator[Step, None], wrapping: Wrapping, frame: Frame, *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    """The answer as chunks. Their contents add up to the final text; the last one has the status and the confidence."""
    yield frame.chunk({"role": "assistant", "content": wrapping.before})
    async for step in call.texts(steps):
        if isinstance(step, str):
            yield frame.chunk({"content": step})
            continue
        if wrapping.after:
            yield frame.chunk({"content": wrapping.after})
        yield frame.chunk({}, finish="stop", fastapply=trust(step))
        if with_usage:
            yield frame.usage_chunk(step)
        yield DONE
