"""`fastapply/preview`: what a client shows of a rewrite before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fastapply_lsp.editor import Editor
from fastapply_lsp.session import NumberedHunk, Phase, Session

PREVIEW = "fastapply/preview"

# begin; report: more hunks have settled; end: all of them, in place of those before; change: those still open, on the
# document as it is now; close: take the preview away.
Kind = Literal["begin", "report", "end", "change", "close"]


class Previews:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def show(self, session: Session, kind: Kind, hunks: Sequence[NumberedHunk], **extra: Any) -> None:
        """Say nothing where the client does not follow this session, or has been told that it is over."""
        if not session.previewed or session.phase is Phase.CLOSED:
            return
        document = session.document
        identity = {"uri": document.uri, "version": document.version}
        shown = self.json(session, hunks)
        payload = {"session": session.id, "textDocument": identity, "kind": kind, "hunks": shown, **extra}
        self._editor.notify(PREVIEW, payload)

    def json(self, session: Session, hunks: Sequence[NumberedHunk]) -> list[dict[str, Any]]:
        return self._editor.hunks_json(session.document, hunks)
