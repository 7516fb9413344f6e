"""What a client can do, asked once from its capabilities."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from fastapply.text.offsets import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """`versioned`: edits of a certain document version. `annotations`: edits that it asks its user about."""

    encoding: Encoding = Encoding.UTF16
    versioned: bool = False
    annotations: bool = False
    applies_edits: bool = False
    progress: bool = False
    configuration: bool = False
    registers_configuration: bool = False

    @classmethod
    def of(cls, said: types.ClientCapabilities) -> Client:
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
        )


def choose_encoding(general: types.GeneralClientCapabilities | None) -> Encoding:
    """The first position encoding that the client names and that exists; UTF-16 if it names none."""
    known = {encoding.value: encoding for encoding in Encoding}
    for kind in (general and general.position_encodings) or ():
        name = kind.value if isinstance(kind, types.PositionEncodingKind) else kind
        if name in known:
            return known[name]
    return Encoding.UTF16
