"""The playground, which is the page at `/`. Its files are in the folder `page`; `make playground` builds the script."""

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
PATHS = (PAGE, *(f"/{name}" for name in KINDS if name != "index.html"))  # none of them holds a secret
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def add_playground(app: FastAPI) -> None:
    """Add routes for the page and its files. A policy makes the browser load everything from this server."""
    for path in PATHS:
        app.add_api_route(path, _answer(path.lstrip("/") or "index.html"), include_in_schema=False)


def content_security_policy(nonce: str) -> str:
    """A policy that allows this server only. CodeMirror adds style sheets at run time, which need the nonce."""
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
