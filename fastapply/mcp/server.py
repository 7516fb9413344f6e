"""The MCP server on standard input and output. The event loop never waits for the model: one thread runs the edits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import anyio
from mcp.server.mcpserver import Context, ListRoots, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ListRootsResult, TextContent, ToolAnnotations
from pydantic import AliasChoices, Field

from fastapply import __version__
from fastapply.applier import Applier
from fastapply.errors import FastApplyError
from fastapply.mcp.edit import EditOrder, EditReport, edit
from fastapply.roots import Roots, offered_folders
from fastapply.undo import UndoStore

DESCRIPTION = (
    "Edit a file: give only what changes, and `... existing code ...` in a comment for every part that stays. "
    "A diff or a whole method works too. The file is written unless the result is doubtful (status needs_review); "
    "the answer has the diff, the confidence, and the file's new SHA-256."
)


TARGET_NAMES = ("target_filepath", "target_file", "path")  # the first is shown; agents trained on others know those


def client_roots(ctx: Context) -> ListRoots | ListRootsResult | None:
    """Asks the client for its roots, if it has any to offer."""
    capabilities = ctx.client_capabilities
    return ListRoots() if capabilities is not None and capabilities.roots is not None else None


OfferedRoots = Annotated[ListRootsResult | None, Resolve(client_roots)]


class Editor:
    """Runs edits one after another in a thread of its own, and lets go of those that are cancelled."""

    def __init__(self, applier: Applier, configured: tuple[Path, ...], undo: UndoStore | None = None) -> None:
        """`configured`: folders named at the start; without them the client's roots count, else the current folder."""
        self._applier = applier
        self._undo = undo
        self._configured = configured
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fastapply-model")

    def warm(self, load: Callable[[], None]) -> None:
        """Load the model in the background; what goes wrong is said by the first edit."""
        self._thread.submit(load)

    def roots(self, offered: ListRootsResult | None) -> Roots:
        if offered is None:
            return Roots(self._configured or (Path.cwd().resolve(),))
        folders = offered_folders([str(root.uri) for root in offered.roots])
        return Roots(self._configured or folders, folders)

    async def edit(self, order: EditOrder, roots: Roots, progress: Callable[[int], None]) -> EditReport:
        """Raises FastApplyError."""
        cancelled = threading.Event()
        run = self._thread.submit(
            edit, self._applier, order, roots, undo=self._undo, cancelled=cancelled.is_set, progress=progress
        )
        try:
            return await asyncio.wrap_future(run)
        finally:
            cancelled.set()


def create_server(editor: Editor) -> MCPServer:
    server = MCPServer("fastapply", version=__version__, log_level="WARNING")
    hints = ToolAnnotations(destructive_hint=True, idempotent_hint=False, open_world_hint=False)

    @server.tool(description=DESCRIPTION, annotations=hints)
    async def edit_file(
        target_filepath: Annotated[
            str,
            Field(
                description="the file, relative to a root or absolute",
                validation_alias=AliasChoices(*TARGET_NAMES),
            ),
        ],
        code_edit: Annotated[str, Field(description="the changed lines, with markers for what stays")],
        ctx: Context,
        offered: OfferedRoots,
        instructions: Annotated[str, Field(description="one sentence that says what the edit does")] = "",
        dry_run: Annotated[bool, Field(description="show the diff, write nothing")] = False,
        write_doubtful: Annotated[bool, Field(description="write even if the result needs review")] = False,
        sha256: Annotated[
            str | None, Field(description="of the file as you read it: another content is not touched")
        ] = None,
        reading: Annotated[
            int, Field(ge=1, description="1, or the number of another reading that a doubtful answer has listed")
        ] = 1,
        create: Annotated[bool, Field(description="the file may be new: code_edit is all of it then")] = False,
    ) -> Annotated[CallToolResult, EditReport]:
        order = EditOrder(
            target_filepath, instructions, code_edit, dry_run, write_doubtful, sha256, reading=reading, create=create
        )
        try:
            report = await editor.edit(order, editor.roots(offered), _progress(ctx))
        except FastApplyError as error:
            raise ToolError(str(error)) from None
        return answer(order, report)

    return server


def answer(order: EditOrder, report: EditReport) -> CallToolResult:
    """What the agent reads. An edit that was asked for and not written is an error: it must not pass for done."""
    refused = report.status == "needs_review" and not report.written and not order.dry_run and bool(report.diff)
    if report.written:
        outcome = f"{order.target} written"
    elif refused:
        other = f"with reading {report.readings[0].number} if that is right, else " if report.readings else ""
        outcome = (
            f"{order.target} NOT written: the result needs review. Look at the diff: if it is right, call again with "
            f"write_doubtful, {other}with more of the surrounding code in code_edit"
        )
    elif not report.diff:
        outcome = f"{order.target} unchanged: the edit is there already, or it changes nothing"
    else:
        outcome = f"{order.target} not written (dry run)"
    lines = [f"{report.status}, confidence {report.confidence:.2f}: {outcome}.", *report.problems]
    lines.append(f"SHA-256 of the file now: {report.sha256}")
    text = "\n".join(lines) + (f"\n\n{report.diff}" if report.diff else "")
    for reading in report.readings:
        text += f"\nReading {reading.number}, against the diff's result:\n\n{reading.diff}"
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=report.model_dump(),
        is_error=refused,
    )


def _progress(ctx: Context) -> Callable[[int], None]:
    """Tells the client how many lines are done, from the model's thread; nobody waits for it to be told."""
    loop = asyncio.get_running_loop()
    told = 0

    def tell(lines: int) -> None:
        nonlocal told
        if lines > told:
            told = lines
            asyncio.run_coroutine_threadsafe(ctx.report_progress(lines, message=f"{lines} lines"), loop)

    return tell


def run(editor: Editor) -> int:
    """Serve until standard input ends. Returns the exit status."""
    anyio.run(create_server(editor).run_stdio_async)
    return 0
