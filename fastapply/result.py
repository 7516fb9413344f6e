"""The result of a rewrite: its checks, its confidence, and other readings of the update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from fastapply.align.check import run_checks
from fastapply.align.checked import count
from fastapply.backends.base import Outcome
from fastapply.judge.confidence import NEAR, Evidence, decide, decide_chosen
from fastapply.judge.doubt import in_doubt
from fastapply.judge.ledger import Ledger
from fastapply.judge.readings import NumberedReading, other_readings
from fastapply.plan import Plan, still_there
from fastapply.text.diff import line_hunks, unified_diff
from fastapply.text.lines import match_final_newline
from fastapply.types import Alternative, ApplyResult, Check, Stats, Status

NAMED_BY_DIFFS = frozenset({"truncated", "overwritten", "arrived", "explained"})
LONGEST_QUOTE = 40  # characters
UNASKED = Outcome(True, None, Stats())  # no model was used


def make_result(plan: Plan, written: str, outcome: Outcome) -> ApplyResult:
    """The result of a rewrite. `written` is the LF text of all pieces."""
    original = plan.source.text
    rewritten = plan.source.without_new_bom(match_final_newline(original, written))
    ledger = plan.ledger(rewritten)
    checks, evidence = judge(plan, rewritten, outcome, ledger)
    status, confidence = decide_chosen(evidence) if plan.chosen else decide(evidence)
    others: list[NumberedReading] = []
    if status is Status.NEEDS_REVIEW:
        others = [] if plan.chosen else other_readings(plan.candidates, rewritten)
        if others or not evidence.failed:
            asked = replace(plan.request, update=plan.sent)
            checks = (in_doubt(original, rewritten, others, asked), *checks)  # what a person should read first
        if plan.missing:
            checks += (Check("found", False, f"{plan.missing[0].upper()}{plan.missing[1:]}."),)
    checks += left_out_check(plan.left_out)
    return ApplyResult(
        status=status,
        text=plan.source.restore(rewritten),
        confidence=confidence,
        hunks=plan.source.restore_hunks(ledger.hunks),
        checks=checks,
        stats=outcome.stats,
        id=plan.request.id,
        alternatives=tuple(_alternative(plan, reading, rewritten) for reading in others),
    )


def is_sure(plan: Plan) -> bool:
    """Would the first candidate be applied without a model?"""
    return decide(judge(plan, plan.candidates[0].text, UNASKED)[1])[0] is Status.APPLIED


def judge(
    plan: Plan, rewritten: str, outcome: Outcome, ledger: Ledger | None = None
) -> tuple[tuple[Check, ...], Evidence]:
    """The checks of a rewrite, and the evidence for its confidence. `ledger`: the rewrite's ledger, if known."""
    update, language = plan.request.update, plan.request.language
    ledger = ledger or plan.ledger(rewritten)
    checks = run_checks(
        *(plan.source.text, rewritten, update, language, plan.request.instruction),
        explained=ledger.explained(),
        placed=plan.exact,
    )
    if plan.exact:  # a diff names all its lines, but the snippet made of it may not
        named = "The update names every line that goes."
        checks = [Check(check.name, True, named) if check.name in NAMED_BY_DIFFS else check for check in checks]
    checks.append(ledger.check(plan.source.text))
    if plan.doubt:
        checks = [check for check in checks if check.name != "indentation"]
        checks.append(Check("indentation", False, f"{plan.doubt[0].upper()}{plan.doubt[1:]}."))
    undone = (still_there(part, plan.source.text, rewritten) for part in plan.replacements if part.loose)
    if plan.missing and (line := next(filter(None, undone), None)):
        checks.append(Check("deleted", False, f"The update deletes {_quoted(line)}, and it is still there."))
    if not outcome.complete:
        checks.append(Check("complete", False, "the model did not end the file by itself"))
    if outcome.unread:
        checks.append(Check("read", False, f"left to the alignment: {outcome.unread}"))
    first, *others = plan.candidates
    if any(other.cost < first.cost + NEAR and _is_same_edit(plan, first.text, other.text) for other in others):
        said = Check("ambiguous", False, "The same lines stand in another place that may be meant.")
        checks = [said if check.name == "ambiguous" and check.ok else check for check in checks]
    known = next((found.features for found in plan.candidates if found.text == rewritten), None)
    evidence = Evidence(
        failed=frozenset(check.name for check in checks if not check.ok),
        behind=tuple(other.cost - first.cost for other in others),
        margin=outcome.margin,
        agrees=rewritten == first.text,
        exact=plan.exact,
        features=known or {},
    )
    return tuple(checks), evidence


def _is_same_edit(plan: Plan, first: str, other: str) -> bool:
    """Do two candidates replace the same lines by the same ones, in different places?"""
    one, two = (_replaced(plan.source.text, text) for text in (first, other))
    return one == two and any(gone for gone, _ in one)


def _replaced(original: str, rewritten: str) -> Counter[tuple[str, str]]:
    """What each hunk removes and inserts."""
    lines = original.split("\n")
    hunks = line_hunks(original, rewritten)
    return Counter(("\n".join(lines[h.start_line : h.end_line]).strip(), h.new_text.strip()) for h in hunks)


def left_out_check(left_out: Sequence[str]) -> tuple[Check, ...]:
    """The check that names the code blocks that do not belong to the edit, by their first lines. Empty if there are
    none. A result with this check is not therefore doubtful."""
    return (Check("left_out", False, said_of(left_out)),) if left_out else ()


def said_of(left_out: Sequence[str]) -> str:
    """A sentence about the code blocks that do not belong to the edit, by their first lines, or ""."""
    if not left_out:
        return ""
    were = "was" if len(left_out) == 1 else "were"
    blocks = count(len(left_out), "code block")
    return f"{blocks} of the update {were} left out as no part of the edit: {', '.join(map(_quoted, left_out))}"


def _quoted(line: str) -> str:
    return f"`{line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 3] + '...'}`"


def _alternative(plan: Plan, reading: NumberedReading, rewritten: str) -> Alternative:
    source = plan.source
    hunks = source.restore_hunks(line_hunks(source.text, reading.text))
    diff = unified_diff(source.restore(rewritten), source.restore(reading.text), plan.request.path or "")
    return Alternative(hunks, reading.share, reading.number, diff)
