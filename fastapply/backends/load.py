"""Make the backend that the settings name. No other module lists the backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply.backends.base import Backend
from fastapply.config import NO_MODEL, Settings
from fastapply.errors import model_errors, needs

if TYPE_CHECKING:
    from fastapply.backends.local import LocalBackend
    from fastapply.engine.weights import Progress


def load_backend(settings: Settings, *, progress: Progress = lambda _: None) -> Backend | None:
    """The backend that the settings name; None for alignment alone. A local model is loaded.

    Args:
        progress: called with a sentence before each long one-time step.

    Raises:
        ModelError: the model cannot be loaded.
        UsageError: the backend needs packages that are not installed.
    """
    if settings.model == NO_MODEL:
        return None
    if settings.backend == "openai":
        from fastapply.backends.openai import OpenAIBackend

        return OpenAIBackend.of(settings)
    if settings.backend == "vllm":
        from fastapply.backends.vllm import VllmBackend

        return VllmBackend.of(settings, progress=progress)
    if settings.backend == "llamacpp":
        needs("llama_cpp", extra="llamacpp")
        from fastapply.backends.llamacpp import LlamaCppBackend

        return LlamaCppBackend(settings)
    return load_local(settings, progress=progress)


def load_local(settings: Settings, *, progress: Progress = lambda _: None) -> LocalBackend:
    """The model in this process, loaded. Raises ModelError."""
    with model_errors():
        from fastapply.backends.local import LocalBackend  # loads torch

        return LocalBackend.load(settings, progress=progress)
