"""Make the backend that the settings name. No other module lists the backends."""

from __future__ import annotations

import importlib.util

from fastapply.backends.base import Backend
from fastapply.config import NO_MODEL, Settings
from fastapply.engine.weights import Progress
from fastapply.errors import UsageError


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
        if importlib.util.find_spec("llama_cpp") is None:
            raise UsageError("this needs more packages: pip install 'fastapply[llamacpp]'")
        from fastapply.backends.llamacpp import LlamaCppBackend

        return LlamaCppBackend(settings)
    from fastapply.backends.local import LocalBackend  # loads torch

    return LocalBackend.load(settings, progress=progress)
