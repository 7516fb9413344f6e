"""The applier of this server: started, and its model loaded, when a rewrite first needs it, or before.

All but `state` and `forget` belongs to the worker's thread.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from fastapply.config import Settings
from fastapply.errors import ModelError
from fastapply_lsp.process import ApplierProcess, Say
from fastapply_lsp.settings import NO_MODEL

ALONE = Settings(model=NO_MODEL)  # alignment alone


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
        self._process: ApplierProcess | None = None
        self._settings: Settings | None = None  # of the process
        self._loading = False
        self._closed = False
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
        """End the process, whatever it does; there will be no other. From any thread."""
        self._closed = True
        self._kill()

    def load(self, settings: Settings, say: Say = lambda _: None) -> ApplierProcess:
        """The applier with its model; at once if it is loaded. One whose model cannot be loaded is one without: `state`
        tells why, and there is no new try until `forget`."""
        wanted = ALONE if settings.model == NO_MODEL or settings in self._failed else settings
        try:
            return self._start(wanted, say)
        except ModelError as error:
            if wanted is ALONE:
                raise
            self._failed[settings] = str(error)
            return self._start(ALONE, say)

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def _start(self, settings: Settings, say: Say) -> ApplierProcess:
        if self._process is not None and self._settings == settings and self._process.alive:
            return self._process
        self._kill()  # there may be no room for two
        if settings is not ALONE:
            say("loading the model")
        if self._closed:
            raise ModelError("the server is ending")
        process = ApplierProcess(settings)
        self._process, self._settings, self._loading = process, settings, True
        try:
            process.wait(say)
        except ModelError:
            self._process = None
            process.kill()
            raise
        finally:
            self._loading = False
        return process
