"""The ASGI application: its routes, and error handlers that answer in OpenAI's form."""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp

from fastapply import __version__
from fastapply.errors import FastApplyError
from fastapply.http.chat import complete
from fastapply.http.code_apply import code_apply, native_apply
from fastapply.http.errors import ApiError, api_error
from fastapply.http.gate import Gate
from fastapply.http.metrics import CONTENT_TYPE
from fastapply.http.playground import add_playground
from fastapply.http.reference import reference_page
from fastapply.http.schemas import (
    ChatRequest,
    ChatResponse,
    CodeApplyRequest,
    CodeApplyResponse,
    ErrorBody,
    NativeRequest,
)
from fastapply.http.service import Service
from fastapply.types import ApplyResult

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": text}
    for status, text in {
        400: "the body is not JSON",
        401: "the token is missing or not valid",
        409: "the result is doubtful, and X-FastApply-Doubtful: reject was sent",
        413: "the body, file or update is too long",
        422: "the request is malformed, or the edit is rejected",
        429: "too many requests are waiting: see Retry-After",
        503: "the model is loading or unavailable, or the server is shutting down",
        504: "not done in time",
    }.items()
}


_EVENT = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
_EVENTS = {"text/event-stream": {"schema": {**_EVENT, "required": ["data"]}}}  # with `stream`


def _answers(model: type[Any]) -> dict[int | str, dict[str, Any]]:
    return {**_ERRORS, 200: {"model": model, "description": "the edit's result", "content": _EVENTS}}


def create_app(service: Service, model: str, tokens: tuple[str, ...] = ()) -> ASGIApp:
    """The application of one server. The caller starts and stops the service."""
    app = FastAPI(
        title="fastapply",
        version=__version__,
        description="Send a file and a suggested edit, and get back the whole rewritten file.",
        docs_url=None,
        redoc_url=None,
    )
    _add_edits(app, service, model)
    _add_status(app, service, model)
    add_playground(app)
    _add_errors(app)
    paths = {route.path for route in app.routes if hasattr(route, "path")}
    return Gate(app, service.limits, tokens, service.metrics, paths)


def _add_edits(app: FastAPI, service: Service, model: str) -> None:
    @app.post("/v1/apply/chat/completions", include_in_schema=False)  # Relace's base address ends in /v1/apply
    @app.post("/v1/chat/completions", responses=_answers(ChatResponse))
    async def chat_completions(body: ChatRequest, request: Request) -> Response:
        """OpenAI's chat completion, with the tags of Morph, Relace, kortix or aiXapply."""
        return await complete(service, model, body, request)

    @app.post("/v1/code/apply", responses=_answers(CodeApplyResponse))
    async def code(body: CodeApplyRequest, request: Request) -> Response:
        """The REST call of Morph and Relace; takes either spelling of field names."""
        return await code_apply(service, body, request)

    @app.post("/v1/apply", responses=_answers(ApplyResult))
    async def native(body: NativeRequest, request: Request) -> Response:
        """Answers with the JSON of `fastapply apply --format json`. A rejected edit is a result too."""
        return await native_apply(service, body, request)


def _add_status(app: FastAPI, service: Service, model: str) -> None:
    started = int(time.time())

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        """Lists the server's only model."""
        one = {"id": model, "object": "model", "created": started, "owned_by": "fastapply"}
        return {"object": "list", "data": [one]}

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Answers as long as the process is alive."""
        return {"status": "ok"}

    @app.get("/ready", responses={503: _ERRORS[503]})
    async def ready() -> dict[str, str]:
        """Succeeds while the server accepts edits."""
        if not service.ready or service.draining:
            raise ApiError(503, "not_ready", "the model is loading, or the server is shutting down", retry_after=2)
        return {"status": "ready"}

    @app.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Metrics for Prometheus."""
        return Response(service.metrics.page(), media_type=CONTENT_TYPE)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()))


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        said = f"{where}: {first['msg']}" if where else "the body is not a JSON object"
        if first["type"] == "json_invalid":
            said = f"the body is not JSON (from character {where} on)"
        return ApiError(422, "invalid_request", said).response()

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        codes = {404: "not_found", 405: "method_not_allowed"}
        response = ApiError(error.status_code, codes.get(error.status_code, "invalid_request"), error.detail).response()
        response.headers.update(error.headers or {})
        return response

    async def failed(_: Request, error: Exception) -> JSONResponse:
        return api_error(error).response()

    for kind in (ApiError, FastApplyError, Exception):
        app.add_exception_handler(kind, failed)
