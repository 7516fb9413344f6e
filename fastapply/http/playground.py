"""The page at `/`: the playground. Its files lie beside this module; `make playground` builds the script."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files

from fastapi import FastAPI
from starlette.responses import Response

PAGE = "/"
KINDS = {
    "index.html": "text/html",
    "playground.js": "text/javascript",
    "playground.css": "text/css",
    "LICENCES.txt": "text/plain",
}
PATHS = (PAGE, *(f"/{name}" for name in KINDS if name != "index.html"))  # nothing secret stands in them
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def add_playground(app: FastAPI) -> None:
    """The page and what it needs: everything comes from here, and the browser holds it to that."""
    for path in PATHS:
        app.add_api_route(path, _answer(path.lstrip("/") or "index.html"), include_in_schema=False)


def content_security_policy(nonce: str) -> str:
    """This server only. CodeMirror writes its style sheets at run time: they carry the nonce."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _answer(name: str) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        nonce = secrets.token_urlsafe(16)
        content = read(name).replace("{{nonce}}", nonce) if name == "index.html" else read(name)
        headers = {**_HEADERS, "Content-Security-Policy": content_security_policy(nonce)}
        return Response(content, media_type=KINDS[name], headers=headers)

    return answer


@cache
def read(name: str) -> str:
    """One of the page's files."""
    return files("fastapply.http").joinpath("page", name).read_text(encoding="utf-8")
