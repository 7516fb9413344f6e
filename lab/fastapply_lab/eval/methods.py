"""The methods that `fastapply eval` can measure: the system or a part of it, and a model that is asked for a diff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fastapply.applier import Applier
from fastapply.backends.base import Backend
from fastapply.backends.load import load_backend
from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply.types import ApplyRequest, ApplyResult
from fastapply_lab.eval.asked_diffs import DIFF_METHODS, diff_asker

METHODS = {
    "system": "alignment, model and checks together: what `fastapply apply` does",
    "model": "the model alone, without candidates to choose among",
    "merge": "alignment alone, without a model",
    "search-replace": "the model alone, asked for SEARCH/REPLACE blocks",
    "udiff": "the model alone, asked for a unified diff",
}
Notify = Callable[[str], None]


class Method(Protocol):
    def apply(self, request: ApplyRequest) -> ApplyResult: ...


def make_method(name: str, settings: Settings, notify: Notify = lambda _: None) -> Method:
    """The method of that name. Raises UsageError for an unknown name, ModelError if the model cannot be loaded."""
    if name in DIFF_METHODS:
        return diff_asker(name, settings, notify)
    alone = name == "model"
    only_in_doubt = settings.only_in_doubt and not alone
    return Applier(
        make_backend(name, settings, notify), guided=not alone, whole_file=alone, only_in_doubt=only_in_doubt
    )


def make_backend(method: str, settings: Settings, notify: Notify = lambda _: None) -> Backend | None:
    """The backend of a method; None if it needs no model. Raises UsageError for an unknown method."""
    if method not in METHODS:
        raise UsageError(f"unknown method `{method}`; there are: {', '.join(METHODS)}")
    if method == "merge":
        return None
    return load_backend(settings, progress=notify)
