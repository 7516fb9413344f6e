"""The MCP server on standard input and output. One thread runs the edits, so the event loop never waits for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
from mcp.server.mcpserver import Context, ListRoots, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, InputRequiredResult, ListRootsResult, TextContent, ToolAnnotations
from pydantic import AliasChoices, BaseModel, Field, ValidationError

from fastapply import __version__
from fastapply.applier import Applier
from fastapply.errors import FastApplyError
from fastapply.files import reason
from fastapply.mcp.answers import (
    are_refused,
    edit_text,
    files_text,
    is_refused,
    undo_text,
    unknown_argument,
    wrong_arguments,
)
from fastapply.mcp.arguments import (
    TARGET_NAMES,
    CodeEdit,
    Create,
    DryRun,
    Instructions,
    OneEdit,
    ReadingNumber,
    Sha256,
    TargetPath,
    WriteDoubtful,
    one_target,
    without_nulls,
)
from fastapply.mcp.edit import Editing, EditReport, FilesReport, Handling, edit, edit_all
from fastapply.mcp.take_back import UndoReport, undo_edit
from fastapply.roots import Roots, offered_folders
from fastapply.undo import UndoStore

EDIT_FILE = (
    "Edit a file: give only what changes, and `... existing code ...` in a comment for every part that stays. "
    "A diff or a whole method works too. The file is written unless the result is doubtful (status needs_review); "
    "the answer has the diff, what is in doubt, the other readings and the file's new SHA-256."
)
EDIT_FILES = (
    "Edit several files at once, each as with edit_file: all of them are written or none. "
    "The answer has a report for each. With dry_run nothing is written."
)
UNDO_EDIT = (
    "Restore a file as it was before the last edit_file or edit_files; files that were written together are restored "
    "together. If one has changed since, nothing is restored."
)
INSTRUCTIONS = (
    "To change files use edit_file, or edit_files for several at once. Give only the lines that change with a line of "
    "context on both sides, and `... existing code ...` in a comment for everything that stays. If the answer says NOT "
    "written, look at its diffs: call again with `reading` for another reading, with write_doubtful if the diff is "
    "right, or with more of the surrounding code."
)
T = TypeVar("T")


def client_roots(ctx: Context) -> ListRoots | ListRootsResult | None:
    """Ask the client for its roots, if it offers any."""
    capabilities = ctx.client_capabilities
    return ListRoots() if capabilities is not None and capabilities.roots is not None else None


OfferedRoots = Annotated[ListRootsResult | None, Resolve(client_roots)]


class EditRunner:
    """Runs edits one after another in its own thread, and abandons those that are cancelled."""

    def __init__(self, applier: Applier, configured: tuple[Path, ...], undo: UndoStore) -> None:
        """`configured`: the folders given with --root. Without them, the client's roots or else the current folder."""
        self._applier = applier
        self._undo = undo
        self._configured = configured
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fastapply-model")
        self._started = time.time()

    def warm(self, load: Callable[[], object]) -> None:
        """Load the model in the background. The first edit reports any error."""
        self._thread.submit(load)

    def roots(self, offered: ListRootsResult | None) -> Roots:
        if offered is None:
            return Roots(self._configured or (Path.cwd().resolve(),))
        folders = offered_folders([str(root.uri) for root in offered.roots])
        return Roots(self._configured or folders, folders)

    async def edit(self, ctx: Context, roots: Roots, work: Callable[[Editing], T]) -> T:
        """Run `work` in the editor's thread. Raises FastApplyError."""
        cancelled = threading.Event()
        editing = Editing(self._applier, roots, self._undo, cancelled.is_set, _progress(ctx))
        run = self._thread.submit(work, editing)
        try:
            return await asyncio.wrap_future(run)
        finally:
            cancelled.set()

    async def undo(self, roots: Roots, target: str | None) -> UndoReport:
        """Take back the last write. Raises FastApplyError."""
        return await asyncio.wrap_future(self._thread.submit(undo_edit, self._undo, roots, target, self._started))


def refuse_unknown(tool: str, arguments: Collection[str], known: Collection[str]) -> None:
    """Raise ToolError for an argument that the tool does not have, because a misspelt dry_run must not write."""
    others = TARGET_NAMES if TARGET_NAMES[0] in known else ()
    for argument in arguments:
        if argument not in known and argument not in others:
            raise ToolError(unknown_argument(tool, argument, known))


