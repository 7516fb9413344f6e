"""The server of one client: life cycle, documents, configuration, and our own requests. Read this file first.

Handlers only translate between the protocol and `Sessions`, which does the work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types

from fastapply import __version__
from fastapply.errors import FastApplyError
from fastapply.text.several import left_out
from fastapply.types import ApplyRequest
from fastapply_lsp import failures
from fastapply_lsp.capabilities import VERBS, Capabilities, server_capabilities
from fastapply_lsp.documents import Document, Documents, name_of
from fastapply_lsp.editor import Editor
from fastapply_lsp.model import LoadState, ModelService, ModelState
from fastapply_lsp.params import ApplyParams, CancelParams, FilesParams, HunkParams, ReadingParams, read
from fastapply_lsp.protocol import Connection
from fastapply_lsp.sessions import Sessions
from fastapply_lsp.settings import SECTION
from fastapply_lsp.work import WarmJob
from fastapply_lsp.workspace import Workspace

Verb = Callable[[Any], Awaitable[Any]]


class Server:
    """`exit_status` is None until the client has sent `exit`."""

    def __init__(self, service: ModelService) -> None:
        self.exit_status: int | None = None
        self.protocol = Connection().protocol
        self._service = service
        self._editor = Editor(self.protocol)
        self._documents = Documents()
        self._client = next(service.client_numbers)
        self._sessions = Sessions(service, self._client, self._editor, self._documents, self._model_failed)
        self._workspace = Workspace()
        self._complaints: list[str] = []  # from `initialize`, to be shown once the client is ready
        self._shown: set[str] = set()  # reasons of failed loads, each shown only once
        self._verbs: dict[str, Verb] = {verb: getattr(self, f"_{verb}") for verb in VERBS}
        self._register()

    def close(self) -> None:
        """End the work of a client that has disconnected."""
        self._sessions.end_all(failures.request_cancelled("the client has gone"))
        self.protocol.cancel_all()

    def _register(self) -> None:
        self.protocol.handlers = {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.SHUTDOWN: self._shutdown,
            types.EXIT: self._exit,
            types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
            types.TEXT_DOCUMENT_DID_SAVE: self._did_save,
            types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._did_change_configuration,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._did_change_folders,
            types.WORKSPACE_DID_RENAME_FILES: self._did_rename,
            types.WORKSPACE_DID_DELETE_FILES: self._did_delete,
            types.WORKSPACE_EXECUTE_COMMAND: self._execute_command,
            types.WORKSPACE_TEXT_DOCUMENT_CONTENT: self._text_document_content,
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self._cancel_progress,
            **{f"fastapply/{verb}": handler for verb, handler in self._verbs.items()},
        }

    # Life cycle

    async def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        self._editor.client = Capabilities.of(params.capabilities)
        folders = params.workspace_folders or ()
        if not folders and params.root_uri:
            folders = (types.WorkspaceFolder(params.root_uri, params.root_uri.rpartition("/")[2]),)
        self._workspace.add(folders)
        self._complaints = self._configure(params.initialization_options)
        self.protocol.initialized = True
        info = types.ServerInfo("fastapply", __version__)
        return types.InitializeResult(server_capabilities(self._editor.client), info)

    async def _initialized(self, params: Any) -> None:
        for complaint in self._complaints:
            self._editor.show(complaint, types.MessageType.Warning)
        client = self._editor.client
        if client.registers_configuration:
            options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            await self._editor.register(types.WORKSPACE_DID_CHANGE_CONFIGURATION, options)
        if client.configuration:
            await self._pull_configuration()

    async def _shutdown(self, params: Any) -> None:
        self._sessions.end_all(failures.server_cancelled("the server is shutting down"))
        self.protocol.shut_down = True

    def _exit(self, params: Any) -> None:
        self.exit_status = 0 if self.protocol.shut_down else 1

    # Configuration

    def _configure(self, said: object, folder: str | None = None) -> list[str]:
        """Set options. Returns one line for each error in them."""
        complaints = self._workspace.configure(said, folder)
        for configured in self._workspace.all():
            self._service.host.forget(configured.settings)
        self._shown.clear()
        return complaints

    async def _did_change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        if params.settings or not self._editor.client.configuration:
            self._reconfigure(params.settings)
        else:
            await self._pull_configuration()

    async def _pull_configuration(self) -> None:
        folders = self._workspace.folders
        of_all, *of_folders = await self._editor.configuration(SECTION, [None, *folders])
        self._reconfigure(of_all)
        for folder, said in zip(folders, of_folders, strict=True):
            if said != of_all:
                self._reconfigure(said, folder)

    def _reconfigure(self, said: object, folder: str | None = None) -> None:
        if said is None:
            return
        for complaint in self._configure(said, folder):
            self._editor.show(complaint, types.MessageType.Warning)
        for document in self._documents:
            self._warm(document)

    async def _did_change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        self._workspace.remove(params.event.removed)
        self._workspace.add(params.event.added)
        if self._editor.client.configuration:
            await self._pull_configuration()

    # Documents

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._sessions.end(params.text_document.uri, failures.content_modified("the document was opened anew"))
        self._warm(self._documents.open(params.text_document, self._editor.client.encoding))

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self._documents.find(params.text_document.uri)
        if document is not None:
            self._sessions.changed(document, document.change(params.text_document.version, params.content_changes))

    def _did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        document = self._documents.find(params.text_document.uri)
        if document is not None:
            self._warm(document)

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._gone(params.text_document.uri, "was closed: open it again first")
        self._documents.close(params.text_document.uri)

    def _did_rename(self, params: types.RenameFilesParams) -> None:
        for file in params.files:
            self._gone(file.old_uri, f"was renamed to {name_of(file.new_uri)}: ask again for that one")

    def _did_delete(self, params: types.DeleteFilesParams) -> None:
        for file in params.files:
            self._gone(file.uri, "was deleted")

    def _gone(self, uri: str, why: str) -> None:
        document = self._documents.find(uri)
        if document is not None:
            self._sessions.end(document.uri, failures.content_modified(f"{name_of(uri)} {why}"))
        self._documents.gone(uri, why)

    async def _text_document_content(self, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
        return types.TextDocumentContentResult(self._sessions.new_side(params.uri))

    # The verbs

    async def _apply(self, said: Any) -> dict[str, Any]:
        params = read(ApplyParams, said)
        uri = params.text_document.uri
        return await self._sessions.apply(params, *self._workspace.of(uri), self._workspace.path(uri))

    async def _accept(self, said: Any) -> dict[str, Any]:
        return await self._sessions.accept(read(HunkParams, said))

    async def _reject(self, said: Any) -> dict[str, Any]:
        return self._sessions.reject(read(HunkParams, said))

    async def _readings(self, said: Any) -> dict[str, Any]:
        return await self._sessions.readings(read(ReadingParams, said))

    async def _files(self, said: Any) -> dict[str, Any]:
        params = read(FilesParams, said)
        try:
            files = self._workspace.files(params.update, params.text_document.uri)
            return {"files": files, "leftOut": left_out(params.update) if files else []}
        except FastApplyError as error:
            raise failures.invalid_params(str(error)) from None

    async def _cancel(self, said: Any) -> dict[str, Any]:
        document, why = read(CancelParams, said).text_document, failures.request_cancelled("cancelled")
        if document is None:
            return {"cancelled": self._sessions.end_all(why)}
        return {"cancelled": int(self._sessions.end(self._documents.get(document.uri).uri, why))}

    async def _status(self, said: Any) -> dict[str, Any]:
        return {
            "version": __version__,
            "model": self._service.host.state(self._workspace.configured.settings).to_json(),
            "positionEncoding": self._editor.client.encoding.value,
            "documents": sum(1 for _ in self._documents),
            "folders": self._workspace.folders,
            "waiting": self._service.worker.waiting,
            "busy": self._service.worker.busy,
            "sessions": self._sessions.status(),
        }

    async def _execute_command(self, params: types.ExecuteCommandParams) -> Any:
        said = params.arguments[0] if params.arguments else None
        verb = params.command.removeprefix("fastapply.")
        if verb not in self._verbs or verb == params.command:
            known = ", ".join(f"fastapply.{verb}" for verb in VERBS)
            raise failures.invalid_params(f"unknown command {params.command}; there are: {known}")
        if verb == "apply":
            if not isinstance(said, dict):
                raise failures.invalid_params("fastapply.apply: one argument, the params of fastapply/apply")
            # A command applies the edit without a preview, unless its arguments say otherwise.
            said = {"mode": "apply", "workDoneToken": params.work_done_token, **said}
        return await self._verbs[verb](said)

    def _cancel_progress(self, params: types.WorkDoneProgressCancelParams) -> None:
        self._sessions.cancel_progress(params.token)

    # The model

    def _warm(self, document: Document) -> None:
        options, settings = self._workspace.of(document.uri)
        if options.warm:
            request = ApplyRequest(
                document.text, "", path=self._workspace.path(document.uri), language=document.language
            )
            job = WarmJob(
                self._service.host,
                settings,
                request,
                lambda: self._model_failed(self._service.host.state(settings)),
                drafts=options.preview == "draft",
            )
            self._service.worker.submit_idle(document.uri, job)

    def _model_failed(self, model: ModelState) -> None:
        """Tell the user, once for each reason, that edits use alignment alone."""
        if model.state is LoadState.FAILED and model.detail not in self._shown:
            self._shown.add(model.detail)
            self._editor.show(f"{model.detail}; edits are applied by alignment alone")
