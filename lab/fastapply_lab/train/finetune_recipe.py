"""The recipe of a training run: read from a TOML file, overridden by the command line.

The recipe is stored beside the adapter, so that a run can be repeated or continued.
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
    """The weight of a token's prediction in the loss, by the kind of token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: float = Field(default=10.0, ge=0, description="where the output leaves the original or returns to it")
    new: float = Field(default=2.0, ge=0, description="new text after such a place")
    closing: float = Field(default=3.0, gt=0, description="the end of the file")
    contested: float = Field(default=1.0, ge=0, description="copies whose context also continues otherwise elsewhere")
    copy_share: float = Field(default=0.1, ge=0, le=1, description="share of the other copies predicted, at weight 1")


class Recipe(BaseModel):
    """All parameters of a run, except for its tasks and its base model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: float = Field(default=60.0, gt=0, description="length of the run in minutes")
    steps: int | None = Field(default=None, ge=1, description="length in steps instead: reproducible to the byte")
    full: bool = Field(default=False, description="train all weights, not an adapter")
    rank: int = Field(default=32, ge=1, description="rank of the adapter's matrices")
    alpha: int = Field(default=64, ge=1, description="the adapter is scaled by alpha / rank")
    learning_rate: float = Field(default=8e-4, gt=0, description="after the warm-up; then it falls linearly to zero")
    warmup_steps: int = Field(default=15, ge=1)
    batch_tokens: int = Field(default=4096, ge=1, description="tokens per step, over all processes")
    micro_tokens: int = Field(default=1600, ge=1, description="most padded tokens per forward pass")
    max_tokens: int = Field(default=1600, ge=1, description="longer examples are left out")
    short_first: float = Field(default=0.5, ge=0, le=1, description="share of the run on the shorter half of tasks")
    gradient_checkpointing: bool = Field(default=False, description="recompute activations: slower, but less memory")
    weights: Weights = Weights()
    choosing: bool = Field(default=False, description="learn to choose among candidates; needs files of readings")
    prior_weight: float = Field(default=0.5, ge=0, description="weight of the alignment's log-prior in a choice")
    writing: float = Field(default=0.1, ge=0, description="weight of the right way's tokens relative to the choice")
    template: str | None = Field(default=None, description="prompt template; None: the model's own")
    report_every: int = Field(default=40, ge=1, description="steps between two evaluations on the held-back tasks")
    save_minutes: float = Field(default=10.0, gt=0, description="minutes between two checkpoints")
    seed: int = 0

    def done(self, step: int, minutes: float) -> float:
        """The finished share of the run after `step` steps and `minutes` minutes."""
        return step / self.steps if self.steps else minutes / self.minutes


def load_recipe(path: Path | None, assignments: Iterable[str] = (), **said: Any) -> Recipe:
    """The recipe in `path` (or one that ships, by name), with `key = value` assignments and `said` on top.

    None in `said` means not given. Raises UsageError that names the wrong field.
    """
    values = _read(path) if path else {}
    for assignment in assignments:
        _put(values, _parsed(assignment, "--set"))
    if said.get("minutes") is not None:  # overrides the number of steps in the file
        values.pop("steps", None)
    _put(values, {name: value for name, value in said.items() if value is not None})
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise UsageError(f"recipe, `{name}`: {first['msg']}; docs/training.md lists the fields") from None


def stored_recipe(folder: Path) -> Recipe:
    """The recipe of the run that wrote `folder`. Raises UsageError if there is none."""
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
