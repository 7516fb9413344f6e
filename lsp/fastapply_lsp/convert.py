"""Convert hunks to edits of the protocol, in the client's position encoding and the richest form that it supports."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from fastapply.types import Hunk
from fastapply_lsp.capabilities import Capabilities
from fastapply_lsp.documents import Document

ANNOTATION = "fastapply"


def hunk_range(document: Document, hunk: Hunk) -> types.Range:
    return types.Range(document.line_start(hunk.start_line), document.line_start(hunk.end_line))


def text_edits(document: Document, hunks: Sequence[Hunk]) -> list[types.TextEdit]:
    """The edits for the current document, first to last."""
    return [types.TextEdit(hunk_range(document, hunk), hunk.new_text) for hunk in hunks]


def workspace_edit(
    document: Document, hunks: Sequence[Hunk], client: Capabilities, *, label: str, confirm: bool = False
) -> types.WorkspaceEdit:
    """One edit of one document, tied to its version if the client supports that. `confirm`: the client should ask its
    user first, if it supports annotations."""
    edits = text_edits(document, hunks)
    if not client.versioned:
        return types.WorkspaceEdit(changes={document.uri: edits})
    identity = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    if not client.annotations:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identity, edits)])
    annotated = [types.AnnotatedTextEdit(ANNOTATION, edit.range, edit.new_text) for edit in edits]
    annotation = types.ChangeAnnotation(label=label, needs_confirmation=confirm)
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(identity, annotated)], change_annotations={ANNOTATION: annotation}
    )
