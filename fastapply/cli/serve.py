"""`fastapply serve`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from fastapply.cli import options
from fastapply.cli.output import say
from fastapply.errors import needs

_of_limits: Any = partial(typer.Option, rich_help_panel="Limits")


@dataclass(frozen=True)
class LimitOptions:
    """What one server takes, and for how long."""

    queue: Annotated[int, _of_limits("--queue", metavar="N", min=1, help="Requests that may wait.")] = 64
    timeout: Annotated[
        float, _of_limits("--timeout", metavar="S", min=0.1, help="Seconds for a request, with waiting.")
    ] = 300.0
    max_body: Annotated[int, _of_limits("--max-body", metavar="BYTES", min=1, help="Bytes in a request.")] = (
        8 * 1024 * 1024
    )
    max_lines: Annotated[int, _of_limits("--max-lines", metavar="N", min=1, help="Lines in a file.")] = 20_000
    max_tokens: Annotated[int, _of_limits("--max-tokens", metavar="N", min=1, help="Tokens in a file.")] = 200_000


@options.spread
def serve(
    host: Annotated[str, typer.Option("--host", metavar="H", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="0: any free port.")] = 8331,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="F", help="Accepted tokens, one per line. Required beyond this machine."),
    ] = None,
    *,
    limits: LimitOptions,
    asked: options.ModelOptions,
) -> int:
    """Answer Morph, Relace and OpenAI clients over HTTP.

    Example: fastapply serve --port 8331
    """
    settings = asked.settings()
    needs("fastapi", "uvicorn", "prometheus_client", extra="http")
    from fastapply.http.limits import Limits
    from fastapply.http.server import Address, listen, read_tokens
    from fastapply.http.server import serve as run
    from fastapply.http.service import Service

    tokens = read_tokens(token_file)
    with listen(Address(host, port), tokens) as sock:
        applier, local = options.make_applier(settings, say)
        service = Service(
            applier,
            Limits(limits.max_body, limits.max_lines, limits.max_tokens, limits.queue, limits.timeout),
            load=(lambda: None) if local is None else local.load,
            count_tokens=None if local is None else lambda text: len(local.load().codec.encode(text)),
            workers=1 if settings.backend in ("local", "llamacpp") else settings.parallel_requests,
        )
        return run(service, settings.model, sock, tokens, say)
