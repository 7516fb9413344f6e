"""The model in a process of its own, which the server starts and ends.

In the server's process, importing and loading it would stop the interpreter for a quarter of a second at a time, and
every key typed meanwhile would wait. Here it also ends with a kill, and when memory runs out the server lives on.
"""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from fastapply.backends.base import Backend, Outcome, Piece, Rewrite
from fastapply.config import Settings
from fastapply.errors import FastApplyError, ModelError, UsageError
from fastapply.types import ApplyRequest

Say = Callable[[str], None]
Job = Rewrite | ApplyRequest  # the latter: read the head of a file whose edit is not known yet
STOP = None  # sent in place of a job: the one that runs is not wanted any more
PATIENCE_SECONDS = 10.0  # for the end of a block; a server that answers no more is not waited for longer


class ModelProcess:
    """A backend. Its methods belong to one thread, but for `kill`."""

    def __init__(self, settings: Settings) -> None:
        """Starts the process; `wait` for it before anything else."""
        context = get_context("spawn")  # a fork would copy the server's threads in the middle of what they do
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=serve, args=(theirs, settings), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def wait(self, say: Say) -> None:
        """Until the model is loaded; `say` hears of long steps. Raises ModelError."""
        while (message := self._receive())[0] == "say":
            say(message[1])

    def rewrite(self, job: Rewrite) -> Generator[Piece | Outcome]:
        """Closing it stops the process's work within one block, and waits for that."""
        yield from self._steps(job)

    def warm(self, request: ApplyRequest) -> Generator[None]:
        """The head of an LF text is read ahead; closing it as with `rewrite`."""
        yield from self._steps(request)

    def _steps(self, job: Job) -> Generator[Any]:
        self._send(job)
        message: tuple[str, Any] = ("step", None)
        try:
            while (message := self._receive())[0] == "step":
                yield message[1]
        except GeneratorExit:
            self._send(STOP)
            with suppress(FastApplyError):
                while message[0] == "step":
                    if not self._connection.poll(PATIENCE_SECONDS):
                        self.kill()
                    message = self._receive()
            raise

    def kill(self) -> None:
        """From any thread: whoever waits for an answer gets a ModelError."""
        self._process.kill()

    def _send(self, job: Job | None) -> None:
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


def serve(connection: Connection, settings: Settings) -> None:
    """What the process does: load, then answer until the server goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's business
    warnings.simplefilter("ignore")
    with suppress(EOFError, OSError):  # the server is gone
        try:
            backend = _load(settings, lambda sentence: connection.send(("say", sentence)))
        except UsageError as error:  # of a setting that only the model's side can check
            connection.send(("error", ModelError(str(error))))
            return
        except Exception as error:
            connection.send(("error", _ours(error, f"cannot load the model `{settings.model}`")))
            return
        connection.send(("ready", None))
        while True:
            job: Job | None = connection.recv()
            if job is STOP:  # of a rewrite that had ended by itself
                continue
            try:
                _answer(connection, _steps_of(backend, job))
            except Exception as error:
                connection.send(("error", _ours(error, "the model failed")))


def _load(settings: Settings, say: Say) -> Backend:
    if settings.backend == "openai":
        from fastapply.backends.openai import OpenAIBackend

        return OpenAIBackend.of(settings)
    from fastapply.backends.local import LocalBackend

    return LocalBackend.load(settings, progress=say)


def _steps_of(backend: Any, job: Job) -> Iterator[Any]:
    steps: Iterator[Any] = backend.rewrite(job) if isinstance(job, Rewrite) else backend.warm(job)
    return steps


def _answer(connection: Connection, stream: Iterator[Any]) -> None:
    for step in stream:
        if connection.poll():  # nothing but STOP can come now
            connection.recv()
            break
        connection.send(("step", step))
    del stream  # with the model's cache
    connection.send(("end", None))


def _ours(error: Exception, what: str) -> FastApplyError:
    """Libraries' errors do not travel between processes; ours do."""
    if isinstance(error, FastApplyError):
        return error.with_traceback(None)
    first = next(iter(str(error).splitlines()), "")
    return ModelError(f"{what}: {type(error).__name__}: {first}")
