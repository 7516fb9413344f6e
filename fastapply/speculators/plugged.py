"""The entry points of the drafters that run models. They load what a drafter needs, once for each target model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fastapply.backends.drafting import Drafting, Local, Maker
from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.loader import load_model
from fastapply.engine.sampling import GREEDY
from fastapply.engine.weights import adapter_folder
from fastapply.errors import ModelError
from fastapply.prompt import Codec
from fastapply.speculators.draft_model import (
    DraftModel,
    ModelDrafter,
    in_8_bits,
    parse_layers,
    smaller_model,
    some_layers,
)
from fastapply.speculators.heads import HEADS_FILE, HeadsDrafter, load_heads


def heads(drafting: Drafting) -> Maker:
    """The `heads` drafter. Raises ModelError if the heads are missing, damaged or for another model."""
    local = drafting.here("heads")
    file = heads_file(local.settings)
    if file is None:
        raise ModelError(
            "there are no heads for this model: train some with `fastapply train TASKS.jsonl --heads --out DIR`, "
            f"then give --heads DIR/{HEADS_FILE}"
        )
    trained = load_heads(file, local.model)
    return lambda output: HeadsDrafter(trained, local.model, output.sampling or GREEDY)


def heads_file(settings: Settings) -> Path | None:
    """The file of the heads, or None. The heads that ship fit the embedded model only."""
    if settings.heads is not None:
        return settings.heads
    shipped = adapter_folder() / HEADS_FILE
    return shipped if settings.model == EMBEDDED_MODEL and shipped.exists() else None


def model(drafting: Drafting) -> Maker:
    """The `model` drafter. Raises ModelError or UsageError if the draft model cannot be loaded."""
    smaller = _draft_model(drafting.here("model"))
    return lambda output: ModelDrafter(smaller, output.prompt, output.capacity, output.sampling or GREEDY)


def _draft_model(local: Local) -> DraftModel:
    kind, _, layers = (local.settings.draft_model or "layers").partition(":")
    if kind == "layers":
        return some_layers(local.model, parse_layers(layers) if layers else None)
    if kind == "int8":
        return in_8_bits(local.model)
    name = str(local.settings.draft_model)
    other = load_model(name, replace(local.settings, device=str(local.model.device), block_tokens=None))
    if Codec.load(name).tokenizer.get_vocab() != local.codec.tokenizer.get_vocab():
        raise ModelError(
            f"the draft model `{name}` has another vocabulary than the model; "
            "use one of the same family, or --draft-model layers"
        )
    return smaller_model(local.model, other)
