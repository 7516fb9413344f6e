"""The figures of a bench run: a row for each method, a row for each task, and where the time goes. JSON values only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapply_lab.bench.measure import SPECULATIVE, Measured, Whole
from fastapply_lab.bench.methods import Case, Run

PARTS = ("tokenise", "prefill", "verify", "head", "draft", "host")


def summarise(measured: Sequence[Measured]) -> dict[str, Any]:
    """All figures. `methods` has totals over the tasks that fit the context; the worst case is separate."""
    usual = [found for found in measured if not found.worst]
    counted = usual or measured
    return {
        "methods": totals(counted),
        "worst_case": totals([found for found in measured if found.worst]),
        "profile": profile(counted),
    }


def totals(measured: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    """One row for each method and the floor; empty if nothing was measured."""
    if not measured:
        return {}
    plain = sum(found.runs["plain"].seconds for found in measured)
    floor = sum(found.floor for found in measured)
    names = [name for name in measured[0].runs if all(name in found.runs for found in measured)]
    rows = {name: _method_row(name, measured, plain, floor) for name in names}
    tokens = sum(len(found.runs["plain"].tokens) for found in measured)
    rows["floor"] = _row(floor, tokens, len(measured), plain, floor) | {"identical_to_plain": True, "acceptance": None}
    if all(found.whole for found in measured):
        rows["apply"] = _apply_row(measured, plain, floor)
    return rows


def _method_row(name: str, measured: Sequence[Measured], plain: float, floor: float) -> dict[str, Any]:
    runs = [found.runs[name] for found in measured]
    tokens, passes = sum(len(run.tokens) for run in runs), sum(run.forward_passes for run in runs)
    drafted = sum(run.drafted for run in runs)
    return {
        **_row(sum(run.seconds for run in runs), tokens, passes, plain, floor),
        "identical_to_plain": all(found.runs[name].tokens == found.runs["plain"].tokens for found in measured),
        "acceptance": round(sum(run.accepted for run in runs) / drafted, 4) if drafted else None,
        "estimated_tasks": sum(run.measured is not None for run in runs),
        "measured_tokens": sum(_measured(run) for run in runs),
    }


def _apply_row(measured: Sequence[Measured], plain: float, floor: float) -> dict[str, Any]:
    """The row of the whole system. `tokens` counts the whole files; only `decoded_tokens` went through the model."""
    wholes = [found.whole for found in measured if found.whole]
    tokens = sum(len(found.runs["plain"].tokens) for found in measured)
    passes = sum(whole.result.stats.forward_passes for whole in wholes)
    return {
        **_row(sum(whole.seconds for whole in wholes), tokens, passes, plain, floor),
        "identical_to_plain": all(found.whole.result.text == found.text for found in measured if found.whole),
        "acceptance": None,
        "decoded_tokens": sum(whole.result.stats.output_tokens for whole in wholes),
    }


def _row(seconds: float, tokens: int, passes: int, plain: float, floor: float) -> dict[str, Any]:
    return {
        "seconds": round(seconds, 3),
        "output_tokens": tokens,
        "tokens_per_second": round(tokens / seconds, 1),
        "forward_passes": passes,
        "speedup_vs_plain": round(plain / seconds, 2),
        "times_floor": round(seconds / floor, 2),
    }


def _measured(run: Run) -> int:
    return len(run.tokens) if run.measured is None else run.measured


def case_row(case: Case, found: Measured | None, whole: Whole | None, note: str) -> dict[str, Any]:
    """The row of one task. Without `found`, it does not fit the context and only the whole system was timed."""
    row: dict[str, Any] = {
        "id": case.id,
        "lines": case.lines,
        "changed": round(case.changed, 3),
        "prompt_tokens": len(case.prompt),
        "output_tokens": len(found.runs["plain"].tokens if found else case.sources.candidate),
        "note": note,
        "methods": totals([found]) if found else {},
        "apply": None,
    }
    if whole:
        stats = whole.result.stats
        row["apply"] = {
            "seconds": round(whole.seconds, 3),
            "status": whole.result.status.value,
            "exact": whole.exact,
            "decoded_tokens": stats.output_tokens,
            "prompt_tokens": stats.prompt_tokens,
        }
    row["speedup_vs_plain"] = {name: each["speedup_vs_plain"] for name, each in row["methods"].items()}
    return row


def profile(measured: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """Where each drafter's time went, in seconds. `host` is the rest: guiding, accepting, bookkeeping."""
    found: dict[str, dict[str, float]] = {}
    for name in SPECULATIVE:
        runs = [each.runs[name] for each in measured if name in each.runs]
        if not runs:
            continue
        parts = {
            "tokenise": sum(each.case.tokenise_seconds for each in measured),
            **{part: sum(getattr(run, f"{part}_seconds") for run in runs) for part in PARTS[1:5]},
        }
        parts["host"] = max(sum(run.seconds for run in runs) - sum(parts[part] for part in PARTS[1:5]), 0.0)
        drafted = sum(run.drafted for run in runs)
        found[name] = {part: round(seconds, 3) for part, seconds in parts.items()}
        found[name]["acceptance"] = round(sum(run.accepted for run in runs) / drafted, 4) if drafted else 0.0
    return found
