"""The options of commands, declared once and passed as one object, and the settings and applier made from them.

A command takes a dataclass of options as a parameter; `spread` shows Typer one option for each of its fields.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from fastapply.backends.drafting import COMPARED, COMPUTED, check_drafter
from fastapply.backends.load import load_backend, load_local
from fastapply.cli.output import Format
from fastapply.config import EMBEDDED_MODEL, NO_MODEL, Settings, load_settings
from fastapply.engine.drafts import SOURCED
from fastapply.errors import UsageError
from fastapply.prompt import TEMPLATES, chosen_template, writes

if TYPE_CHECKING:
    from fastapply.applier import Applier
    from fastapply.backends.base import Outcome, Piece, Rewrite
    from fastapply.backends.local import LocalBackend


_of_model: Any = partial(typer.Option, rich_help_panel="Model")
_of_sampling: Any = partial(typer.Option, rich_help_panel="Sampling")

Model = Annotated[
    str | None,
    _of_model(
        "--model",
        metavar="M",
        help="fastapply-135m, the embedded model (default); a folder; a Hugging Face id; a GGUF file; or `none`: "
        "alignment alone.",
    ),
]
Adapter = Annotated[
    str | None,
    _of_model(
        "--adapter",
        metavar="DIR",
        help="The embedded model's adapter: a folder that `train` wrote, or `none`. Default: the one that ships.",
    ),
]
Template = Annotated[str | None, _of_model("--template", metavar="T", help=f"Prompt template: {', '.join(TEMPLATES)}.")]
Dtype = Annotated[
    str | None,
    _of_model("--dtype", metavar="D", help="auto, bfloat16, float32, float16, or int8 with exact sums (on a CPU)."),
]
CacheDir = Annotated[Path | None, _of_model("--cache-dir", metavar="DIR", help="Where converted weights are kept.")]


class SettingOptions:
    """Base of dataclasses with options. Fields are named after their settings; None means not given."""

    def settings(self, **more: Any) -> Settings:
        """The settings with these options, and `more`, on top. Raises UsageError."""
        known = {setting.name for setting in dataclasses.fields(Settings)}
        names = [field.name for field in dataclasses.fields(self) if field.name in known]  # type: ignore[arg-type]
        return make_settings(**{name: getattr(self, name) for name in names}, **more)


@dataclass(frozen=True)
class DeviceOptions(SettingOptions):
    """Which model to use in this process, and what it runs on."""

    model: Model = None
    device: Annotated[str | None, _of_model("--device", metavar="D", help="auto, cpu, cuda, cuda:1, mps.")] = None
    dtype: Dtype = None
    cache_dir: CacheDir = None


@dataclass(frozen=True)
class LocalOptions(DeviceOptions):
    """The same, and how the model is asked."""

    template: Template = None


@dataclass(frozen=True)
class BackendOptions(LocalOptions):
    """Which model to use, here or on a server, and where its drafts come from."""

    backend: Annotated[
        str | None,
        _of_model(
            "--backend",
            metavar="B",
            help="local (default): in this process; llamacpp: a GGUF file, run by llama.cpp; openai: any "
            "OpenAI-compatible server; vllm: a vLLM server.",
        ),
    ] = None
    base_url: Annotated[
        str | None,
        _of_model(
            "--base-url",
            metavar="URL",
            help="The server for --backend openai or vllm; its key comes from FASTAPPLY_API_KEY or OPENAI_API_KEY.",
        ),
    ] = None
    drafter: Annotated[
        str | None,
        _of_model(
            "--drafter",
            metavar="D",
            help=f"Where drafts come from: {', '.join((*SOURCED, *COMPUTED))}; with the laboratory installed also "
            f"{', '.join(COMPARED)}. Changes the speed, never the result.",
        ),
    ] = None


@dataclass(frozen=True)
class ModelOptions(BackendOptions):
    """The same, and what it does."""

    mode: Annotated[
        str | None,
        _of_model(
            "--mode",
            metavar="M",
            help="What the model does. judge: it chooses among the alignment's candidates; write: it writes the file, "
            "and the alignment's candidate is a bonus on its tokens; auto (default): what the model was made for, and "
            "the embedded one judges, only if the alignment is in doubt. Options about the model imply that it is "
            "asked always.",
        ),
    ] = None


@dataclass(frozen=True)
class GuessOptions(SettingOptions):
    """What the drafters that run models need."""

    draft_model: Annotated[
        str | None,
        _of_model(
            "--draft-model",
            metavar="M",
            help="The model behind the drafter `model` (and the last stage of `cascade`): layers (some of the model's "
            "own layers; or, for example, layers:0-9,25-29), int8 (the model in 8 bits), or a folder or Hugging Face "
            "id of a model with the same vocabulary; with llamacpp a GGUF file.",
        ),
    ] = None
    heads: Annotated[
        Path | None,
        _of_model(
            "--heads",
            metavar="FILE",
            help="The prediction heads of the drafter `heads` (and of `cascade`): a file that `fastapply train "
            "--heads` wrote.",
        ),
    ] = None


@dataclass(frozen=True)
class SamplingOptions(SettingOptions):
    """How the model chooses tokens."""

    temperature: Annotated[
        float | None,
        _of_sampling(
            "--temperature",
            metavar="T",
            help="0 (default): always the likeliest token. Above 0: sampled; the same seed gives the same result.",
        ),
    ] = None
    top_k: Annotated[
        int | None, _of_sampling("--top-k", metavar="N", help="Sample from the N likeliest tokens; 0: from all.")
    ] = None
    top_p: Annotated[
        float | None,
        _of_sampling(
            "--top-p",
            metavar="P",
            help="Sample from the smallest set of likeliest tokens whose total probability is at least P.",
        ),
    ] = None
    seed: Annotated[int | None, _of_sampling("--seed", metavar="N", help="Seed of the samples.")] = None


@dataclass(frozen=True)
class ApplyOptions(SamplingOptions, GuessOptions, ModelOptions):
    """The options of `apply` about the request, except for its file and its update. `form` None means a preview on a
    terminal and the diff elsewhere."""

    instruction: Annotated[
        str, typer.Option("--instruction", "-i", metavar="T", help="One sentence that says what the edit does.")
    ] = ""
    write: Annotated[
        bool,
        typer.Option("--write", "-w", help="Write the file if nothing is in doubt; on a terminal, ask about doubts."),
    ] = False
    force: Annotated[
        bool, typer.Option("--force", help="Take the edit even if it needs review: write it, or print its diff.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Never ask: write if nothing is in doubt, else do not.")] = (
        False
    )
    reading: Annotated[
        int,
        typer.Option("--reading", metavar="N", min=1, help="Take the N-th reading of a doubtful edit; needs no model."),
    ] = 1
    create: Annotated[bool, typer.Option("--create", help="Create FILE from the edit if it does not exist.")] = False
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="For programs: a diff for `git apply` (for a doubtful edit only with --force), the whole new text, or "
            "JSON. Default: a preview on a terminal, elsewhere the diff.",
            show_default=False,
        ),
    ] = None
    plain: Annotated[bool, _of_model("--plain", help="Decode one token at a time: slower, same result.")] = False

    def settings(self, **more: Any) -> Settings:
        """Raises UsageError."""
        if not self.plain:
            return super().settings(**more)
        if self.drafter not in (None, "none"):
            raise UsageError("--plain and --drafter contradict each other: give one of them")
        return dataclasses.replace(self, plain=False, drafter="none").settings(**more)


def spread(command: Callable[..., int]) -> Callable[..., int]:
    """`command` as Typer needs it: a parameter that is a dataclass of options becomes one option for each field."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {}
    shown: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if not dataclasses.is_dataclass(kind):
            shown.append(parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=kind))
            continue
        groups[name] = kind
        types = get_type_hints(kind, include_extras=True)
        shown += [
            inspect.Parameter(field.name, parameter.KEYWORD_ONLY, default=field.default, annotation=types[field.name])
            for field in dataclasses.fields(kind)
        ]

    @wraps(command)
    def called(**given: Any) -> int:
        for name, kind in groups.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in dataclasses.fields(kind)})
        return command(**given)

    called.__signature__ = inspect.Signature(shown, return_annotation=int)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return called


