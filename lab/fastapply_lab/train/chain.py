"""The final table of `make data train eval`: the base model and the new adapter side by side.

python -m fastapply_lab.train.chain adapter/log.jsonl before.json after.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table


def compare(log: Path, before: Path, after: Path) -> Table:
    """The table, from the run's log (first and last evaluation on held-back tasks) and two files of `eval --json`."""
    looks = [row for row in map(json.loads, log.read_text().splitlines()) if row["valid_loss"] is not None]
    evaluated = [json.loads(file.read_text()) for file in (before, after)]
    table = Table(title=f"held back: decision tokens, led; the model alone on {evaluated[0]['tasks']} tasks")
    for column in ("", "decision loss", "decisions right", "exact", "same tree", "silently wrong"):
        table.add_column(column, justify="right" if column else "left")
    names = ("base", f"after {looks[-1]['step']} steps")
    for name, look, result in zip(names, (looks[0], looks[-1]), evaluated, strict=True):
        shares = (f"{result[key]:.0%}" for key in ("exact", "same_tree", "silent_wrong"))
        table.add_row(name, f"{look['valid_loss']:.3f}", f"{look['valid_accuracy']:.1%}", *shares)
    return table


if __name__ == "__main__":
    Console().print(compare(*map(Path, sys.argv[1:4])))
