"""Settings: defaults, then `config.toml` in the user's configuration folder, then `FASTAPPLY_*` variables.

A front passes what its user said on top. Nothing here is read at import time.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from fastapply.errors import UsageError

EMBEDDED_MODEL = "fastapply-135m"


def config_file() -> Path:
    """Where the user's own settings are read from, whether or not the file exists."""
    return Path(platformdirs.user_config_dir("fastapply")) / "config.toml"


class Settings(BaseSettings):
    """What can be set. Every field is also an environment variable: `FASTAPPLY_MODEL`, `FASTAPPLY_THREADS`, ..."""

    model_config = SettingsConfigDict(env_prefix="FASTAPPLY_", extra="forbid", frozen=True)

    backend: Literal["local", "llamacpp", "openai", "vllm"] = Field(
        "local",
        description="local: in this process; llamacpp: a GGUF file in this process; openai: a server; vllm: vLLM with "
        "the plugin of this package",
    )
    base_url: str | None = Field(None, description="of an OpenAI-compatible server, with its /v1")
    tokenizer: str | None = Field(None, description="where vLLM's model has its tokenizer; None: as `model`")
    parallel_requests: int = Field(16, ge=1, description="how many edits `serve` gives a server at a time")
    token_file: Path | None = Field(None, description="its first line is the key of that server")
    request_seconds: float = Field(60.0, gt=0, description="the longest silence of a server")
    request_attempts: int = Field(4, ge=1, le=10, description="how often a server is asked before giving up")
    prediction: bool = Field(True, description="send a server the expected text, where it takes it")
    model: str = Field(EMBEDDED_MODEL, description="embedded model, a folder, a Hugging Face model id, or a GGUF file")
    adapter: str | None = Field(
        None, description="of the embedded model: a folder, or `none` for its base alone; None: the one that ships"
    )
    template: str | None = Field(None, description="prompt template; None: the one the model was trained with")
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps")
    dtype: Literal["auto", "bfloat16", "float32", "float16"] = "auto"
    drafter: str = Field("merge", description="none, original, two-cursor, merge, suffix, cascade, heads, model")
    draft_model: str | None = Field(
        None, description="of the drafter `model`: layers, layers:0-9,25-29, int8, a folder, or a Hugging Face model id"
    )
    heads: Path | None = Field(None, description="file of the drafter `heads`; None: those that ship, if any")
    guide_strength: float = Field(
        1000.0,
        ge=0,
        description="how much the alignment's candidates weigh against the model, in nats; 0: the model writes freely",
    )
    temperature: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="0: greedy; above: sampled, the same for the same seed"
    )
    top_k: int = Field(0, ge=0, description="sample from so many likeliest tokens; 0: from all")
    top_p: float = Field(1.0, gt=0, le=1, description="sample from the fewest tokens with this probability together")
    seed: int = Field(0, description="of the samples")
    threads: int | None = Field(None, ge=1, description="CPU threads; None: as torch chooses")
    block_tokens: int | None = Field(
        None,
        ge=8,
        le=512,
        multiple_of=8,
        description="of every pass; None: 128 on CUDA, on a CPU what fits (docs/gpu.md)",
    )
    cuda_graphs: bool = Field(True, description="on CUDA, replay passes instead of launching their kernels one by one")
    context_tokens: int = Field(
        8192, ge=256, description="of llama.cpp: file, update and answer together; less takes less memory"
    )
    prefix_megabytes: int = Field(256, ge=0, description="memory for prompts read before, so that they are read once")
    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("fastapply")),
        description="converted weights are kept here",
    )
    state_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_state_dir("fastapply")),
        description="what `fastapply undo` needs is kept here",
    )
    undo_count: int = Field(100, ge=0, description="how many writes can be undone; 0: none")
    undo_megabytes: float = Field(64.0, ge=0, description="how much the contents kept for that may take")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller says beats the environment, which beats the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def load_settings(**overrides: object) -> Settings:
    """Settings with the given values on top; None means: not said.

    Raises:
        UsageError: a value in the file, the environment or `overrides` is not valid.
    """
    said = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**said)  # type: ignore[arg-type]  # pydantic checks the values
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{config_file()} cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"setting `{name}`: {first['msg']} (from {config_file()}, FASTAPPLY_* or an option)") from None
