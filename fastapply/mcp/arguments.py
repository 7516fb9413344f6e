"""The arguments of the tools, as an agent sees them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

TARGET_NAMES = ("target_filepath", "target_file", "path")  # the first is shown; some agents were trained on the others

TargetPath = Annotated[
    str,
    Field(description="the file, relative to a root or absolute", validation_alias=AliasChoices(*TARGET_NAMES)),
]
CodeEdit = Annotated[str, Field(description="the changed lines, with markers for what stays")]
Instructions = Annotated[str, Field(description="one sentence that says what the edit does; may be left out")]
Sha256 = Annotated[
    str | None, Field(description="SHA-256 of the file as you read it: if it differs now, the file is not touched")
]
ReadingNumber = Annotated[
    int, Field(ge=1, description="1, or the number of another reading that a doubtful answer has listed")
]
Create = Annotated[bool, Field(description="create the file if it does not exist; code_edit is then the whole file")]
DryRun = Annotated[bool, Field(description="show the diff, write nothing")]
WriteDoubtful = Annotated[bool, Field(description="write even if the result needs review")]


def without_nulls(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments without nulls, which some agents send for optional ones."""
    return {name: value for name, value in arguments.items() if value is not None}


class OneEdit(BaseModel):
    """The edit of one file among several."""

    model_config = ConfigDict(extra="forbid")

    target_filepath: TargetPath
    code_edit: CodeEdit
    instructions: Instructions = ""
    reading: ReadingNumber = 1
    create: Create = False
    sha256: Sha256 = None

    @model_validator(mode="before")
    @classmethod
    def left_out(cls, data: Any) -> Any:
        return without_nulls(data) if isinstance(data, dict) else data
