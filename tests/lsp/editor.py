"""An editor for tests: pytest-lsp's client around the shipped server, with documents that it keeps by itself."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from edits import apply_edits
from lsprotocol import types
from lsprotocol.converters import get_converter
from program import PYTHONPATH
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage, JsonRPCResponseMessage
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

SECONDS = 600.0  # a hanging server is a failure; a slow machine is not


def plain_converter() -> Any:
    """Custom messages as plain JSON."""
    converter = get_converter()
    request, response, note = JsonRPCRequestMessage, JsonRPCResponseMessage, JsonRPCNotification
    converter.register_structure_hook(request, lambda d, k: k(d["id"], d["method"], d["jsonrpc"], d.get("params")))
    converter.register_structure_hook(response, lambda d, k: k(d["id"], d["jsonrpc"], d.get("result")))
    converter.register_structure_hook(note, lambda d, k: k(d["method"], d["jsonrpc"], d.get("params")))
    return converter


class Editor:
    """`refuse`: answer edits with this reason. `on_edit`: called before an edit is applied."""

    def __init__(self, encoding: str) -> None:
        self.client = LanguageClient(converter_factory=plain_converter)
        register_lsp_features(self.client)
        self.encoding = encoding
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.previews: list[Any] = []
        self.progress: list[tuple[Any, Any]] = []
        self.edits: list[types.ApplyWorkspaceEditParams] = []
        self.pulls: list[str | None] = []  # the scopes of which the server asked the configuration
        self.refuse: str | None = None
        self.on_edit: Any = None
        self.client.protocol.fm.features.pop("$/progress")  # pytest-lsp's own raises on partial results
        self.client.feature("$/progress")(lambda params: self.progress.append((params.token, params.value)))
        self.client.feature("fastapply/preview")(lambda params: self.previews.append(params))
        self._configuration = self.client.get_configuration
        self.client.get_configuration = self._pulled  # type: ignore[method-assign]
        self.client.feature(types.WORKSPACE_APPLY_EDIT)(lambda params: self._apply_edit(params))

    def open(self, uri: str, text: str, language: str = "python", version: int = 1) -> None:
        self.texts[uri], self.versions[uri] = text, version
        item = types.TextDocumentItem(uri, language, version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, uri: str, *edits: Any) -> None:
        """Edits as JSON, one after the other; a string replaces the whole text."""
        changes: list[Any] = []
        for edit in edits:
            if isinstance(edit, str):
                self.texts[uri] = edit
                changes.append(types.TextDocumentContentChangeWholeDocument(edit))
            else:
                self.texts[uri] = apply_edits(self.texts[uri], [edit], self.encoding)
                changes.append(types.TextDocumentContentChangePartial(as_range(edit["range"]), edit["newText"]))
        self.versions[uri] += 1
        identity = types.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identity, changes))

    def insert(self, uri: str, line: int, text: str) -> None:
        at = {"line": line, "character": 0}
        self.change(uri, {"range": {"start": at, "end": at}, "newText": text})

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def replay(self, uri: str, edit: Any) -> str:
        """The text that a WorkspaceEdit (JSON) would make of the document."""
        if "changes" in edit:
            assert list(edit["changes"]) == [uri]
            return apply_edits(self.texts[uri], edit["changes"][uri], self.encoding)
        (change,) = edit["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": self.versions[uri]}
        return apply_edits(self.texts[uri], change["edits"], self.encoding)

    def start(self, method: str, params: Any) -> asyncio.Task[Any]:
        return asyncio.ensure_future(self.ask(method, params))

    async def ask(self, method: str, params: Any, msg_id: Any = None) -> Any:
        return await asyncio.wait_for(self.client.protocol.send_request_async(method, params, msg_id), SECONDS)

    async def apply(self, uri: str, update: str, **more: Any) -> Any:
        return await self.ask("fastapply/apply", {"textDocument": {"uri": uri}, "update": update, **more})

    async def command(self, name: str, *arguments: Any, token: Any = None) -> Any:
        params = types.ExecuteCommandParams(name, list(arguments), token)
        return await self.ask(types.WORKSPACE_EXECUTE_COMMAND, params)

    async def until(self, done: Any) -> None:
        """Wait until `done()` is true."""
        async with asyncio.timeout(SECONDS):
            while not done():
                await asyncio.sleep(0.005)

    async def configured(self, scope: str | None = None) -> None:
        """Wait until the server has the configuration that stands in the client now."""
        self.pulls.clear()
        await self.until(lambda: scope in self.pulls)
        await self.ask("fastapply/status", None)  # leaves behind the answer to the pull

    def _pulled(self, section: str | None = None, scope_uri: str | None = None) -> Any:
        self.pulls.append(scope_uri)
        return self._configuration(section=section, scope_uri=scope_uri)

    def _apply_edit(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.edits.append(params)
        if self.on_edit is not None:
            self.on_edit()
        if self.refuse is not None:
            return types.ApplyWorkspaceEditResult(False, self.refuse)
        edit = self.client.protocol._converter.unstructure(params.edit)
        ((uri, edits, version),) = (
            [(uri, edits, None) for uri, edits in edit["changes"].items()]
            if "changes" in edit
            else [(c["textDocument"]["uri"], c["edits"], c["textDocument"]["version"]) for c in edit["documentChanges"]]
        )
        if version not in (None, self.versions[uri]):
            return types.ApplyWorkspaceEditResult(False)  # as VS Code: no reason given
        whole = apply_edits(self.texts[uri], edits, self.encoding)
        self.change(uri, *reversed(edits))  # from the last one, so that positions stay right
        assert self.texts[uri] == whole
        return types.ApplyWorkspaceEditResult(True)


def as_range(data: Any) -> types.Range:
    return types.Range(types.Position(**data["start"]), types.Position(**data["end"]))


def capabilities(
    encoding: str = "utf-16", *, apply_edit: bool = True, versioned: bool = True, annotations: bool = True
) -> types.ClientCapabilities:
    support = types.ChangeAnnotationsSupportOptions() if annotations else None
    edit = types.WorkspaceEditClientCapabilities(document_changes=versioned, change_annotation_support=support)
    return types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(apply_edit=apply_edit, workspace_edit=edit),
        window=types.WindowClientCapabilities(work_done_progress=True),
        general=types.GeneralClientCapabilities(position_encodings=[encoding]),
    )


def environment(config: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FASTAPPLY_")}
    for name in ("FASTAPPLY_CACHE_DIR",):
        if name in os.environ:
            kept[name] = os.environ[name]
    return {**kept, "PYTHONPATH": PYTHONPATH, "XDG_CONFIG_HOME": str(config)}


@asynccontextmanager
async def running(
    config: Path, *, transport: str = "stdio", said: types.ClientCapabilities | None = None, **options: Any
) -> AsyncIterator[Editor]:
    """A server in a process of its own, and an editor that has initialized it."""
    said = said or capabilities()
    editor = Editor(said.general.position_encodings[0])  # type: ignore[union-attr,index,arg-type]
    process = None
    if transport == "stdio":
        await editor.client.start_io(sys.executable, "-m", "fastapply_lsp", env=environment(config))
    else:
        process, port = await listening(config, transport)
        start = editor.client.start_tcp if transport == "tcp" else editor.client.start_ws
        await start("127.0.0.1", port)
    try:
        values = {"model": "none", **options}
        await editor.client.initialize_session(types.InitializeParams(said, initialization_options=values))
        yield editor
        await editor.client.shutdown_session()
    finally:
        if process is not None:
            process.terminate()
            await process.wait()
        if editor.client._server is not None and editor.client._server.returncode is None:
            editor.client._server.kill()
        with suppress(ConnectionError):  # of a server that we have just ended
            await asyncio.wait_for(editor.client.stop(), SECONDS)


async def listening(config: Path, transport: str) -> tuple[asyncio.subprocess.Process, int]:
    """A server on a free port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "fastapply", "lsp", f"--{transport}", "0"),
        env=environment(config),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    line = (await asyncio.wait_for(process.stderr.readline(), SECONDS)).decode()
    found = re.search(rf"{transport}://127\.0\.0\.1:(\d+)", line)
    assert found, line
    return process, int(found[1])
