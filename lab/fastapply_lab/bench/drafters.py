"""Drafters to compare with. They plug into fastapply by their names (pyproject.toml); none beats its `merge`.

`original` and `two-cursor` draft as published ways of speculative edits do, from a place in the file, and from the file
and the update. `cascade` asks one drafter after the other.
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
    """What drafts from sources, cheapest first, then what computes, as far as the settings name what that drafts with.

    Raises ModelError: that cannot be had.
    """
    makers = [drafting.maker(name) for name in ("merge", "suffix", *_computed(drafting))]
    return lambda output: in_turn([make(output) for make in makers])


def _computed(drafting: Drafting) -> list[str]:
    if drafting.local is None:
        return []
    from fastapply.speculators.plugged import heads_file  # loads torch, which vLLM's scheduler need not

    settings = drafting.local.settings
    asked = {"heads": heads_file(settings) is not None, "model": settings.draft_model is not None}
    return [name for name, said in asked.items() if said]


def in_turn(drafters: Sequence[Drafter]) -> CascadeDrafter:
    """Hidden states are kept only where one of the drafters reads them."""
    reads = any(isinstance(drafter, HiddenReader) for drafter in drafters)
    return ReadingCascadeDrafter(drafters) if reads else CascadeDrafter(drafters)


class CascadeDrafter:
    """Drafts from the first of several drafters, cheapest first, that has anything to say."""

    def __init__(self, drafters: Sequence[Drafter]) -> None:
        self.drafters = drafters

    def observe(self, token: int) -> None:
        for drafter in self.drafters:
            drafter.observe(token)

    def draft(self, limit: int) -> Tokens:
        return next((draft for drafter in self.drafters if (draft := drafter.draft(limit))), [])


class ReadingCascadeDrafter(CascadeDrafter):
    """One of them wants to know what the model thought."""

    def read(self, hidden: torch.Tensor) -> None:  # [hidden_size]
        for drafter in self.drafters:
            if isinstance(drafter, HiddenReader):
                drafter.read(hidden)
