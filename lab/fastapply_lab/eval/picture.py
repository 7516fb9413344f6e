"""The figure of an evaluation: the reliability of the confidence, and accuracy by file length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapply_lab.eval.report import LENGTHS, class_of
from fastapply_lab.eval.score import Score

BINS = 10


def draw(summary: dict[str, Any], rows: Sequence[Score], path: Path) -> None:
    """Draw a reliability curve (Guo et al. 1706.04599) and accuracy by length."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.8), layout="constrained")
    trust, length = figure.subplots(1, 2)
    figure.suptitle(f"method {summary['method']}, {summary['tasks']} tasks")
    points = reliability(rows)
    trust.plot([0, 1], [0, 1], "k:", linewidth=1)
    trust.plot([p[0] for p in points], [p[1] for p in points], marker="o")
    for confidence, right, count in points:
        trust.annotate(str(count), (confidence, right), textcoords="offset points", xytext=(5, -11), fontsize="small")
    trust.set_xlabel(f"confidence (calibration error {summary['calibration_error']:.3f})")
    trust.set_ylabel("share of right results")
    names, shares = by_length(rows)
    for label, values in shares.items():
        length.plot(names, values, marker="o", label=label)
    length.set_ylim(0, 1.03)
    length.set_xlabel("lines of the file")
    length.set_ylabel("share of tasks")
    length.legend(fontsize="small", loc="center left")
    for axes in (trust, length):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)


def reliability(rows: Sequence[Score]) -> list[tuple[float, float, int]]:
    """(mean confidence, share of right results, number of results) for each non-empty bin of equal width."""
    bins: dict[int, list[Score]] = defaultdict(list)
    for row in rows:
        if row.status != "rejected":
            bins[min(int(row.confidence * BINS), BINS - 1)].append(row)
    return [
        (
            sum(row.confidence for row in inside) / len(inside),
            sum(r.same_tree for r in inside) / len(inside),
            len(inside),
        )
        for _, inside in sorted(bins.items())
    ]


def by_length(rows: Sequence[Score]) -> tuple[list[str], dict[str, list[float]]]:
    """Length classes, and the shares of exact, silently wrong and reviewed results in each."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for row in rows:
        groups[class_of(row.lines, LENGTHS)].append(row)
    inside = [groups[name] for name in sorted(groups)]
    return [f"{name.strip()}\n({len(groups[name])})" for name in sorted(groups)], {
        "exact": [sum(row.exact for row in group) / len(group) for group in inside],
        "silent wrong": [sum(row.silent_wrong for row in group) / len(group) for group in inside],
        "needs review": [sum(row.status == "needs_review" for row in group) / len(group) for group in inside],
    }
