"""The capabilities of the client and of the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from fastapply.text.offsets import Encoding

VERBS = ("apply", "accept", "reject", "readings", "files", "cancel", "status")  # `fastapply/apply`, `fastapply.apply`
SCHEME = "fastapply"  # URI scheme of documents whose text the server provides: a file after its rewrite


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a client supports. `versioned`: edits tied to a document version. `annotations`: edits that it asks its user
    about. Since version 3.18 of the protocol, `metadata`: edits that describe themselves, and `text_content`: read-only
    documents that the server provides."""

    encoding: Encoding = Encoding.UTF16
    versioned: bool = False
    annotations: bool = False
    applies_edits: bool = False
    progress: bool = False
    configuration: bool = False
    registers_configuration: bool = False
    metadata: bool = False
    text_content: bool = False

    @classmethod
    def of(cls, said: types.ClientCapabilities) -> Capabilities:
        workspace = said.workspace or types.WorkspaceClientCapabilities()
        edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
        window = said.window or types.WindowClientCapabilities()
        changes = workspace.did_change_configuration
        return cls(
            encoding=choose_encoding(said.general),
            versioned=bool(edit.document_changes),
            annotations=bool(edit.document_changes) and edit.change_annotation_support is not None,
            applies_edits=bool(workspace.apply_edit),
            progress=bool(window.work_done_progress),
            configuration=bool(workspace.configuration),
            registers_configuration=bool(changes and changes.dynamic_registration),
            metadata=bool(edit.metadata_support),
            text_content=workspace.text_document_content is not None,
        )


def choose_encoding(general: types.GeneralClientCapabilities | None) -> Encoding:
    """The first known position encoding that the client names; UTF-16 if it names none."""
    known = {encoding.value: encoding for encoding in Encoding}
    for kind in (general and general.position_encodings) or ():
        name = kind.value if isinstance(kind, types.PositionEncodingKind) else kind
        if name in known:
            return known[name]
    return Encoding.UTF16


def server_capabilities(client: Capabilities) -> types.ServerCapabilities:
    files = types.FileOperationRegistrationOptions(
        [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
    )
    requests = [f"fastapply/{verb}" for verb in VERBS]
    experimental: dict[str, Any] = {"fastapply": {"requests": requests, "notifications": ["fastapply/preview"]}}
    commands = [f"fastapply.{verb}" for verb in VERBS]
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding.value),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        execute_command_provider=types.ExecuteCommandOptions(commands=commands, work_done_progress=True),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True),
            file_operations=types.FileOperationOptions(did_rename=files, did_delete=files),
            text_document_content=types.TextDocumentContentOptions([SCHEME]) if client.text_content else None,
        ),
        experimental=experimental,
    )
