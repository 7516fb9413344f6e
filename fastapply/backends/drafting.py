"""What the drafters that compute need besides token ids: heads or a draft model, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.draft_model import DraftModel, ModelDrafter, in_8_bits, parse_layers, smaller_model, some_layers
from fastapply.engine.drafts import Drafter, Sources, make_drafter
from fastapply.engine.heads import HEADS_FILE, Heads, HeadsDrafter, load_heads
from fastapply.engine.loader import LoadedModel, load_model
from fastapply.engine.sampling import GREEDY, Sampling
from fastapply.engine.weights import adapter_folder
from fastapply.errors import ModelError
from fastapply.prompt import Codec


class Drafting:
    """Makes drafters for the outputs of one model."""

    def __init__(self, settings: Settings, model: LoadedModel, codec: Codec) -> None:
        self._settings = settings
        self._model = model
        self._codec = codec

    def prepare(self, name: str) -> None:
        """Load what the drafter `name` needs, so that what is wrong with it is told now. Raises ModelError."""
        self.make(name, Sources([], [], []), [0], 1)

    def make(
        self, name: str, sources: Sources, prompt: Sequence[int], capacity: int, sampling: Sampling = GREEDY
    ) -> Drafter:
        """A drafter for one output after `prompt`; both have at most `capacity` tokens.

        Raises:
            ModelError: the heads or the draft model cannot be had.
        """
        computed: dict[str, Drafter] = {}
        if name == "heads" or (name == "cascade" and self._heads_file is not None):
            computed["heads"] = HeadsDrafter(self.heads, self._model, sampling)
        if name == "model" or (name == "cascade" and self._settings.draft_model is not None):
            computed["model"] = ModelDrafter(self.draft_model, prompt, capacity, sampling)
        return make_drafter(name, sources, computed)

    @cached_property
    def heads(self) -> Heads:
        if self._heads_file is None:
            raise ModelError(
                "there are no heads for this model: train some with `fastapply train TASKS.jsonl --heads --out DIR`, "
                f"then give --heads DIR/{HEADS_FILE}"
            )
        return load_heads(self._heads_file, self._model)

    @property
    def _heads_file(self) -> Path | None:
        """Those that ship are for the embedded model."""
        if self._settings.heads is not None:
            return self._settings.heads
        shipped = adapter_folder() / HEADS_FILE
        return shipped if self._settings.model == EMBEDDED_MODEL and shipped.exists() else None

    @cached_property
    def draft_model(self) -> DraftModel:
        kind, _, layers = (self._settings.draft_model or "layers").partition(":")
        if kind == "layers":
            return some_layers(self._model, parse_layers(layers) if layers else None)
        if kind == "int8":
            return in_8_bits(self._model)
        name = str(self._settings.draft_model)
        other = load_model(name, device=str(self._model.device), dtype=self._settings.dtype)
        if Codec.load(name).tokenizer.get_vocab() != self._codec.tokenizer.get_vocab():
            raise ModelError(
                f"the draft model `{name}` has another vocabulary than the model; "
                "use one of the same family, or --draft-model layers"
            )
        return smaller_model(self._model, other)
