"""What a training run does: one value, read from a TOML file, with the command line on top.

The recipe is stored beside the adapter, so that a run can be repeated and gone on with. Knows no model.
"""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fastapply.errors import UsageError


class Weights(BaseModel):
    """How much the prediction of a token counts in the loss, by what the token is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: float = Field(default=10.0, ge=0, description="where the output leaves the original or comes back to it")
    new: float = Field(default=2.0, ge=0, description="new text after such a place")
    closing: float = Field(default=3.0, gt=0, description="the end of the file")
    contested: float = Field(default=1.0, ge=0, description="copies whose context goes on otherwise too in the prompt")
    copy_share: float = Field(default=0.1, ge=0, le=1, description="share of the other copies predicted, at weight 1")


class Recipe(BaseModel):
    """All that a run depends on but its tasks and its base model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: float = Field(default=60.0, gt=0, description="length of the run by the clock")
    steps: int | None = Field(default=None, ge=1, description="length in steps instead: repeatable to the byte")
    full: bool = Field(default=False, description="train all weights, not an adapter")
    rank: int = Field(default=32, ge=1, description="of the adapter's matrices")
    alpha: int = Field(default=64, ge=1, description="the adapter is added with alpha / rank")
    learning_rate: float = Field(default=8e-4, gt=0, description="after the warm-up; then linearly down to zero")
    warmup_steps: int = Field(default=15, ge=1)
    batch_tokens: int = Field(default=4096, ge=1, description="tokens a step, over all processes")
    micro_tokens: int = Field(default=1600, ge=1, description="padded tokens a forward pass, at most")
    max_tokens: int = Field(default=1600, ge=1, description="longer examples are left out")
    short_first: float = Field(default=0.5, ge=0, le=1, description="share of the run on the shorter half of tasks")
    gradient_checkpointing: bool = Field(default=False, description="recompute activations: slower, in less memory")
    weights: Weights = Weights()
    choosing: bool = Field(default=False, description="learn to choose among candidates; needs files of readings")
    prior_weight: float = Field(default=0.5, ge=0, description="of the alignment's opinion in a choice")
    writing: float = Field(default=0.1, ge=0, description="weight of the right way's tokens beside the choice")
    template: str | None = Field(default=None, description="of the prompt; None: the model's own")
    report_every: int = Field(default=40, ge=1, description="steps between two looks at the held-back tasks")
    save_minutes: float = Field(default=10.0, gt=0, description="between two checkpoints")
    seed: int = 0

    def done(self, step: int, minutes: float) -> float:
        """The share of the run that lies behind after `step` steps and so many minutes."""
        return step / self.steps if self.steps else minutes / self.minutes


def load_recipe(path: Path | None, assignments: Iterable[str] = (), **said: Any) -> Recipe:
    """The recipe in `path` (or one of those that ship, by name), with `key = value` assignments and `said` on top.

    Values of `said` that are None were not said. Raises UsageError naming the field that is wrong.
    """
    values = _read(path) if path else {}
    for assignment in assignments:
        _put(values, _parsed(assignment, "--set"))
    if said.get("minutes") is not None:  # the clock, though the file counts steps
        values.pop("steps", None)
    _put(values, {name: value for name, value in said.items() if value is not None})
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise UsageError(f"recipe, `{name}`: {first['msg']}; see docs/training.md for what there is") from None


def stored_recipe(folder: Path) -> Recipe:
    """The recipe of the run that wrote `folder`. Raises UsageError."""
    try:
        return Recipe.model_validate_json((folder / "recipe.json").read_text())
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder} holds no run to go on with: {str(error).splitlines()[0]}") from None


def _read(path: Path) -> dict[str, Any]:
    shipped = Path(str(importlib.resources.files("fastapply_lab.train") / "recipes"))
    names = sorted(place.name for place in shipped.glob("finetune_*.toml"))
    place = shipped / path if not path.exists() and str(path) in names else path
    try:
        return _parsed(place.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; recipes that ship: {', '.join(names)}") from None


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: {error}, for example: learning_rate = 3e-4") from None


def _put(values: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(values.get(name), dict):
            _put(values[name], value)
        else:
            values[name] = value
