"""`fastapply lsp`: start the language server. Does not import pygls, since its extra may not be installed."""

from __future__ import annotations

import json
import logging
import sys
from typing import Annotated

import typer

from fastapply.errors import UsageError, needs

STOP_SECONDS = 5.0


def lsp(
    stdio: Annotated[bool, typer.Option("--stdio", help="Standard input and output (the default).")] = False,
    tcp: Annotated[
        int | None, typer.Option("--tcp", metavar="PORT", min=0, max=65535, help="Listen on TCP; 0: any free port.")
    ] = None,
    ws: Annotated[
        int | None, typer.Option("--ws", metavar="PORT", min=0, max=65535, help="Listen for WebSockets; 0 as above.")
    ] = None,
    host: Annotated[str, typer.Option("--host", metavar="H", help="Where --tcp and --ws listen.")] = "127.0.0.1",
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", metavar="URL", help="With --ws: pages of this origin may connect from a browser."),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the options, and exit.")] = False,
    log: Annotated[
        str, typer.Option("--log", metavar="LEVEL", help="Log to standard error: error, warning, info or debug.")
    ] = "error",
) -> int:
    """The language server: rewrites stream into the editor and land as one workspace edit.

    Example: fastapply lsp --stdio
    """
    needs("pygls", extra="lsp")
    if sum([stdio, tcp is not None, ws is not None]) > 1:
        raise UsageError("--stdio, --tcp and --ws: give one of them")
    if origin and ws is None:
        raise UsageError("--origin needs --ws")
    if log.upper() not in ("ERROR", "WARNING", "INFO", "DEBUG"):
        raise UsageError(f"unknown log level `{log}`; there are: error, warning, info, debug")
    if schema:
        from fastapply_lsp.settings import schema as options_schema

        print(json.dumps(options_schema(), indent=2))
        return 0
    if ws is not None:
        needs("websockets", extra="lsp")
    _log(log.upper())
    return _serve(tcp, ws, host, origin or [])


def _serve(tcp: int | None, ws: int | None, host: str, origins: list[str]) -> int:
    import asyncio

    from fastapply_lsp import transport
    from fastapply_lsp.model import ModelService

    service = ModelService()
    if tcp is not None:
        serving = transport.serve_tcp(service, host, tcp)
    elif ws is not None:
        serving = transport.serve_websocket(service, host, ws, origins)
    else:
        serving = transport.serve_stdio(service)
    try:
        return asyncio.run(serving)
    finally:
        service.stop(STOP_SECONDS)


def _log(level: str) -> None:
    logging.basicConfig(level=level, stream=sys.stderr, format="fastapply: %(levelname)s: %(message)s")
    # pygls logs each error of a request with a traceback, but here such errors are ordinary answers.
    logging.getLogger("pygls").setLevel(level if level == "DEBUG" else "CRITICAL")
