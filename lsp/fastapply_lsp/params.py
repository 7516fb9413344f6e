"""The parameters of the custom requests and commands, checked at the door."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from lsprotocol import types
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from fastapply_lsp.failures import invalid_params

P = TypeVar("P", bound="Params")
Token = int | str


class Params(BaseModel):
    # Fields that are not known are ignored: clients may send what a later version understands.
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True)


class TextDocument(Params):
    uri: str
    version: int | None = None


class Position(Params):
    line: int = Field(ge=0)
    character: int = Field(ge=0)

    def native(self) -> types.Position:
        return types.Position(self.line, self.character)


class Range(Params):
    start: Position
    end: Position


class ApplyParams(Params):
    """`fastapply/apply`."""

    text_document: TextDocument
    update: str
    instruction: str = ""
    range: Range | None = None
    mode: Literal["preview", "apply"] = "preview"
    reading: int = Field(1, ge=1)
    work_done_token: Token | None = None
    partial_result_token: Token | None = None


class HunkParams(Params):
    """`fastapply/accept` and `fastapply/reject`. Without `hunks`: all that are open. `mode` (accept only): `apply`, the
    server sends `workspace/applyEdit`; `edit`, the answer carries the edit and the client applies it."""

    text_document: TextDocument
    hunks: list[str] | None = None
    mode: Literal["apply", "edit"] = "apply"


class ReadingParams(Params):
    """`fastapply/readings`. `take`: show this one."""

    text_document: TextDocument
    take: int | None = Field(None, ge=1)


class FilesParams(Params):
    """`fastapply/files`. `text_document`: where the user asks, whose folders the paths of the update start from."""

    text_document: TextDocument
    update: str


class CancelParams(Params):
    """`fastapply/cancel`. Without a document: every rewrite of this client."""

    text_document: TextDocument | None = None


def read(kind: type[P], said: Any) -> P:
    """Raises InvalidParams, in one line."""
    try:
        return kind.model_validate(said if said is not None else {})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise invalid_params(f"{f'`{name}`: ' if name else ''}{first['msg']}") from None
