"""The state of a run in one file: tensors, and JSON in the header. The file is complete or absent; no pickles."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from fastapply.errors import UsageError

FILE = "checkpoint.safetensors"


@dataclass
class TrainingState:
    """The position of a run. No other random state is needed, since the models that we train have no dropout."""

    step: int = 0
    minutes: float = 0.0
    tokens: int = 0
    position: Any = None  # position in the data of the next example
    tasks: str = ""  # fingerprint of the tasks


def save_checkpoint(folder: Path, tensors: Mapping[str, torch.Tensor], state: TrainingState) -> None:
    """Replace the checkpoint in `folder` atomically."""
    scratch = folder / f".{FILE}"
    save_file(dict(tensors), scratch, metadata={"state": json.dumps(asdict(state))})
    os.replace(scratch, folder / FILE)


def read_state(folder: Path) -> TrainingState:
    """The state in the checkpoint of `folder`. Raises UsageError if there is no readable one."""
    try:
        with safe_open(folder / FILE, framework="pt") as file:
            return TrainingState(**json.loads(file.metadata()["state"]))
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no checkpoint: the run is finished, or it is another folder") from None
    except (OSError, SafetensorError, TypeError, ValueError, KeyError) as error:
        raise UsageError(f"{folder / FILE} cannot be read ({error}): start the run anew") from None


def read_tensors(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / FILE)


def drop_checkpoint(folder: Path) -> None:
    """Delete the checkpoint of a finished run."""
    (folder / FILE).unlink(missing_ok=True)
