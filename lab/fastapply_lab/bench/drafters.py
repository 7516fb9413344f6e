"""Drafters for comparison. They plug into fastapply (pyproject.toml); none of them beats its `merge`.

`original` drafts from the file and `two-cursor` from the file and the update, like published speculative edits.
`cascade` tries one drafter after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapply.backends.drafting import Drafting, Maker
from fastapply.engine.drafts import CursorDrafter, Drafter, HiddenReader, Tokens

if TYPE_CHECKING:
    import torch


def original(_: Drafting) -> Maker:
    return lambda output: CursorDrafter([output.sources.original])


def two_cursor(_: Drafting) -> Maker:
    return lambda output: CursorDrafter([output.sources.original, output.sources.update])


def cascade(drafting: Drafting) -> Maker:
    """The drafters from sources, the cheapest first, then those that run models, if the settings name their models.

    Raises ModelError if such a model cannot be loaded.
    """
    makers = [drafting.maker(name) for name in ("merge", "suffix", *_computed(drafting))]
    return lambda output: in_turn([make(output) for make in makers])


def _computed(drafting: Drafting) -> list[str]:
    if drafting.local is None:
        return []
    from fastapply.speculators.plugged import heads_file  # loads torch, which vLLM's scheduler does not need here

    settings = drafting.local.settings
    asked = {"heads": heads_file(settings) is not None, "model": settings.draft_model is not None}
    return [name for name, said in asked.items() if said]


def in_turn(drafters: Sequence[Drafter]) -> CascadeDrafter:
    """A cascade of the drafters. It reads hidden states only if one of them does."""
    reads = any(isinstance(drafter, HiddenReader) for drafter in drafters)
    return ReadingCascadeDrafter(drafters) if reads else CascadeDrafter(drafters)


class CascadeDrafter:
    """Drafts from the first of several drafters, in order of cost, that has a draft."""

    def __init__(self, drafters: Sequence[Drafter]) -> None:
        self.drafters = drafters

    def observe(self, token: int) -> None:
        for drafter in self.drafters:
            drafter.observe(token)

    def draft(self, limit: int) -> Tokens:
        return next((draft for drafter in self.drafters if (draft := drafter.draft(limit))), [])


class ReadingCascadeDrafter(CascadeDrafter):
    """A cascade of which at least one drafter reads hidden states."""

    def read(self, hidden: torch.Tensor) -> None:  # [hidden_size]
        for drafter in self.drafters:
            if isinstance(drafter, HiddenReader):
                drafter.read(hidden)
