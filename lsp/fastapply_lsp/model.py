"""What all clients of one server share: the appliers with and without a model, and the threads that wait for them.

An applier is started and its model loaded when a rewrite needs it, or ahead of time.
"""

from __future__ import annotations

import threading
from enum import StrEnum
from itertools import count
from typing import Any, NamedTuple

from fastapply.config import NO_MODEL, Settings
from fastapply.errors import ModelError
from fastapply_lsp.process import ApplierProcess, Say
from fastapply_lsp.worker import Worker

ALONE = Settings(model=NO_MODEL)  # alignment alone


class LoadState(StrEnum):
    OFF = "off"  # the user wants alignment alone
    COLD = "cold"  # not loaded yet
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"  # alignment alone until the options change


class ModelState(NamedTuple):
    name: str
    state: LoadState
    detail: str

    def to_json(self) -> dict[str, Any]:
        """The state as JSON. `alignmentOnly`: results do not involve a model, whether or not that is intended."""
        alone = self.state in (LoadState.OFF, LoadState.FAILED)
        return {"name": self.name, "state": self.state.value, "detail": self.detail, "alignmentOnly": alone}


class ModelHost:
    """Holds an applier without a model, and at most one with a model. Loading other settings replaces the latter.

    Only the worker's thread may call `load`; the other methods are thread-safe.
    """

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._aligner: ApplierProcess | None = None
        self._process: ApplierProcess | None = None  # with a model
        self._settings: Settings | None = None  # the settings of `_process`
        self._loading = False
        self._closed = False
        self._failed: dict[Settings, str] = {}

    def state(self, settings: Settings) -> ModelState:
        """The state of the model for these settings."""
        if settings.model == NO_MODEL:
            return ModelState(NO_MODEL, LoadState.OFF, "")
        process = self._process
        if process is not None and self._settings == settings and process.alive:
            return ModelState(settings.model, LoadState.LOADING if self._loading else LoadState.READY, "")
        why = self._failed.get(settings)
        return ModelState(settings.model, LoadState.COLD if why is None else LoadState.FAILED, why or "")

    def forget(self, settings: Settings) -> None:
        """Allow another try after a failed load."""
        self._failed.pop(settings, None)

    def close(self) -> None:
        """Kill the processes, and refuse to start others."""
        self._closed = True
        for process in (self._aligner, self._process):
            if process is not None:
                process.kill()

    def aligner(self) -> ApplierProcess:
        """The applier without a model; it may still be starting."""
        with self._starting:
            if self._aligner is None or not self._aligner.alive:
                self._aligner = self._make(ALONE)
            return self._aligner

    def load(self, settings: Settings, say: Say = lambda _: None) -> ApplierProcess:
        """The applier with its model, which is loaded first if necessary. If loading fails, returns the applier without
        a model: `state` has the reason, and there is no new try until `forget`."""
        if settings.model == NO_MODEL or settings in self._failed:
            return self.aligner()
        try:
            return self._with_model(settings, say)
        except ModelError as error:
            self._failed[settings] = str(error)
            return self.aligner()

    def _with_model(self, settings: Settings, say: Say) -> ApplierProcess:
        if self._process is not None:
            if self._settings == settings and self._process.alive:
                return self._process
            self._process.kill()  # there may not be enough memory for two
        say("loading the model")
        process = self._process = self._make(settings)
        self._settings, self._loading = settings, True
        try:
            process.wait(say)
        except ModelError:
            self._process = None
            process.kill()
            raise
        finally:
            self._loading = False
        return process

    def _make(self, settings: Settings) -> ApplierProcess:
        if self._closed:
            raise ModelError("the server is ending")
        return ApplierProcess(settings)


class ModelService:
    """`worker` runs rewrites. `drafter` runs the alignment alone, for rewrites that wait for a model."""

    def __init__(self) -> None:
        self.worker = Worker()
        self.drafter = Worker()
        self.host = ModelHost()
        self.client_numbers = count(1)

    def stop(self, seconds: float) -> bool:
        """End all work. Returns whether all threads ended in time."""
        self.host.close()
        ended = [worker.stop(seconds) for worker in (self.worker, self.drafter)]
        return all(ended)
