"""The figure of a run's losses, drawn from its `log.jsonl`."""

from __future__ import annotations

import json
from pathlib import Path


def draw_losses(log: Path, picture: Path) -> None:
    """Draw the training loss of each step and the held-back loss and accuracy of decisions."""
    from matplotlib.figure import Figure

    rows = [json.loads(line) for line in log.read_text().splitlines()]
    steps = [row for row in rows if row["train_loss"] is not None]
    looks = [row for row in rows if row["valid_loss"] is not None]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    loss, right = figure.subplots(1, 2)
    loss.plot([r["step"] for r in steps], [r["train_loss"] for r in steps], color="0.7", label="training, each step")
    loss.plot([r["step"] for r in looks], [r["valid_loss"] for r in looks], marker="o", label="held back, decisions")
    loss.set_yscale("log")
    loss.set_ylabel("cross entropy")
    loss.legend(fontsize="small")
    right.plot([r["step"] for r in looks], [100 * r["valid_accuracy"] for r in looks], marker="o")
    right.set_ylabel("held-back decision tokens right, %")
    for axes in (loss, right):
        axes.set_xlabel("step")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, dpi=120)
