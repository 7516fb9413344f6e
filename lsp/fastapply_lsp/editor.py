"""Everything that the server sends to the client: messages, previews, edits, progress."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from fastapply.types import Hunk, Reason
from fastapply_lsp.capabilities import SCHEME, Capabilities
from fastapply_lsp.convert import hunk_range, workspace_edit
from fastapply_lsp.documents import Document
from fastapply_lsp.progress import WorkDone
from fastapply_lsp.protocol import Protocol
from fastapply_lsp.session import NumberedHunk, Phase, Session

LABEL = "fastapply"
PREVIEW = "fastapply/preview"
CREATE_SECONDS = 2.0  # a progress bar is not worth a longer wait

# begin: no hunks yet; draft: the alignment's result while the model works; report: further settled hunks; end: all
# hunks, which replace earlier ones; change: the hunks still open, on the current document; close: remove the preview.
Kind = Literal["begin", "draft", "report", "end", "change", "close"]


class Editor:
    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self.client = Capabilities()

    def show(self, message: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """One line for the user."""
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(kind, f"fastapply: {message}"))

    def notify(self, method: str, params: Any) -> None:
        self._protocol.notify(method, params)

    def preview(self, session: Session, kind: Kind, hunks: Sequence[NumberedHunk], **extra: Any) -> None:
        """Send a preview of a rewrite before anything is written. Does nothing if the client does not follow this
        session or knows that it is closed."""
        if not session.previewed or session.phase is Phase.CLOSED:
            return
        document = session.document
        identity = {"uri": document.uri, "version": document.version}
        shown = self.hunks_json(document, hunks)
        self.notify(PREVIEW, {"session": session.id, "textDocument": identity, "kind": kind, "hunks": shown, **extra})
        if self.client.text_content and kind in ("end", "change"):
            params = types.TextDocumentContentRefreshParams(new_side(session))
            self._protocol.send_request(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH, params)

    def hunks_json(self, document: Document, hunks: Sequence[NumberedHunk]) -> list[dict[str, Any]]:
        """Hunks as JSON for the custom messages, with `reasons` only if there are any."""
        return [
            {
                "id": name,
                "range": self._protocol.json(hunk_range(document, hunk)),
                "newText": hunk.new_text,
                **({"reasons": [_reason_json(reason) for reason in hunk.reasons]} if hunk.reasons else {}),
            }
            for name, hunk in hunks
        ]

    def edit_json(self, document: Document, hunks: Sequence[Hunk], *, confirm: bool = False) -> Any:
        return self._protocol.json(self._edit(document, hunks, confirm=confirm))

    async def apply(self, document: Document, hunks: Sequence[Hunk], *, confirm: bool = False) -> tuple[bool, str]:
        """Have the client apply an edit, as one undo step. Returns whether it did, and the client's reason if not."""
        edit = self._edit(document, hunks, confirm=confirm)
        metadata = types.WorkspaceEditMetadata(is_refactoring=False) if self.client.metadata else None
        params = types.ApplyWorkspaceEditParams(edit, LABEL, metadata)
        try:
            answer = await self._protocol.send_request_async(types.WORKSPACE_APPLY_EDIT, params)
        except JsonRpcException as error:
            return False, error.message
        return bool(answer.applied), answer.failure_reason or ""

    async def work_done(self, token: types.ProgressToken | None) -> WorkDone:
        """The progress bar that the client offers, else one that the server requests, else none."""
        if token is None and self.client.progress:
            token = str(uuid.uuid4())
            params = types.WorkDoneProgressCreateParams(token)
            try:
                async with asyncio.timeout(CREATE_SECONDS):
                    await self._protocol.send_request_async(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
            except (JsonRpcException, TimeoutError):
                token = None
        return WorkDone(self._protocol.notify, token)

    async def configuration(self, section: str, scopes: Sequence[str | None]) -> list[Any]:
        """The user's options for each folder (None: for all); None for each if the client does not answer."""
        items = [types.ConfigurationItem(scope_uri=scope, section=section) for scope in scopes]
        params = types.ConfigurationParams(items)
        try:
            answers = await self._protocol.send_request_async(types.WORKSPACE_CONFIGURATION, params)
        except JsonRpcException:
            answers = None
        return list(answers) if answers is not None and len(answers) == len(scopes) else [None] * len(scopes)

    async def register(self, method: str, options: Any) -> None:
        """Ask the client for notifications that it sends only on request. It may refuse."""
        registration = types.Registration(str(uuid.uuid4()), method, options)
        params = types.RegistrationParams([registration])
        try:
            await self._protocol.send_request_async(types.CLIENT_REGISTER_CAPABILITY, params)
        except JsonRpcException:
            return

    def _edit(self, document: Document, hunks: Sequence[Hunk], *, confirm: bool) -> types.WorkspaceEdit:
        return workspace_edit(document, hunks, self.client, label=LABEL, confirm=confirm)


def new_side(session: Session) -> str:
    """The URI of the document's text with all open hunks applied. Its path keeps the document's file type."""
    return f"{SCHEME}://{session.id}/{quote(session.document.path.rpartition('/')[2])}"


def _reason_json(reason: Reason) -> dict[str, Any]:
    lines = {"startLine": reason.start_line, "endLine": reason.end_line}
    return {**lines, "reason": reason.reason, "detail": reason.detail}