_OF_THE_MODEL = frozenset(
    ("model", "template", "adapter", "drafter", "draft_model", "heads", "device", "dtype", "cache_dir")
)
_OF_SAMPLING = tuple(option.name for option in dataclasses.fields(SamplingOptions))


def make_settings(**said: Any) -> Settings:
    """The settings from options, on top of file and environment. Names are checked before anything is loaded.

    Args:
        said: settings by name; None means not given.

    Raises:
        UsageError: a name or a value is not valid, or options contradict each other.
    """
    settings = load_settings(**said)
    check_drafter(settings.drafter)
    asked = chosen_template(settings)
    wanted = said.get("mode") is None and any(said.get(name) is not None for name in _OF_THE_MODEL)
    if settings.only_in_doubt and wanted:
        settings = dataclasses.replace(settings, mode="judge")  # options about the model imply that it is wanted
    sampled = [name for name in _OF_SAMPLING if said.get(name) is not None]
    if sampled and (settings.model == NO_MODEL or not writes(settings, asked)):
        option = sampled[0].replace("_", "-")
        raise UsageError(f"--{option} means nothing where no model writes: give --mode write, or leave it out")
    if said.get("adapter") is not None and settings.model != EMBEDDED_MODEL:
        raise UsageError("--adapter is for the embedded model; another model has its weights in its own folder")
    _check_server(settings)
    for option, drafters in (("draft_model", ("model", "cascade")), ("heads", ("heads", "cascade"))):
        if said.get(option) is not None and settings.drafter not in drafters:
            names = " or ".join(drafters)
            raise UsageError(f"--{option.replace('_', '-')} needs --drafter {names}, not {settings.drafter}")
    return settings


