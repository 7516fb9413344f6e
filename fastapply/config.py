"""Settings: defaults, then `config.toml` in the user's configuration folder, then `FASTAPPLY_*` variables.

A front adds its user's options on top. Nothing is read at import time. Values are checked without a library, because
the usual ones take longer to import than a small edit takes.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import platformdirs

from fastapply.errors import UsageError

EMBEDDED_MODEL = "fastapply-135m"
NO_MODEL = "none"  # alignment alone
_PREFIX = "FASTAPPLY_"
_BOOLEANS = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), False),
}
_ACCEPTED: dict[Any, tuple[type, ...]] = {
    bool: (bool, int, str),
    int: (int, float, str),
    float: (int, float, str),
    str: (str,),
    Path: (str, Path),
}


def config_file() -> Path:
    """The path of the user's settings file, which may not exist."""
    return Path(platformdirs.user_config_dir("fastapply")) / "config.toml"


def _limited(default: object, wanted: str, allows: Callable[[Any], bool]) -> Any:
    """A setting with limits. `wanted` describes them in error messages."""
    return field(default=default, metadata={"wanted": wanted, "allows": allows})


def _at_least(least: float, default: object) -> Any:
    return _limited(default, f"at least {least}", lambda value: value >= least)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings. Each field is also an environment variable: `FASTAPPLY_MODEL`, `FASTAPPLY_THREADS`, ...

    `load_settings` reads and checks them. `Settings()` has the defaults.
    """

    # local: in this process; llamacpp: a GGUF file in this process; openai: a server; vllm: vLLM with our plugin
    backend: Literal["local", "llamacpp", "openai", "vllm"] = "local"
    base_url: str | None = None  # address of an OpenAI-compatible server, including /v1
    tokenizer: str | None = None  # folder or id of the tokenizer for vLLM; None: the same as `model`
    parallel_requests: int = _at_least(1, 16)  # how many edits `serve` sends to such a server at a time
    token_file: Path | None = None  # the first line is the key of that server
    # the longest silence to accept from that server
    request_seconds: float = _limited(60.0, "more than 0", lambda value: value > 0)
    # how often to try a request before giving up
    request_attempts: int = _limited(4, "1 to 10", lambda value: 1 <= value <= 10)
    prediction: bool = True  # send the expected text to a server that accepts it
    model: str = EMBEDDED_MODEL  # embedded model, a folder, a Hugging Face model id, or a GGUF file
    # the embedded model's adapter: a folder, or `none` for the base alone; None: the one that ships
    adapter: str | None = None
    template: str | None = None  # prompt template; None: the one that the model was trained with
    # judge: the model chooses among the alignment's candidates; write: it writes; auto: what the model was made for
    # (`prompt.writes`), and the embedded one only in doubt
    mode: Literal["auto", "judge", "write"] = "auto"
    device: str = "auto"  # auto, cpu, cuda, cuda:1, mps
    # auto: bfloat16 where the hardware has it, else float32; int8: exact sums, on a CPU (docs/speed.md)
    dtype: Literal["auto", "bfloat16", "float32", "int8", "float16"] = "auto"
    drafter: str = "merge"  # none, merge, suffix, heads or model; the laboratory adds others
    # for the drafter `model`: layers, layers:0-9,25-29, int8, a folder, or a Hugging Face model id
    draft_model: str | None = None
    heads: Path | None = None  # file for the drafter `heads`; None: those that ship, if any
    # how much the alignment's candidate weighs against a model that writes, in nats a token; 0: it writes freely;
    # None: `WRITING` of `engine/guide`. A number implies the mode `write`
    guide_strength: float | None = _at_least(0, None)
    # 0: greedy; above 0: sampled, with the same result for the same seed
    temperature: float = _limited(0.0, "at least 0, and finite", lambda value: 0 <= value < math.inf)
    top_k: int = _at_least(0, 0)  # sample from this many likeliest tokens; 0: from all
    # sample from the smallest set of likeliest tokens with at least this total probability
    top_p: float = _limited(1.0, "more than 0, at most 1", lambda value: 0 < value <= 1)
    seed: int = 0  # seed of the samples
    threads: int | None = _at_least(1, None)  # CPU threads; None: as torch chooses
    # tokens in every pass; None: 128 on CUDA, on a CPU the smallest block that fits (docs/gpu.md)
    block_tokens: int | None = _limited(
        None, "a multiple of 8 from 8 to 512", lambda value: 8 <= value <= 512 and value % 8 == 0
    )
    cuda_graphs: bool = True  # on CUDA, replay passes instead of launching their kernels one by one
    # context of llama.cpp, for file, update and answer together; less needs less memory
    context_tokens: int = _at_least(256, 8192)
    prefix_megabytes: int = _at_least(0, 256)  # memory for the prefix cache
    # folder for converted weights
    cache_dir: Path = field(default_factory=lambda: Path(platformdirs.user_cache_dir("fastapply")))
    # folder for what `fastapply undo` needs
    state_dir: Path = field(default_factory=lambda: Path(platformdirs.user_state_dir("fastapply")))
    undo_count: int = _at_least(0, 100)  # how many writes can be undone; 0: none
    undo_megabytes: float = _at_least(0, 64.0)  # the most disk space for undo

    @property
    def only_in_doubt(self) -> bool:
        """Whether to use the model only if the alignment is in doubt."""
        return self.mode == "auto" and self.backend == "local" and self.model == EMBEDDED_MODEL


def load_settings(**overrides: object) -> Settings:
    """Settings with the given values on top; None means not given.

    Raises:
        UsageError: a value in the file, the environment or `overrides` is not valid.
    """
    said = {name: value for name, value in overrides.items() if value is not None}
    return Settings(**_checked({**_from_file(), **_from_environment(os.environ), **said}))


def _from_file() -> dict[str, object]:
    file = config_file()
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None


def _from_environment(variables: Mapping[str, str]) -> dict[str, object]:
    values = {name.upper(): value for name, value in variables.items()}
    names = {setting.name: _PREFIX + setting.name.upper() for setting in fields(Settings)}
    return {name: values[variable] for name, variable in names.items() if variable in values}


def _checked(values: Mapping[str, object]) -> dict[str, Any]:
    """`values`, converted to the types of the settings. Raises UsageError for the first one that is not valid."""
    known = {setting.name: setting for setting in fields(Settings)}
    types = get_type_hints(Settings)
    checked = {}
    for name, value in values.items():
        if name not in known:
            raise _wrong(name, "there is no such setting")
        kind = next((part for part in get_args(types[name]) if isinstance(part, type)), types[name])
        limits = known[name].metadata
        try:
            checked[name] = _converted(kind, value)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise _wrong(name, f"{_wanted(kind)} is wanted, not {value!r}") from None
        if limits and not limits["allows"](checked[name]):
            raise _wrong(name, f"{limits['wanted']} is wanted, not {value!r}")
    return checked


def _converted(kind: Any, value: object) -> object:
    """`value`, converted to the type `kind`. Text is accepted, since variables and options give everything as text.

    Raises KeyError, TypeError, ValueError or OverflowError for an invalid value.
    """
    if get_origin(kind) is Literal:
        return {name: name for name in get_args(kind)}[value]
    if not isinstance(value, _ACCEPTED[kind]) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(value)
    if kind is int and isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return _BOOLEANS[str(value).lower()] if kind is bool else kind(value)


def _wanted(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    return {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}[kind]


def _wrong(name: str, why: str) -> UsageError:
    return UsageError(f"setting `{name}`: {why} (from {config_file()}, {_PREFIX}* or an option)")
