"""The model of this process: loaded when a rewrite first needs it, or before, in the background.

All but `state` and `forget` belongs to the worker's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapply.backends.base import Candidate, Choice, Outcome, Piece, Rewrite
from fastapply.config import Settings
from fastapply.errors import ModelError
from fastapply.types import ApplyRequest
from fastapply_lsp.settings import NO_MODEL

if TYPE_CHECKING:
    from fastapply.backends.local import LocalBackend

Say = Callable[[str], None]


class State(StrEnum):
    OFF = "off"  # the user wants alignment alone
    COLD = "cold"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"  # alignment alone, until the options change


class ModelState(NamedTuple):
    name: str
    state: State
    detail: str

    def to_json(self) -> dict[str, Any]:
        """`alignmentOnly`: no model has a part in the results, wanted or not."""
        alone = self.state in (State.OFF, State.FAILED)
        return {"name": self.name, "state": self.state.value, "detail": self.detail, "alignmentOnly": alone}


class ModelHost:
    """Holds one loaded model at a time; other settings replace it."""

    def __init__(self) -> None:
        self._loaded: tuple[Settings, LocalBackend] | None = None
        self._loading: Settings | None = None
        self._failed: dict[Settings, str] = {}

    def state(self, settings: Settings) -> ModelState:
        """What there is for these settings now. From any thread."""
        if settings.model == NO_MODEL:
            return ModelState(NO_MODEL, State.OFF, "")
        loaded = self._loaded
        if loaded is not None and loaded[0] == settings:
            return ModelState(settings.model, State.READY, "")
        if self._loading == settings:
            return ModelState(settings.model, State.LOADING, "")
        why = self._failed.get(settings)
        return ModelState(settings.model, State.COLD if why is None else State.FAILED, why or "")

    def forget(self, settings: Settings) -> None:
        """A load that failed may be tried again. From any thread."""
        self._failed.pop(settings, None)

    def load(self, settings: Settings, say: Say = lambda _: None) -> LocalBackend:
        """The model; at once if it is loaded. Raises ModelError, and again without a new try: see `forget`."""
        if self._loaded is not None and self._loaded[0] == settings:
            return self._loaded[1]
        if settings in self._failed:
            raise ModelError(self._failed[settings])
        self._loading, self._loaded = settings, None  # the old one goes first: there may be no room for two
        try:
            say("loading the model")
            backend = _load(settings, say)
            self._loaded = (settings, backend)
        except ModelError as error:
            self._failed[settings] = str(error)
            raise
        finally:
            self._loading = None
        return backend


def _load(settings: Settings, say: Say) -> LocalBackend:
    try:
        from fastapply.backends.local import LocalBackend

        return LocalBackend.load(settings, progress=say)
    except ModelError:
        raise
    except Exception as error:  # of several libraries below; the server must live on
        first = next(iter(str(error).splitlines()), "")
        raise ModelError(f"cannot load the model `{settings.model}`: {type(error).__name__}: {first}") from error


class HostedBackend:
    """The host's model as a backend of one rewrite, which is checked for cancellation between the steps."""

    def __init__(self, host: ModelHost, settings: Settings, check: Callable[[], None], say: Say) -> None:
        self._host = host
        self._settings = settings
        self._check = check
        self._say = say

    def choose(self, request: ApplyRequest, candidates: Sequence[Candidate]) -> Choice:
        model = self._ready("choosing")
        return model.choose(request, candidates)

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        model = self._ready("reading")
        yield from model.rewrite(job)

    def _ready(self, phase: str) -> LocalBackend:
        self._check()
        model = self._host.load(self._settings, self._say)
        self._check()
        self._say(phase)
        return model
