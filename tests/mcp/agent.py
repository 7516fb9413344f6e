"""An agent: the official SDK's client, driving `fastapply mcp` as a program over standard input and output."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, ListRootsResult, Root
from program import SECONDS, Cli
from pydantic import FileUrl

from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.formats import parse_update

ORIGINAL = "import sys\n\n\ndef first():\n    return 1\n\n\ndef second():\n    return 2\n"
UPDATE = "# ... existing code ...\ndef first():\n    return 10\n# ... existing code ...\n"
CHANGED = ORIGINAL.replace("return 1\n", "return 10\n")
BROKEN = UPDATE.replace("10", "(10")
# Methods that are alike: an update that shows one of them needs review, however sure the weights are.
METHOD = "    def read(self):\n        x = open(self.path)\n        return x.read()\n"
MANY = "\n\n".join(f"class {name}:\n{METHOD}" for name in ("First", "Second", "Third"))
READ = f"# ... existing code ...\n{METHOD.replace('read()', 'read().strip()')}# ... existing code ...\n"
MODES = ["auto", "legacy"]  # roots travel in two ways: in the call's answer, and as a request of the server

Body = Callable[[Client], Awaitable[None]]


def drive(cli: Cli, body: Body, *arguments: str, roots: list[Path] | None = None, mode: Any = "auto") -> None:
    async def list_roots(_: Any) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri=FileUrl(path.as_uri())) for path in roots or []])

    async def main() -> None:
        command, *rest = cli.command("mcp", "--model", "none", *arguments)
        server = StdioServerParameters(command=command, args=rest, env=cli.env, cwd=cli.folder)
        callback = list_roots if roots is not None else None
        async with Client(server, mode=mode, list_roots_callback=callback, read_timeout_seconds=SECONDS) as client:
            await body(client)

    asyncio.run(asyncio.wait_for(main(), SECONDS))


async def edit(client: Client, target: str | Path, code: str = UPDATE, **more: Any) -> CallToolResult:
    arguments = {"target_filepath": str(target), "instructions": "ten", "code_edit": code, **more}
    return await client.call_tool("edit_file", arguments)


def text_of(result: CallToolResult) -> str:
    return "".join(getattr(part, "text", "") for part in result.content)


def report_of(result: CallToolResult) -> dict[str, Any]:
    assert result.structured_content is not None
    return result.structured_content


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def patched(text: str, diff: str) -> str:
    return apply_replacements(text, parse_update(diff).replacements)
