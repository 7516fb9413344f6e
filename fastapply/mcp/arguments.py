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


def one_target(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the file under one name. Raises ValueError if they name two files."""
    names = [name for name in TARGET_NAMES if name in arguments]
    for name in names[1:]:
        if arguments[name] != arguments[names[0]]:
            raise ValueError(f"names two files, as `{names[0]}` and as `{name}`: give one of them")
    return {name: value for name, value in arguments.items() if name not in names[1:]}


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
    def cleaned(cls, data: Any) -> Any:
        return one_target(without_nulls(data)) if isinstance(data, dict) else data
