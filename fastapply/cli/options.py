"""Options that several commands share, and the settings and the applier that follow from them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastapply.applier import Applier
from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.faults import model_errors
from fastapply.config import EMBEDDED_MODEL, Settings, load_settings
from fastapply.engine.drafts import COMPUTED, DRAFTERS
from fastapply.errors import UsageError
from fastapply.prompt import TEMPLATES

if TYPE_CHECKING:
    from fastapply.backends.local import LocalBackend

NO_MODEL = "none"

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="M",
        help="The embedded model (default), a folder, a Hugging Face id, a GGUF file, or `none`: alignment alone.",
        rich_help_panel="Model",
    ),
]
Adapter = Annotated[
    str | None,
    typer.Option(
        "--adapter",
        metavar="DIR",
        help="Of the embedded model: a folder that `train` wrote, or `none`; default: the one that ships.",
        rich_help_panel="Model",
    ),
]
Backend = Annotated[
    str | None,
    typer.Option(
        "--backend",
        metavar="B",
        help="local (default), llamacpp: a GGUF file by llama.cpp, openai: any OpenAI-compatible server, or vllm: vLLM "
        "with our plugin.",
        rich_help_panel="Model",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="The server of another backend; its key comes from FASTAPPLY_API_KEY or OPENAI_API_KEY.",
        rich_help_panel="Model",
    ),
]
Template = Annotated[
    str | None,
    typer.Option("--template", metavar="T", help=f"Prompt template: {', '.join(TEMPLATES)}.", rich_help_panel="Model"),
]
Drafter = Annotated[
    str | None,
    typer.Option(
        "--drafter",
        metavar="D",
        help=f"Where drafts come from: {', '.join(DRAFTERS)}. Changes the speed, never the result.",
        rich_help_panel="Model",
    ),
]
DraftModel = Annotated[
    str | None,
    typer.Option(
        "--draft-model",
        metavar="M",
        help="What the drafter `model` drafts with (and `cascade` at its end): layers (some of the model's own, or for "
        "example layers:0-9,25-29), int8 (the model in 8 bits), a folder, or a Hugging Face id with the same "
        "vocabulary.",
        rich_help_panel="Model",
    ),
]
Heads = Annotated[
    Path | None,
    typer.Option(
        "--heads",
        metavar="FILE",
        help="What the drafter `heads` drafts with (and `cascade` after the sources): a file of `fastapply train "
        "--heads`.",
        rich_help_panel="Model",
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        "--temperature",
        metavar="T",
        help="0: always the likeliest token (default). Above: sampled, and the same for the same seed whoever drafts.",
        rich_help_panel="Sampling",
    ),
]
TopK = Annotated[
    int | None,
    typer.Option(
        "--top-k", metavar="N", help="Sample from the N likeliest tokens; 0: from all.", rich_help_panel="Sampling"
    ),
]
TopP = Annotated[
    float | None,
    typer.Option(
        "--top-p",
        metavar="P",
        help="Sample from the fewest tokens that have the probability P together.",
        rich_help_panel="Sampling",
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Of the samples.", rich_help_panel="Sampling")]
Device = Annotated[
    str | None, typer.Option("--device", metavar="D", help="auto, cpu, cuda, cuda:1, mps.", rich_help_panel="Model")
]
Dtype = Annotated[
    str | None,
    typer.Option("--dtype", metavar="D", help="auto, bfloat16, float32, float16.", rich_help_panel="Model"),
]
CacheDir = Annotated[
    Path | None,
    typer.Option("--cache-dir", metavar="DIR", help="Where converted weights are kept.", rich_help_panel="Model"),
]


def make_settings(
    model: str | None = None,
    template: str | None = None,
    drafter: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    cache_dir: Path | None = None,
    *,
    adapter: str | None = None,
    backend: str | None = None,
    base_url: str | None = None,
    **others: object,
) -> Settings:
    """What the options say, on top of file and environment; names are checked before anything is loaded.

    Args:
        others: more settings by name; None: not said.

    Raises:
        UsageError: a name or a value is not known.
    """
    settings = load_settings(
        model=model,
        template=template,
        drafter=drafter,
        device=device,
        dtype=dtype,
        cache_dir=cache_dir,
        adapter=adapter,
        backend=backend,
        base_url=base_url,
        **others,
    )
    _known("drafter", settings.drafter, DRAFTERS)
    if settings.template is not None:
        _known("template", settings.template, tuple(TEMPLATES))
    if adapter is not None and settings.model != EMBEDDED_MODEL:
        raise UsageError("--adapter is for the embedded model; a folder of another holds its own weights")
    _check_server(settings)
    for option, drafters in (("draft_model", ("model", "cascade")), ("heads", ("heads", "cascade"))):
        if others.get(option) is not None and settings.drafter not in drafters:
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
        raise UsageError("--temperature needs --backend local: others are asked for their likeliest token")
    if settings.drafter in COMPUTED:
        raise UsageError(f"--drafter {settings.drafter} needs --backend local")
    if settings.backend == "llamacpp" and settings.model == EMBEDDED_MODEL:
        raise UsageError("--backend llamacpp needs --model FILE.gguf")
    if not here and settings.base_url is None:
        raise UsageError(f"--backend {settings.backend} needs --base-url, for example http://127.0.0.1:8000/v1")
    if settings.backend == "openai" and settings.model == EMBEDDED_MODEL:
        raise UsageError("--backend openai needs --model: the name that the server knows")


def _known(what: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise UsageError(f"unknown {what} `{name}`; there are: {', '.join(names)}")


def needs(*modules: str, extra: str) -> None:
    """Raises UsageError where a package of an extra is missing."""
    if not all(importlib.util.find_spec(module) for module in modules):
        raise UsageError(f"this needs more packages: pip install 'fastapply[{extra}]'")


class LazyBackend:
    """The local backend, loaded when it is first needed: a diff that fits, or an update that does not, needs none."""

    def __init__(self, settings: Settings, say: Callable[[str], None], phase: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._phase = phase
        self.loaded: LocalBackend | None = None

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        model = self.load()
        self._phase("reading")
        yield from model.rewrite(job)

    def prepare(self) -> None:
        """Load it before it is needed. Raises ModelError."""
        self.load()

    def load(self) -> LocalBackend:
        """Raises ModelError."""
        if self.loaded is None:
            self._phase("loading the model")
            with model_errors():
                from fastapply.backends.local import LocalBackend

                self.loaded = LocalBackend.load(self._settings, progress=self._say)
        return self.loaded


def make_applier(
    settings: Settings, say: Callable[[str], None], phase: Callable[[str], None] = lambda _: None
) -> tuple[Applier, LazyBackend | None]:
    """`say` is called with a sentence before each long step that is taken once, `phase` with what goes on."""
    if settings.model == NO_MODEL:
        return Applier(None), None
    if settings.backend == "openai":
        from fastapply.backends.openai import OpenAIBackend

        return Applier(OpenAIBackend.of(settings)), None
    if settings.backend == "vllm":
        from fastapply.backends.vllm import VllmBackend

        return Applier(VllmBackend.of(settings, progress=say)), None
    if settings.backend == "llamacpp":
        needs("llama_cpp", extra="llamacpp")
        from fastapply.backends.llamacpp import LlamaCppBackend

        return Applier(LlamaCppBackend(settings)), None
    backend = LazyBackend(settings, say, phase)
    return Applier(backend), backend
