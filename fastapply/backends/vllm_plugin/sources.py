"""Send the sources of drafts from a client to the scheduler, as token ids in a request's `vllm_xargs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapply.backends.drafting import Drafting, Output
from fastapply.engine.drafts import Drafter, Sources

DRAFTER = "fastapply_drafter"
PREFIX = "fastapply_"  # precedes the name of each source


def to_xargs(drafter: str, sources: Sources) -> dict[str, Any]:
    """The arguments from which `drafter_of` makes the drafter on the server."""
    return {DRAFTER: drafter, **{f"{PREFIX}{name}": list(ids) for name, ids in sources._asdict().items()}}


def drafter_of(xargs: Mapping[str, Any] | None) -> Drafter | None:
    """The drafter that a request asks for, or None.

    Raises:
        ValueError: a source is not a list of token ids.
        UsageError: the drafter is unknown, or its package is not installed here.
    """
    if not xargs or DRAFTER not in xargs:
        return None
    given = {name: xargs.get(f"{PREFIX}{name}", []) for name in Sources._fields}
    for name, ids in given.items():
        if not isinstance(ids, list) or not all(type(token) is int and token >= 0 for token in ids):
            raise ValueError(f"{PREFIX}{name} is not a list of token ids")
    return Drafting().make(str(xargs[DRAFTER]), Output(Sources(**given)))
