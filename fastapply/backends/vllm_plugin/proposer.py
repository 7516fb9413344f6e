"""The null proposer: it turns on speculation in vLLM and leaves the drafts to the scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class NullProposer:
    """For `--speculative-config '{"method": "custom_class", "model": "<this class>", ...}'`."""

    def __init__(self, vllm_config: Any) -> None:
        pass

    def propose(self, sampled_token_ids: Sequence[object], *_: object, **__: object) -> list[list[int]]:
        """One empty draft for each request of the batch."""
        return [[] for _ in sampled_token_ids]

    def load_model(self, *_: object, **__: object) -> None:
        """Does nothing: there is no draft model."""
