"""The parameters of the custom requests and commands, and their validation."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from fastapply_lsp.failures import invalid_params

P = TypeVar("P", bound="Params")
Token = int | str


class Params(BaseModel):
    # Unknown fields are ignored: clients may send fields of a later version.
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True)


class DocumentParams(Params):
    uri: str
    version: int | None = None


class PositionParams(Params):
    line: int = Field(ge=0)
    character: int = Field(ge=0)

    def native(self) -> types.Position:
        return types.Position(self.line, self.character)


class RangeParams(Params):
    start: PositionParams
    end: PositionParams


class ApplyParams(Params):
    """`fastapply/apply`."""

    text_document: DocumentParams
    update: str
    instruction: str = ""
    range: RangeParams | None = None
    mode: Literal["preview", "apply"] = "preview"
    reading: int = Field(1, ge=1)
    work_done_token: Token | None = None
    partial_result_token: Token | None = None


class HunkParams(Params):
    """`fastapply/accept` and `fastapply/reject`. Without `hunks`, all open ones are meant. `mode` (accept only): with
    `apply` the server sends `workspace/applyEdit`; with `edit` the answer carries the edit for the client to apply."""

    text_document: DocumentParams
    hunks: list[str] | None = None
    mode: Literal["apply", "edit"] = "apply"


class ReadingParams(Params):
    """`fastapply/readings`. `take`: the number of the reading to show."""

    text_document: DocumentParams
    take: int | None = Field(None, ge=1)


class FilesParams(Params):
    """`fastapply/files`. The paths in the update are relative to a folder of `text_document`."""

    text_document: DocumentParams
    update: str


class CancelParams(Params):
    """`fastapply/cancel`. Without a document, every rewrite of this client is cancelled."""

    text_document: DocumentParams | None = None


def read(kind: type[P], said: Any) -> P:
    """Validate parameters. Raises InvalidParams with a one-line message."""
    try:
        return kind.model_validate(said if said is not None else {})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise invalid_params(f"{f'`{name}`: ' if name else ''}{first['msg']}") from None
