"""Run the alignment and the model in a separate process, which the server starts and ends.

In the server's process they would hold the interpreter lock, for a quarter of a second at a time while the model is
imported, and every key typed meanwhile would wait. A separate process can be killed at any time, and the server
survives if it runs out of memory.
"""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from fastapply.applier import Applier
from fastapply.backends.base import Backend, Outcome, Piece, Rewrite
from fastapply.backends.load import load_backend
from fastapply.config import Settings
from fastapply.errors import FastApplyError, ModelError, UsageError
from fastapply.text.lines import SourceText
from fastapply.types import ApplyRequest, ApplyResult, Delta

Say = Callable[[str], None]
StillWanted = Callable[[], None]  # raises when the job is no longer wanted

STOP = None  # sent instead of a job: stop the running one
CHECK_SECONDS = 0.05
PATIENCE_SECONDS = 5.0  # how long to wait for a stopped job to end before killing the process


class Order(NamedTuple):
    """A job for the process: apply an edit, or read ahead, which prefills the head of a file before its edit is known.
    `request.update` is empty then."""

    request: ApplyRequest
    read_ahead: bool = False


class ApplierProcess:
    """An applier in its own process that does one job at a time. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Start the process without waiting until it is ready."""
        self._turn = threading.Lock()
        self._ready = False
        context = get_context("spawn")  # a fork would copy the state of threads in mid-work
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=serve, args=(theirs, settings), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def wait(self, say: Say) -> None:
        """Wait until the model is loaded. Calls `say` before each long step. Raises ModelError."""
        with self._turn:
            self._until_ready(say)

    def steps(self, job: Order, check: StillWanted, say: Say = lambda _: None) -> Generator[Delta | ApplyResult]:
        """The steps of `Applier.stream`; none for reading ahead. Calls `say` with each new phase.

        If `check` raises or the iterator is closed, the job is stopped. It should end within one block; the process is
        killed if it does not end in time.
        """
        while not self._turn.acquire(timeout=CHECK_SECONDS):
            check()
        try:
            self._until_ready(say, check)
            yield from self._answers(job, check, say)
        finally:
            self._turn.release()

    def kill(self) -> None:
        """Kill the process. A caller that waits for an answer gets a ModelError."""
        self._process.kill()

    def _until_ready(self, say: Say, check: StillWanted = lambda: None) -> None:
        while not self._ready:
            if not self._connection.poll(CHECK_SECONDS):
                check()
                continue
            kind, value = self._receive()
            if kind == "say":
                say(value)
            self._ready = kind == "ready"

    def _answers(self, job: Order, check: StillWanted, say: Say) -> Generator[Delta | ApplyResult]:
        self._send(job)
        kind = "say"
        try:
            while kind != "end":
                while not self._connection.poll(CHECK_SECONDS):
                    check()
                kind, value = self._receive()
                check()
                if kind == "say":
                    say(value)
                elif kind == "step":
                    yield value
        except FastApplyError:
            raise
        except BaseException:
            if kind != "end":
                self._stop()
            raise

    def _stop(self) -> None:
        with suppress(FastApplyError):
            self._send(STOP)
            kind = ""
            while kind != "end":
                if not self._connection.poll(PATIENCE_SECONDS):
                    self.kill()
                kind, _ = self._receive()

    def _send(self, job: Order | None) -> None:
        try:
            self._connection.send(job)
        except OSError:
            raise self._ended() from None

    def _receive(self) -> tuple[str, Any]:
        try:
            message: tuple[str, Any] = self._connection.recv()
        except (EOFError, OSError):
            raise self._ended() from None
        if message[0] == "error":
            raise message[1]
        return message

    def _ended(self) -> ModelError:
        self._process.join(1.0)
        return ModelError(f"the model's process has ended (status {self._process.exitcode}); is there enough memory?")


class _Announced:
    """A backend that announces when the model begins to read."""

    def __init__(self, backend: Backend, say: Say) -> None:
        self._backend = backend
        self._say = say

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        self._say("reading")
        yield from self._backend.rewrite(job)


def serve(connection: Connection, settings: Settings) -> None:
    """The main function of the process: load the model, then do jobs until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server handles Ctrl-C
    warnings.simplefilter("ignore")

    def say(sentence: str) -> None:
        connection.send(("say", sentence))

    with suppress(EOFError, OSError):  # the server is gone
        try:
            backend = load_backend(settings, progress=say)
        except UsageError as error:  # from a setting that only the backend can check
            connection.send(("error", ModelError(str(error))))
            return
        except Exception as error:
            connection.send(("error", _ours(error, f"cannot load the model `{settings.model}`")))
            return
        announced = None if backend is None else _Announced(backend, say)
        applier = Applier(announced)
        connection.send(("ready", None))
        while True:
            job: Order | None = connection.recv()
            if job is STOP:  # meant for a job that has already ended
                continue
            try:
                steps = _read_ahead(backend, job.request) if job.read_ahead else applier.stream(job.request)
                _answer(connection, steps)
            except Exception as error:
                connection.send(("error", _ours(error, "the edit failed")))


def _read_ahead(backend: Any, request: ApplyRequest) -> Generator[None]:
    if hasattr(backend, "warm"):
        yield from backend.warm(replace(request, original=SourceText.of(request.original).text))


def _answer(connection: Connection, steps: Generator[Any]) -> None:
    for step in steps:
        if connection.poll():  # nothing but STOP can come now
            connection.recv()
            break
        if step is not None:
            connection.send(("step", step))
    steps.close()  # frees the model's cache
    connection.send(("end", None))


def _ours(error: Exception, what: str) -> FastApplyError:
    """An error that can be sent to the server. Errors of libraries may not be picklable, so ours replace them."""
    if isinstance(error, FastApplyError):
        return error.with_traceback(None)
    first = next(iter(str(error).splitlines()), "")
    return ModelError(f"{what}: {type(error).__name__}: {first}")
