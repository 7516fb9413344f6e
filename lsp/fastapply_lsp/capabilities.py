"""What the server says of itself in its answer to `initialize`."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from fastapply_lsp.client import Client

COMMANDS = ("fastapply.apply", "fastapply.accept", "fastapply.reject", "fastapply.cancel", "fastapply.status")
REQUESTS = ("fastapply/apply", "fastapply/accept", "fastapply/reject", "fastapply/cancel", "fastapply/status")


def server_capabilities(client: Client) -> types.ServerCapabilities:
    files = types.FileOperationRegistrationOptions(
        [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
    )
    experimental: dict[str, Any] = {"fastapply": {"requests": list(REQUESTS), "notifications": ["fastapply/preview"]}}
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding.value),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        execute_command_provider=types.ExecuteCommandOptions(commands=list(COMMANDS), work_done_progress=True),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True),
            file_operations=types.FileOperationOptions(did_rename=files, did_delete=files),
        ),
        experimental=experimental,
    )
