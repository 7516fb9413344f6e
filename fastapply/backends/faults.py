"""Turn the errors of a backend's libraries into ours. Does not import torch, since that import may be what fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapply.errors import ModelError

_NO_MEMORY = ("allocate memory", "out of memory", "not enough memory", "bad_alloc", "bad allocation")


@contextmanager
def model_errors() -> Iterator[None]:
    """Raises ModelError if a library cannot be loaded or memory runs out. Other errors pass through."""
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
