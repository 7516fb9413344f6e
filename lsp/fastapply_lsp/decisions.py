"""What becomes of the hunks of a rewrite: accepted ones go to the client as one edit, rejected ones are dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapply_lsp.editor import Editor
from fastapply_lsp.session import NumberedHunk, Session

FOLLOW_SECONDS = 2.0  # an editor that has applied an edit tells of the change within this time
STALE_SECONDS = 0.5  # so does one that refused an edit because of a change under way
TRIES = 3


class Decisions:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    async def accept(self, session: Session, ids: Sequence[str] | None, *, by_client: bool) -> dict[str, Any]:
        """Land hunks. `by_client`: the answer carries the edit and the client applies it, as it must where it does
        not take `workspace/applyEdit`. Raises the errors of `Session.take`."""
        async with session.deciding:
            taken = session.take(ids)
            if by_client or not self._editor.client.applies_edits:
                edit = self._editor.edit_json(session.document, session.aside(taken)) if taken else None
                session.settle_taken(taken, back=False)
                return {"applied": False, "failureReason": "", "edit": edit}
            applied, why = await self._land(session, taken, confirm=False)
        return {"applied": applied, "failureReason": why, "edit": None}

    def reject(self, session: Session, ids: Sequence[str] | None) -> None:
        """Raises the errors of `Session.take`."""
        session.settle_taken(session.take(ids), back=False)

    async def apply_all(self, session: Session, *, doubtful: bool) -> tuple[bool, str]:
        """Land the whole rewrite. A doubtful one is never written unasked. Whether it was, and if not why."""
        client = self._editor.client
        if not client.applies_edits:
            return False, "this client cannot apply edits (workspace/applyEdit)"
        if doubtful and not client.annotations:
            return False, "the edit needs review, and this client cannot ask its user (change annotations)"
        async with session.deciding:
            return await self._land(session, session.take(None), confirm=doubtful)

    async def _land(self, session: Session, taken: Sequence[NumberedHunk], *, confirm: bool) -> tuple[bool, str]:
        """Have the client apply hunks; again if the document was changing just then. Raises ContentModified."""
        applied = not taken
        try:
            for _ in range(TRIES if taken else 0):
                hunks, version = session.aside(taken), session.document.version
                applied, why = await self._editor.apply(session.document, hunks, confirm=confirm)
                if applied:
                    # The positions of what comes next are those of the document after this edit.
                    await session.document.changed_from(version, FOLLOW_SECONDS)
                    break
                if not await session.document.changed_from(version, STALE_SECONDS):
                    return False, why or "the editor did not apply the edit"
        finally:
            session.settle_taken(taken, back=not applied)
        return applied, "" if applied else "the document kept changing"
