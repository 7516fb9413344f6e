"""Accept and reject hunks of a rewrite: accepted hunks go to the client as one edit, rejected ones are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapply_lsp.editor import Editor
from fastapply_lsp.session import NumberedHunk, Session

FOLLOW_SECONDS = 2.0  # an editor that has applied an edit reports the change within this time
STALE_SECONDS = 0.5  # an editor that refused an edit because of another change reports that within this time
TRIES = 3


class Decisions:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    async def accept(self, session: Session, ids: Sequence[str] | None, *, by_client: bool) -> dict[str, Any]:
        """Apply hunks. With `by_client`, or if the client does not support `workspace/applyEdit`, the answer carries
        the edit and the client applies it. Raises as `Session.take` does."""
        async with session.deciding:
            taken = session.take(ids)
            if by_client or not self._editor.client.applies_edits:
                edit = self._editor.edit_json(session.document, session.aside(taken)) if taken else None
                session.settle_taken(taken, back=False)
                return {"applied": False, "failureReason": "", "edit": edit}
            applied, why = await self._land(session, taken, confirm=False)
        return {"applied": applied, "failureReason": why, "edit": None}

    def reject(self, session: Session, ids: Sequence[str] | None) -> None:
        """Drop hunks. Raises as `Session.take` does."""
        session.settle_taken(session.take(ids), back=False)

    async def apply_all(self, session: Session, *, doubtful: bool) -> tuple[bool, str]:
        """Apply the whole rewrite; a doubtful one only after asking the user. Returns whether it was applied, and the
        reason if not."""
        client = self._editor.client
        if not client.applies_edits:
            return False, "this client cannot apply edits (workspace/applyEdit)"
        if doubtful and not client.annotations:
            return False, "the edit needs review, and this client cannot ask its user (change annotations)"
        async with session.deciding:
            return await self._land(session, session.take(None), confirm=doubtful)

    async def _land(self, session: Session, taken: Sequence[NumberedHunk], *, confirm: bool) -> tuple[bool, str]:
        """Have the client apply hunks; retry if the document was just changing. Raises ContentModified."""
        applied = not taken
        try:
            for _ in range(TRIES if taken else 0):
                hunks, version = session.aside(taken), session.document.version
                applied, why = await self._editor.apply(session.document, hunks, confirm=confirm)
                if applied:
                    # The positions of later edits refer to the document after this one.
                    await session.document.changed_from(version, FOLLOW_SECONDS)
                    break
                if not await session.document.changed_from(version, STALE_SECONDS):
                    return False, why or "the editor did not apply the edit"
        finally:
            session.settle_taken(taken, back=not applied)
        return applied, "" if applied else "the document kept changing"
