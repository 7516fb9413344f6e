"""The wire formats, field by field. What a client sends beyond them is ignored, as OpenAI-compatible servers do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field


def _unicode(text: str) -> str:
    """JSON can say lone surrogates; no file and no answer can hold them."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"a lone surrogate at character {error.start} is not text") from None
    return text


Text = Annotated[str, AfterValidator(_unicode)]
Path = Annotated[Text | None, Field(description="the file's name or path: tells its language", examples=["app.py"])]
Language = Annotated[Text | None, Field(description="a tree-sitter name, where no path is given", examples=["python"])]

Reading = Annotated[
    int | None,
    Field(
        ge=1,
        description="1: the likeliest; 2, 3, ...: those that a doubtful result lists in `alternatives`. A reading that "
        "is asked for counts as chosen: no model is asked",
    ),
]

_CODE = "def area(r):\n    return 3 * r * r\n\n\ndef name():\n    return 'circle'\n"
_UPDATE = "def area(r):\n    return 3.14159 * r * r\n\n# ... existing code ...\n"


class Wire(BaseModel):
    """What a client sends: 1 is no `true`."""

    model_config = ConfigDict(strict=True)


class TextPart(Wire):
    """One part of a message. Parts that are not text are ignored."""

    type: Text = "text"
    text: Text = ""


Content = Text | list[TextPart] | None


class Message(Wire):
    """One message of a chat."""

    role: Text
    content: Content = None


class Prediction(Wire):
    """OpenAI's predicted output."""

    type: Literal["content"] = "content"
    content: Text | list[TextPart]


class StreamOptions(Wire):
    """OpenAI's options of a stream."""

    include_usage: bool = False


class ChatRequest(Wire):
    """OpenAI's chat completion, as Morph, Relace, kortix and aiXapply use it: one message with tags."""

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

    model: Text = Field("fastapply", description="any name: there is one model")
    messages: list[Message] = Field(min_length=1)
    prediction: Prediction | None = Field(None, description="the file itself, where no message has code tags")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = Field(1, description="one answer only")
    path: Path = None
    language: Language = None
    reading: Reading = 1


class CodeApplyRequest(Wire):
    """Morph's and Relace's REST call; each field in either spelling."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"initial_code": _CODE, "edit_snippet": _UPDATE, "instructions": "better pi"}]}
    )

    initial_code: Text = Field(validation_alias=AliasChoices("initial_code", "initialCode"))
    edit_snippet: Text = Field(validation_alias=AliasChoices("edit_snippet", "editSnippet"))
    instruction: Text | None = Field("", validation_alias=AliasChoices("instruction", "instructions"))
    stream: bool | None = False
    path: Path = Field(None, validation_alias=AliasChoices("path", "filePath", "file_path"))
    language: Language = None
    reading: Reading = 1


class NativeRequest(Wire):
    """Our own call: the same fields as a line of a task file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"original": _CODE, "update": _UPDATE, "instruction": "better pi", "path": "app.py"}]
        }
    )

    original: Text = Field(description="the whole file, with its line ends and BOM")
    update: Text = Field(description="a snippet with markers, a whole file, one method, a diff, SEARCH/REPLACE blocks")
    instruction: Text | None = ""
    path: Path = None
    language: Language = None
    id: Text | None = Field(None, description="comes back in the result")
    reading: Reading = 1
    stream: bool | None = Field(False, description="server-sent events: `delta` with settled hunks, then `result`")


class ErrorDetail(BaseModel):
    """What went wrong, in one line; `code` is for programs."""

    message: str
    type: str
    param: str | None = None
    code: str


class ErrorBody(BaseModel):
    """OpenAI's error form. `fastapply`: of a doubtful result that is refused, what its answer would have said of it."""

    error: ErrorDetail
    fastapply: dict[str, Any] | None = None


class ChatResponse(BaseModel):
    """OpenAI's chat completion; `fastapply` says how far its content can be trusted."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]
    fastapply: dict[str, Any]


class CodeApplyResponse(BaseModel):
    """The merged file in both spellings."""

    mergedCode: str  # noqa: N815 - Relace's and Morph's name
    merged_code: str
    usage: dict[str, Any]
    fastapply: dict[str, Any]


def text_of(content: Content) -> str:
    """The text of a message, its parts joined."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content if part.type == "text")
