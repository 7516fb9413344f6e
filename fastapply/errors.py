"""The errors that a user can meet, with one common parent.

An error's message is one line that says what is wrong and what to do about it. Fronts print it unchanged.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

_NO_MEMORY = ("allocate memory", "out of memory", "not enough memory", "bad_alloc", "bad allocation")

COMPUTED_NAN = "the model computed NaN; try --dtype float32, or `fastapply doctor` to check the weights"


class FastApplyError(Exception):
    """Parent of all errors raised on purpose. `exit_status` is the exit status of the command line."""

    exit_status = 1


class UsageError(FastApplyError):
    """The call itself is wrong: a missing file, an unknown option value, an empty update."""

    exit_status = 2


class RejectedError(FastApplyError):
    """The edit cannot be applied: the update does not match the file, or the file does not fit the model."""


class TooLongError(RejectedError):
    """The prompt and the output do not fit the model's context."""


class ModelError(FastApplyError):
    """The model cannot be loaded or run: unknown name, no weights, altered weights, not enough memory."""


class FileChangedError(FastApplyError):
    """The file changed between reading and writing; nothing was written."""


def needs(*modules: str, extra: str) -> None:
    """Raise UsageError if a package of an extra is missing."""
    if not all(importlib.util.find_spec(module) for module in modules):
        raise UsageError(f"this needs more packages: pip install 'fastapply[{extra}]'")


@contextmanager
def model_errors() -> Iterator[None]:
    """Raises ModelError if a model's library cannot be loaded or memory runs out. Other errors pass through."""
    try:
        yield
    except ImportError as error:
        raise ModelError(
            f"the model's libraries cannot be loaded: {error}; free some memory, or install fastapply again"
        ) from error
    except (MemoryError, RuntimeError, OSError) as error:
        said = str(error).lower()
        if not isinstance(error, MemoryError) and not any(words in said for words in _NO_MEMORY):
            raise
        raise ModelError("not enough memory for the model: close other programs, or use --model none") from error