def _check_server(settings: Settings) -> None:
    here = settings.backend in ("local", "llamacpp")
    if here and settings.base_url is not None:
        raise UsageError("--base-url needs --backend openai or vllm")
    if settings.backend == "local":
        return
    if settings.temperature > 0:
        raise UsageError("--temperature needs --backend local: other backends always take the likeliest token")
    if settings.drafter in COMPUTED:
        raise UsageError(f"--drafter {settings.drafter} needs --backend local")
    if settings.backend == "llamacpp" and settings.model == EMBEDDED_MODEL:
        raise UsageError("--backend llamacpp needs --model FILE.gguf")
    if not here and settings.base_url is None:
        raise UsageError(f"--backend {settings.backend} needs --base-url, for example http://127.0.0.1:8000/v1")
    if settings.backend == "openai" and settings.model == EMBEDDED_MODEL:
        raise UsageError("--backend openai needs --model: the name that the server knows")


class LazyBackend:
    """The local backend, loaded on first use. A diff that fits needs no model, nor does an update that is rejected."""

    def __init__(self, settings: Settings, say: Callable[[str], None], phase: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._phase = phase
        self.loaded: LocalBackend | None = None

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        model = self.load()
        self._phase("reading")
        yield from model.rewrite(job)

    def load(self) -> LocalBackend:
        """Raises ModelError."""
        if self.loaded is None:
            self._phase("loading the model")
            self.loaded = load_local(self._settings, progress=self._say)
        return self.loaded


def make_applier(
    settings: Settings, say: Callable[[str], None], phase: Callable[[str], None] = lambda _: None
) -> tuple[Applier, LazyBackend | None]:
    """An applier for the settings, and its lazy backend, if it has one.

    Args:
        say: called with a sentence before each long one-time step.
        phase: called with the name of each new phase of a rewrite.
    """
    from fastapply.applier import Applier

    if settings.model == NO_MODEL or settings.backend != "local":
        return Applier(load_backend(settings, progress=say)), None
    backend = LazyBackend(settings, say, phase)
    return Applier(backend, only_in_doubt=settings.only_in_doubt), backend
