"""Tables of a bench run, for a terminal and as a Markdown page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.table import Table as RichTable

from fastapply_lab.bench.cases import UNPREDICTED
from fastapply_lab.bench.measure import SLOW_SHARE, STEP_SHARE
from fastapply_lab.bench.summary import PARTS

WORST_BAR = 0.9  # of plain decoding's speed, where no source predicts the output

_INTRODUCTION = """\
Written by `fastapply bench` on {date}: {machine}, device {device}, {dtype}, model {model}, all methods on the same
prompt, {how}.

All methods but `apply` write the whole file, prefill included. *Floor* is one pass over prompt and output, the least
that a lossless method can cost; *bound* is the most that drafts from the file and the update can gain. `transformers`,
`prompt-lookup` and `assisted` are transformers' own decoding, the last with the model's first quarter of layers as its
draft model (transformers gives the guide to the draft model too, which makes its drafts as good as the candidate and
leaves their cost). `apply` is the whole system: it decodes the regions that the edit touches and copies the rest, so it
cannot be compared token for token.

Beyond {plain_tokens} tokens, plain decoding is timed by {steps} single steps spread evenly over the output; each step
also checks that plain decoding chooses the drafters' token. transformers' methods are timed on their first tokens
({plain_tokens} of prompt lookup, {slow_tokens} of the other two, and of the drafters that compute) and compared there.
The worst case is written in full by all, in three rounds, of which the median counts.
*Estimated* counts the tasks where that was so. Tasks that do not fit the model's context of {context} tokens are left
to `apply`. llama.cpp is measured by `make test-llamacpp` (docs/local_engines.md)."""


class Sheet(NamedTuple):
    title: str
    columns: Sequence[str]
    rows: list[list[str]]


def tables(summary: dict[str, Any]) -> list[RichTable]:
    shown = []
    for sheet in sheets(summary):
        table = RichTable(title=sheet.title)
        for number, column in enumerate(sheet.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in sheet.rows:
            table.add_row(*row)
        shown.append(table)
    return shown


def markdown(summary: dict[str, Any], picture: str | None) -> str:
    """The Markdown page: an introduction, all tables, and the picture."""
    parts = ["# How fast", _introduction(summary)]
    for sheet in sheets(summary):
        rule = [":--", *["--:"] * (len(sheet.columns) - 1)]
        lines = (f"| {' | '.join(row)} |" for row in (sheet.columns, rule, *sheet.rows))
        parts += [f"## {sheet.title}", "\n".join(lines)]
    if picture:
        parts.append(f"![Speed-up by length, cost by share changed, where the time goes]({picture})")
    if summary["skipped"]:
        parts.append("\n".join(f"- `{name}` was left out: {why}" for name, why in summary["skipped"].items()))
    parts.append(_worst_line(summary))
    return "\n\n".join(part for part in parts if part) + "\n"


def sheets(summary: dict[str, Any]) -> list[Sheet]:
    rows = summary["by_task"]
    found = []
    if summary["methods"]:
        found += [_methods("All tasks together", summary["methods"]), _by_task("Speed-up over plain, by task", rows)]
    found.append(_apply("`fastapply apply`, the whole system", rows))
    if summary["profile"]:
        found.append(_profile("Where the time goes, in seconds", summary["profile"]))
    if summary["worst_case"]:
        found.append(_methods("The worst case: no source predicts the output", summary["worst_case"]))
    return found


def _introduction(summary: dict[str, Any]) -> str:
    least = summary["plain_tokens"]
    return _INTRODUCTION.format(
        **summary,
        how="guided by the alignment, as `fastapply apply` is"
        if summary["guided"]
        else "with the model writing freely",
        steps=max(least // STEP_SHARE, 1),
        slow_tokens=max(least // SLOW_SHARE, 2),
    )


def _worst_line(summary: dict[str, Any]) -> str:
    rows = {name: row["speedup_vs_plain"] for name, row in summary["worst_case"].items()}
    below = {name: gain for name, gain in rows.items() if gain < WORST_BAR and name not in ("plain", "floor")}
    if not rows:
        return ""
    if not below:
        return f"In the worst case (`{UNPREDICTED}`) no method is slower than {WORST_BAR} of plain decoding."
    missed = ", ".join(f"{name} {gain:.2f}x" for name, gain in below.items())
    return f"Missed: in the worst case (`{UNPREDICTED}`) these stay below {WORST_BAR} of plain decoding: {missed}."


def _methods(title: str, methods: dict[str, Any]) -> Sheet:
    columns = "method", "tokens/s", "speed-up", "x floor", "passes", "accepted", "identical", "estimated"
    rows = [
        [
            name,
            f"{row['tokens_per_second']:.0f}",
            f"{row['speedup_vs_plain']:.2f}x",
            f"{row['times_floor']:.2f}",
            str(row["forward_passes"]),
            "" if row["acceptance"] is None else f"{row['acceptance']:.1%}",
            "yes" if row["identical_to_plain"] else "no",
            str(row.get("estimated_tasks") or ""),
        ]
        for name, row in methods.items()
    ]
    return Sheet(title, columns, rows)


def _by_task(title: str, by_task: list[dict[str, Any]]) -> Sheet:
    names = list(dict.fromkeys(name for row in by_task for name in row["methods"] if name != "plain"))
    rows = []
    for row in by_task:
        reached = row["speedup_vs_plain"]
        cells = [f"{reached[name]:.1f}x" if name in reached else "" for name in names]
        limit = f"{row['bound']:.1f}x" if "bound" in row else "too long"
        rows.append([row["id"], str(row["lines"]), f"{row['changed']:.0%}", str(row["output_tokens"]), limit, *cells])
    return Sheet(title, ("task", "lines", "changed", "tokens", "bound", *names), rows)


def _apply(title: str, by_task: list[dict[str, Any]]) -> Sheet:
    rows = []
    for row in by_task:
        if not (applied := row["apply"]):
            continue
        plain = row["methods"].get("plain")
        rows.append(
            [
                row["id"],
                str(row["lines"]),
                f"{row['changed']:.0%}",
                f"{applied['seconds']:.2f} s",
                f"{plain['seconds']:.1f} s" if plain else "beyond the context",
                f"{plain['seconds'] / applied['seconds']:.1f}x" if plain else "",
                f"{applied['decoded_tokens']} of {row['output_tokens']}",
                applied["status"] + ("" if applied["exact"] else ", not as expected"),
            ]
        )
    columns = "task", "lines", "changed", "apply", "plain, whole file", "speed-up", "tokens decoded", "status"
    return Sheet(title, columns, rows)


def _profile(title: str, profile: dict[str, Any]) -> Sheet:
    rows = [
        [name, *(f"{row[part]:.2f}" for part in PARTS), f"{row['acceptance']:.1%}"] for name, row in profile.items()
    ]
    return Sheet(title, ("drafter", *PARTS, "accepted"), rows)
