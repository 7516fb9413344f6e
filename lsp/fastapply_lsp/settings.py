"""Options that a client sets by `initializationOptions`, `workspace/configuration` or
`workspace/didChangeConfiguration`.

A wrong value gives a one-line complaint and the default is used; it never makes the server fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from fastapply.backends.drafting import DRAFTERS, check_drafter
from fastapply.config import Settings, load_settings
from fastapply.errors import UsageError
from fastapply.prompt import TEMPLATES, template

SECTION = "fastapply"
_CHOICES: dict[str, tuple[str, ...]] = {"drafter": DRAFTERS, "template": tuple(TEMPLATES)}


class _Options(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class ClientLimits(_Options):
    """Limits for one client."""

    document_bytes: int = Field(default=2_000_000, ge=1, description="longer documents are refused")
    waiting: int = Field(default=64, ge=1, description="rewrites that may wait at one time; more are refused")


class Options(_Options):
    """All options. None means the value from the user's `config.toml`, from `FASTAPPLY_*`, or the default."""

    model: str | None = Field(
        default=None, description="the embedded model's name, a folder, a Hugging Face id, or `none`"
    )
    template: str | None = Field(default=None, description="prompt template")
    mode: Literal["auto", "judge", "write"] | None = Field(
        default=None,
        description="judge: the model chooses among candidates; write: it writes; auto: what it is made for",
    )
    device: str | None = Field(default=None, description="auto, cpu, cuda, cuda:1, mps")
    dtype: Literal["auto", "bfloat16", "float32", "int8", "float16"] | None = None
    drafter: str | None = Field(default=None, description=f"where drafts come from: {', '.join(DRAFTERS)}")
    guide_strength: float | None = Field(
        default=None, ge=0, description="weight of the alignment beside a model that writes, in nats"
    )
    threads: int | None = Field(default=None, ge=1, description="CPU threads")
    cache_dir: Path | None = Field(default=None, description="folder for converted weights")
    backend_url: str | None = Field(
        default=None,
        description="a `fastapply serve`, or any OpenAI-compatible server, instead of a model on this machine",
    )
    token_file: Path | None = Field(default=None, description="file whose first line is the key for `backendUrl`")
    preview: Literal["hunks", "draft", "off"] = Field(
        default="hunks",
        description="`off`: no `fastapply/preview`; `draft`: first the alignment's result, while a model works",
    )
    warm: bool = Field(default=True, description="load the model and read opened or saved documents in the background")
    limits: ClientLimits = Field(default_factory=ClientLimits)

    def settings(self) -> Settings:
        """The settings of the model. Raises UsageError for errors in the user's file or environment."""
        known = {field.name for field in fields(Settings)}
        said = {name: getattr(self, name) for name in Options.model_fields if name in known}
        if self.backend_url is not None:
            said |= {"backend": "openai", "base_url": _with_path(self.backend_url)}
        settings = load_settings(**said)
        check_drafter(settings.drafter)
        if settings.template is not None:
            template(settings.template)
        return settings


def read_options(said: object, before: Options | None = None) -> tuple[Options, list[str]]:
    """The options that a client sent, on top of the previous ones, and one complaint for each wrong value."""
    kept = before or Options()
    if said is None:
        return kept, []
    if not isinstance(said, Mapping):
        return kept, [f"options: an object is wanted, not {type(said).__name__}"]
    inner = said.get(SECTION)
    values: dict[str, Any] = {**kept.model_dump(by_alias=True), **(inner if isinstance(inner, Mapping) else said)}
    values.pop("trace", None)  # VS Code keeps its own setting of that name in the same section
    complaints: list[str] = []
    for _ in range(2):  # the second try succeeds without the wrong values
        try:
            options = Options.model_validate(values)
        except ValidationError as error:
            complaints += [_complaint(detail) for detail in error.errors()]
            for detail in error.errors():
                values.pop(str(detail["loc"][0]), None)
        else:
            return _checked(options, complaints)
    return kept, complaints


def _checked(options: Options, complaints: list[str]) -> tuple[Options, list[str]]:
    """Check what the schema cannot."""
    wrong = set()
    if options.backend_url is not None and not options.backend_url.startswith(("http://", "https://")):
        wrong.add("backend_url")
        complaints.append("option `backendUrl`: a URL is wanted, such as http://127.0.0.1:8331; the model runs here")
    for name, known in _CHOICES.items():
        value = getattr(options, name)
        if value is not None and value not in known:
            wrong.add(name)
            complaints.append(f"option `{name}`: unknown `{value}`; there are: {', '.join(known)}")
        elif name == "drafter" and value is not None:
            try:
                check_drafter(value)
            except UsageError as error:  # the drafter's package is missing
                wrong.add(name)
                complaints.append(f"option `{name}`: {error}")
    return options.model_copy(update=dict.fromkeys(wrong)), complaints


def _with_path(url: str) -> str:
    """The URL, with /v1 added if it has no path."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/v1"


def _complaint(detail: Any) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"option `{name}`: there is no such option"
    return f"option `{name}`: {detail['msg']}; the default is used"


def schema() -> dict[str, Any]:
    """The JSON schema of the options."""
    return {"title": "fastapply language server options", **Options.model_json_schema(by_alias=True)}
