"""The last lines of `fastapply apply` for a person: the outcome of the edit, its cost, and how far to trust it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from fastapply.align.checked import count
from fastapply.cli.options import LazyBackend
from fastapply.cli.output import say
from fastapply.cli.preview import make_console
from fastapply.cli.review import print_doubts, reasons
from fastapply.cli.terminal import ADDED, DOUBT, FAINT, REMOVED, print_sentence
from fastapply.config import Settings
from fastapply.types import ApplyResult, Stats, Status

STYLE = {Status.APPLIED: f"bold {ADDED}", Status.NEEDS_REVIEW: f"bold {DOUBT}", Status.REJECTED: f"bold {REMOVED}"}


@dataclass(frozen=True)
class Fate:
    """What happened to the file. `write`: --write was given; `asks`: a person is asked next."""

    path: Path
    written: bool
    write: bool
    asks: bool = False


def print_summary(
    result: ApplyResult, settings: Settings, backend: LazyBackend | None, fate: Fate, *, on_terminal: bool
) -> None:
    """Print the summary below the preview, or on standard error if there is none."""
    console = make_console(sys.stdout if on_terminal else sys.stderr)
    if result.status is Status.REJECTED:
        say(f"error: {fate.path}: rejected: {reasons(result)}")
        return
    status = result.status.value.replace("_", " ")
    print_sentence(console, Text.assemble((status, STYLE[result.status]), f": {_outcome(result, fate)}"), hang=2)
    print_doubts(console, result)
    loaded = backend.loaded if backend else None
    print_sentence(console, Text(f"  {_cost(result)}", style=FAINT), hang=4)
    if on_terminal and loaded is not None and settings.drafter != "none" and result.stats.output_tokens:
        from fastapply.engine.speed import block_seconds

        step = block_seconds(loaded.model, 1, context=result.stats.prompt_tokens)
        print_sentence(console, Text(f"  {_speedup(result.stats, step)}", style=FAINT), hang=4)


def _outcome(result: ApplyResult, fate: Fate) -> str:
    if not result.hunks:
        return f"nothing to change, confidence {result.confidence:.2f}"
    parts = [f"{count(len(result.hunks), 'hunk')}, confidence {result.confidence:.2f}"]
    if fate.written:
        parts.append(f"{fate.path} written")
    elif result.status is Status.NEEDS_REVIEW and not fate.asks:
        parts.append(f"{fate.path} not written" if fate.write else "look at the diff")
    elif not fate.write:
        parts.append(f"{fate.path} not written (no --write)")
    return "; ".join(parts)


def _cost(result: ApplyResult) -> str:
    stats = result.stats
    if not stats.output_tokens:
        return "no model was asked" if result.status is Status.NEEDS_REVIEW else "no model was needed"
    passes, tokens = stats.forward_passes, stats.output_tokens
    drafts = (
        f"{stats.accepted_tokens}/{stats.drafted_tokens} drafted tokens accepted"
        if stats.drafted_tokens
        else "no drafts"
    )
    rate = tokens / stats.decode_seconds if stats.decode_seconds else 0.0
    return (
        f"{stats.prompt_tokens} tokens read, {tokens} written in {passes} forward passes; {drafts}; "
        f"prefill {stats.prefill_seconds:.2f} s, decode {stats.decode_seconds:.2f} s, total {stats.seconds:.2f} s; "
        f"{rate:.0f} tokens/s"
    )


def _speedup(stats: Stats, step: float) -> str:
    """The speed-up over plain decoding: the same prefill, then one pass of `step` seconds for each token."""
    plain = stats.prefill_seconds + stats.output_tokens * step
    ours = stats.prefill_seconds + stats.decode_seconds
    return (
        f"about {plain / ours:.0f}x plain decoding (estimate: {stats.output_tokens} tokens x {step * 1000:.0f} ms, "
        "one pass just measured)"
    )
