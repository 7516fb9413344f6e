"""Copy values from the host to a device without waiting for it."""

from __future__ import annotations

from typing import Any

import torch


def on_device(values: list[Any], device: torch.device) -> torch.Tensor:
    """Like `torch.tensor(values, device=device)`, but a GPU copies from pinned memory while the host continues."""
    if device.type != "cuda":
        return torch.tensor(values, device=device)
    return torch.tensor(values, pin_memory=True).to(device, non_blocking=True)