def refuse_two_targets(tool: str, arguments: dict[str, Any]) -> None:
    """Raise ToolError if the arguments name two files, because it is not known which one is meant."""
    try:
        one_target(arguments)
    except ValueError as error:
        raise ToolError(f"{tool} {error}") from None


class PlainServer(MCPServer):
    """A server that answers wrong arguments with one plain sentence."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Raises ToolError."""
        tool = self._tool_manager.get_tool(name)
        arguments = without_nulls(arguments)
        if tool is not None:
            refuse_unknown(name, arguments, tool.parameters["properties"])
            refuse_two_targets(name, arguments)
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(wrong_arguments(name, error.__cause__)) from None
            raise ToolError(str(error.__cause__ or error)) from None


def create_server(editor: EditRunner) -> MCPServer:
    server = PlainServer("fastapply", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")
    _add_edits(server, editor)
    _add_undo(server, editor)
    return server


def _add_edits(server: MCPServer, editor: EditRunner) -> None:
    hints = ToolAnnotations(destructive_hint=True, idempotent_hint=False, open_world_hint=False)

    @server.tool(description=EDIT_FILE, annotations=hints)
    async def edit_file(
        target_filepath: TargetPath,
        code_edit: CodeEdit,
        ctx: Context,
        offered: OfferedRoots,
        instructions: Instructions = "",
        reading: ReadingNumber = 1,
        create: Create = False,
        dry_run: DryRun = False,
        write_doubtful: WriteDoubtful = False,
        sha256: Sha256 = None,
    ) -> Annotated[CallToolResult, EditReport]:
        order = OneEdit(
            target_filepath=target_filepath,
            code_edit=code_edit,
            instructions=instructions,
            reading=reading,
            create=create,
            sha256=sha256,
        )
        handling = Handling(dry_run, write_doubtful)
        with plain_errors():
            report = await editor.edit(ctx, editor.roots(offered), lambda editing: edit(editing, order, handling))
        return _answer(edit_text(report, handling), report, is_error=is_refused(report, handling))

    @server.tool(description=EDIT_FILES, annotations=hints)
    async def edit_files(
        edits: Annotated[list[OneEdit], Field(description="one for each file")],
        ctx: Context,
        offered: OfferedRoots,
        dry_run: DryRun = False,
        write_doubtful: WriteDoubtful = False,
    ) -> Annotated[CallToolResult, FilesReport]:
        handling = Handling(dry_run, write_doubtful)
        with plain_errors():
            report = await editor.edit(ctx, editor.roots(offered), lambda editing: edit_all(editing, edits, handling))
        return _answer(files_text(report, handling), report, is_error=are_refused(report, handling))


def _add_undo(server: MCPServer, editor: EditRunner) -> None:
    @server.tool(description=UNDO_EDIT, annotations=ToolAnnotations(destructive_hint=True, open_world_hint=False))
    async def undo_edit(
        offered: OfferedRoots,
        target_filepath: Annotated[
            str | None,
            Field(
                description="the file whose last write is undone; without it, the last write of this server",
                validation_alias=AliasChoices(*TARGET_NAMES),
            ),
        ] = None,
    ) -> Annotated[CallToolResult, UndoReport]:
        with plain_errors():
            report = await editor.undo(editor.roots(offered), target_filepath)
        return _answer(undo_text(report), report, is_error=False)


@contextmanager
def plain_errors() -> Iterator[None]:
    try:
        yield
    except FastApplyError as error:
        raise ToolError(str(error)) from None
    except OSError as error:  # a path that the system does not take
        raise ToolError(f"the file cannot be reached: {reason(error)}") from None


def _answer(text: str, report: BaseModel, *, is_error: bool) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=report.model_dump(), is_error=is_error
    )


def _progress(ctx: Context) -> Callable[[int], None]:
    """A function that tells the client how many lines are done. The model's thread calls it and does not wait."""
    loop = asyncio.get_running_loop()
    told = 0

    def tell(lines: int) -> None:
        nonlocal told
        if lines > told:
            told = lines
            asyncio.run_coroutine_threadsafe(ctx.report_progress(lines, message=f"{lines} lines"), loop)

    return tell


def run(editor: EditRunner) -> int:
    """Serve until standard input ends. Returns the exit status."""
    anyio.run(create_server(editor).run_stdio_async)
    return 0
