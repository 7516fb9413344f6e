"""The model of this process: loaded when a rewrite first needs it, or before, in the background.

All but `state` and `forget` belongs to the worker's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.config import Settings
from fastapply.errors import ModelError
from fastapply_lsp.process import ModelProcess, Say
from fastapply_lsp.settings import NO_MODEL


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
    """Holds one model at a time; other settings replace it."""

    def __init__(self) -> None:
        self._process: ModelProcess | None = None
        self._settings: Settings | None = None  # of the process
        self._loading = False
        self._failed: dict[Settings, str] = {}

    def state(self, settings: Settings) -> ModelState:
        """What there is for these settings now. From any thread."""
        if settings.model == NO_MODEL:
            return ModelState(NO_MODEL, State.OFF, "")
        process = self._process
        if process is not None and self._settings == settings and process.alive:
            return ModelState(settings.model, State.LOADING if self._loading else State.READY, "")
        why = self._failed.get(settings)
        return ModelState(settings.model, State.COLD if why is None else State.FAILED, why or "")

    def forget(self, settings: Settings) -> None:
        """A load that failed may be tried again. From any thread."""
        self._failed.pop(settings, None)

    def close(self) -> None:
        """End the model's process, whatever it does. From any thread."""
        process = self._process
        if process is not None:
            process.kill()

    def load(self, settings: Settings, say: Say = lambda _: None) -> ModelProcess:
        """The model; at once if it is loaded. Raises ModelError, and again without a new try: see `forget`."""
        if self._process is not None and self._settings == settings and self._process.alive:
            return self._process
        if settings in self._failed:
            raise ModelError(self._failed[settings])
        self.close()  # there may be no room for two
        say("loading the model")
        process = ModelProcess(settings)
        self._process, self._settings, self._loading = process, settings, True
        try:
            process.wait(say)
        except ModelError as error:
            self._process, self._failed[settings] = None, str(error)
            process.kill()
            raise
        finally:
            self._loading = False
        return process


class HostedBackend:
    """The host's model as a backend of one rewrite, which is checked for cancellation between the steps."""

    def __init__(self, host: ModelHost, settings: Settings, check: Callable[[], None], say: Say) -> None:
        self._host = host
        self._settings = settings
        self._check = check
        self._say = say

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        self._check()
        model = self._host.load(self._settings, self._say)
        self._check()
        self._say("reading")
        yield from model.rewrite(job)
