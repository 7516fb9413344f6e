"""One figure of a bench run: speed-up by length, cost by share changed, where the time goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapply_lab.bench.cases import UNPREDICTED, USUAL_LENGTH, USUAL_SHARE
from fastapply_lab.bench.summary import PARTS

_NEAR = 0.2  # relative; a length this close to a standard length counts as that length
_MOST_LIKE = 0.03  # absolute; a share this close to a standard share counts as that share


def draw(summary: dict[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 4), layout="constrained")
    length, share, time = figure.subplots(1, 3)
    rows = [row for row in summary["by_task"] if row["methods"] and row["id"] != UNPREDICTED]
    by_length = [row for row in rows if abs(row["changed"] - USUAL_SHARE) <= _MOST_LIKE] or rows
    by_share = [row for row in rows if abs(row["lines"] / USUAL_LENGTH - 1) <= _NEAR] or rows
    _lines(length, sorted(by_length, key=lambda row: row["lines"]), "lines", "speedup_vs_plain")
    length.set(xlabel="lines of the file", ylabel="speed-up over plain decoding", xscale="log", yscale="log")
    _lines(share, sorted(by_share, key=lambda row: row["changed"]), "changed", "seconds")
    share.set(xlabel="share of the lines changed", ylabel="seconds for the file", yscale="log")
    if share.has_data():
        length.legend(fontsize="x-small", ncols=2)
    left = [0.0] * len(summary["profile"])
    for part in PARTS:
        widths = [row[part] for row in summary["profile"].values()]
        time.barh(list(summary["profile"]), widths, left=left, label=part)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    time.invert_yaxis()
    time.set(xlabel="seconds, all tasks")
    if left:
        time.legend(fontsize="x-small")
    for axes in (length, share, time):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


def _lines(axes: Any, rows: list[dict[str, Any]], across: str, figure: str) -> None:
    """One line for each method. `floor` is dashed and the whole system thick."""
    for name in rows[0]["methods"] if rows else ():
        here = [row for row in rows if name in row["methods"]]
        style = {"floor": "k--", "apply": "k-"}.get(name, "o-")
        axes.plot(
            [row[across] for row in here], [row["methods"][name][figure] for row in here], style, label=name, ms=3
        )
