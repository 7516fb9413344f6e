"""The wire formats, field by field. Unknown fields are ignored, as is usual for OpenAI-compatible servers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field


def _unicode(text: str) -> str:
    """Refuse lone surrogates, which JSON allows but no file and no answer can hold."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"a lone surrogate at character {error.start} is not text") from None
    return text


Text = Annotated[str, AfterValidator(_unicode)]
Path = Annotated[
    Text | None, Field(description="the file's name or path, which determines the language", examples=["app.py"])
]
LanguageName = Annotated[
    Text | None, Field(description="the language's tree-sitter name, if there is no path", examples=["python"])
]

ReadingNumber = Annotated[
    int | None,
    Field(
        ge=1,
        description="1: the likeliest reading; 2, 3, ...: those that a doubtful result lists in `alternatives`. "
        "Choosing one of them needs no model",
    ),
]

_CODE = "def area(r):\n    return 3 * r * r\n\n\ndef name():\n    return 'circle'\n"
_UPDATE = "def area(r):\n    return 3.14159 * r * r\n\n# ... existing code ...\n"


class Wire(BaseModel):
    """Base of all client messages. Strict about types: 1 is not `true`."""

    model_config = ConfigDict(strict=True)


class TextPart(Wire):
    """One part of a message. Parts that are not text are ignored."""

    type: Text = "text"
    text: Text = ""


Content = Text | list[TextPart] | None


class Message(Wire):
    """One chat message."""

    role: Text
    content: Content = None


class Prediction(Wire):
    """OpenAI's predicted output."""

    type: Literal["content"] = "content"
    content: Text | list[TextPart]


class StreamOptions(Wire):
    """OpenAI's stream options."""

    include_usage: bool = False


class ChatRequest(Wire):
    """OpenAI's chat completion as Morph, Relace, kortix and aiXapply use it, with one tagged message."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "fastapply",
                    "messages": [
                        {
                            "role": "user",
                            "content": f"<instruction>better pi</instruction>\n<code>{_CODE}</code>\n"
                            f"<update>{_UPDATE}</update>",
                        }
                    ],
                }
            ]
        }
    )

    model: Text = Field("fastapply", description="any name: the server has only one model")
    messages: list[Message] = Field(min_length=1)
    prediction: Prediction | None = Field(None, description="the file itself, if no message has code tags")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = Field(1, description="one answer only")
    path: Path = None
    language: LanguageName = None
    reading: ReadingNumber = 1


class CodeApplyRequest(Wire):
    """The REST call of Morph and Relace; takes either spelling of each field."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"initial_code": _CODE, "edit_snippet": _UPDATE, "instructions": "better pi"}]}
    )

    initial_code: Text = Field(validation_alias=AliasChoices("initial_code", "initialCode"))
    edit_snippet: Text = Field(validation_alias=AliasChoices("edit_snippet", "editSnippet"))
    instruction: Text | None = Field("", validation_alias=AliasChoices("instruction", "instructions"))
    stream: bool | None = False
    path: Path = Field(None, validation_alias=AliasChoices("path", "filePath", "file_path"))
    language: LanguageName = None
    reading: ReadingNumber = 1


class NativeRequest(Wire):
    """Our own call, with the same fields as a line of a task file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"original": _CODE, "update": _UPDATE, "instruction": "better pi", "path": "app.py"}]
        }
    )

    original: Text = Field(description="the whole file, with its own line ends and BOM")
    update: Text = Field(description="a snippet with markers, a whole file, one method, a diff, SEARCH/REPLACE blocks")
    instruction: Text | None = ""
    path: Path = None
    language: LanguageName = None
    id: Text | None = Field(None, description="returned in the result")
    reading: ReadingNumber = 1
    stream: bool | None = Field(False, description="server-sent events: `delta` with settled hunks, then `result`")


class ErrorDetail(BaseModel):
    """An error: `message` is one line for a person, `code` is for programs."""

    message: str
    type: str
    param: str | None = None
    code: str


class ErrorBody(BaseModel):
    """OpenAI's error form. `fastapply` describes a refused doubtful result as its answer would have done."""

    error: ErrorDetail
    fastapply: dict[str, Any] | None = None


class ChatResponse(BaseModel):
    """OpenAI's chat completion. `fastapply` says how far its content can be trusted."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]
    fastapply: dict[str, Any]


class CodeApplyResponse(BaseModel):
    """The merged file, under both spellings of the field."""

    mergedCode: str  # noqa: N815 - the name that Relace and Morph use
    merged_code: str
    usage: dict[str, Any]
    fastapply: dict[str, Any]


def text_of(content: Content) -> str:
    """The text of a message, with its parts joined."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content if part.type == "text")
