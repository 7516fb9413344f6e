"""One request from end to end. Read this file first.

    update text -> format recognised -> n-best structural merges -> the model rewrites the region they touch: the
    merges are its drafts, and where they part it chooses -> the text streams out as hunks -> checks and confidence
    -> result

A front (command line, language server, HTTP) builds an `Applier` once and calls `apply` or iterates over `stream`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fastapply.align.check import run_checks
from fastapply.align.languages import comment, detect
from fastapply.align.propose import Breadth, Proposer
from fastapply.align.whole import is_whole_file, shown_line_for_line
from fastapply.align.window import Expander, Window, cut_windows, whole_file
from fastapply.backends.base import Backend, Candidate, Outcome, Piece, Rewrite, sum_stats, together
from fastapply.errors import RejectedError, TooLongError
from fastapply.judge.confidence import Evidence, decide, decide_chosen
from fastapply.judge.doubt import in_doubt
from fastapply.judge.features import Features
from fastapply.judge.ledger import Ledger, account
from fastapply.judge.readings import Reading, chosen_reading, other_readings
from fastapply.judge.score import Ranked, rank
from fastapply.judge.weights import PROPOSE
from fastapply.text.cleaning import cleaned
from fastapply.text.diff import StreamingDiff, line_hunks, unified_diff
from fastapply.text.formats import Replacement, Update, apply_fitting, parse_update
from fastapply.text.indentation import in_steps_of, outdented
from fastapply.text.lines import SourceText, match_final_newline
from fastapply.text.markers import classify
from fastapply.text.rows import Role
from fastapply.types import Alternative, ApplyRequest, ApplyResult, Check, Hunk, Stats, Status

RIVAL_NATS = 7.0  # candidates that the alignment finds less likely than this are not read by the model
MOST_RIVALS = 5
NAMED_BY_DIFFS = frozenset({"truncated", "overwritten", "arrived", "explained"})
UNASKED = Outcome(True, (), None, Stats())  # no model had a part in it
NARROW = Breadth()
WIDE = Breadth(beam=32, regions=80, candidates=40)  # to learn from


class Delta(NamedTuple):
    """What one step added: text as the model writes it (LF), hunks of the original file that have settled with it.

    All hunks of a stream together give the text of its result (where a file mixes line ends: but for those).
    """

    text: str
    hunks: tuple[Hunk, ...]
    lines_done: int  # of the original, for a progress bar
    tokens: int
    drafted: int
    stats: Stats
    drafted_characters: int = 0  # of `text`, from its start


@dataclass(frozen=True)
class Plan:
    """A request that is understood: the LF view of the file, and what the update may mean, likeliest first.

    `request` has LF texts, the update as a snippet. No two candidates have the same lines but for blank ones: those are
    not worth a doubt. `exact` says that the update was a diff that fits as it stands: nothing is left for a model to
    decide. `replacements` are those of a diff, `doubt` says what of its place or indentation is a guess.
    """

    source: SourceText
    request: ApplyRequest
    candidates: tuple[Ranked, ...]
    exact: bool
    replacements: tuple[Replacement, ...] = ()
    doubt: str = ""
    chosen: bool = False
    update: str = ""

    def ledger(self, rewritten: str) -> Ledger:
        """Why each line goes that `rewritten` does not have."""
        asked = self.request
        return account(self.source.text, rewritten, asked.update, asked.language, asked.instruction, self.replacements)

    def sure(self) -> bool:
        """Would the first candidate be applied by the alignment alone?"""
        return decide(judge(self, self.candidates[0].text, UNASKED)[1])[0] is Status.APPLIED


class Applier:
    """Applies edits with one backend; without one by alignment alone."""

    def __init__(
        self,
        backend: Backend | None,
        *,
        guided: bool = True,
        whole_file: bool = False,
        only_in_doubt: bool = False,
    ) -> None:
        """`guided`: the model keeps to the alignment's candidates, else it writes freely. `whole_file`: all of the file
        goes through the model, else only the region that the edit touches. `only_in_doubt`: a result of which the
        alignment is sure is written without the model."""
        self._backend = backend
        self._guided = guided
        self._whole_file = whole_file
        self._only_in_doubt = only_in_doubt

    def apply(self, request: ApplyRequest) -> ApplyResult:
        """The result of `stream`, without the steps."""
        *_, result = self.stream(request)
        assert isinstance(result, ApplyResult)
        return result

    def stream(self, request: ApplyRequest) -> Generator[Delta | ApplyResult]:
        """Yield deltas as the rewrite settles, then the result. Closing the iterator cancels within one block.

        An edit that cannot be applied ends in a result with status `rejected` and the original text.

        Raises:
            UsageError: the update is empty or broken, or has no such reading.
            ModelError: the model cannot run.
        """
        try:
            plan = dataclasses.replace(make_plan(request), update=request.update)
            if request.reading != 1:
                text = chosen_reading(plan.candidates, request.reading, with_model=self._backend is not None)
                plan = dataclasses.replace(plan, candidates=(Ranked(text, 0.0),), chosen=True)
            yield from self._rewrite(plan)
        except RejectedError as error:
            yield _rejected(request, str(error))

    def _rewrite(self, plan: Plan) -> Iterator[Delta | ApplyResult]:
        diff = StreamingDiff(plan.source.text)
        written: list[str] = []
        held = ""
        outcome = UNASKED
        for piece in self._pieces(plan):
            if isinstance(piece, Outcome):
                outcome = piece
                continue
            written.append(piece.text)
            # Newlines wait for what follows them: the final ones are the original's, whatever the model writes.
            ready, held = _without_final_newlines(held + piece.text)
            hunks = plan.source.restore_hunks(diff.push(ready))
            done = diff.original_lines_done
            yield Delta(piece.text, hunks, done, piece.tokens, piece.drafted, piece.stats, piece.drafted_characters)
        text = "".join(written)
        settled = diff.push(match_final_newline(plan.source.text, text)[len(text) - len(held) :]) + diff.finish()
        yield Delta("", plan.source.restore_hunks(settled), diff.original_lines_done, 0, 0, outcome.stats)
        yield self._result(plan, text, outcome)

    def _pieces(self, plan: Plan) -> Iterator[Piece | Outcome]:
        first, *others = plan.candidates
        if self._backend is None or plan.exact or plan.chosen or (self._only_in_doubt and plan.sure()):
            yield Piece(first.text, 0, 0, Stats())
            return
        rivals = [first, *(other for other in others if other.cost - first.cost < RIVAL_NATS)][:MOST_RIVALS]
        texts = [rival.text for rival in rivals]
        cut = whole_file if self._whole_file else cut_windows
        outcomes: list[Outcome] = []
        for window in cut(plan.source.text, texts, plan.request.language):
            priors = [first.cost - rivals[numbers[0]].cost for numbers in window.ways]
            candidates = tuple(map(Candidate, window.candidates, priors))
            request = dataclasses.replace(plan.request, original=window.original)
            before = together(outcomes).stats
            if window.head:
                yield Piece(window.head, 0, 0, before)
            for piece in self._window_pieces(window, Rewrite(request, candidates, self._guided)):
                if isinstance(piece, Outcome):
                    outcomes.append(piece)
                else:
                    yield piece._replace(stats=sum_stats([before, piece.stats]))
            if window.tail:
                yield Piece(window.tail, 0, 0, together(outcomes).stats)
        yield together(outcomes)

    def _window_pieces(self, window: Window, job: Rewrite) -> Iterator[Piece | Outcome]:
        """What the model writes, and what the window leaves out. A window that does not fit the model is left to the
        alignment."""
        assert self._backend is not None
        expander = Expander(window)
        begun = False
        try:
            for piece in self._backend.rewrite(job):
                begun = True
                if isinstance(piece, Piece):
                    yield piece._replace(text=expander.push(piece.text))
                else:
                    if rest := expander.finish():
                        yield Piece(rest, 0, 0, piece.stats)
                    yield piece
        except TooLongError as error:
            if begun or not self._guided:
                raise
            yield Piece(expander.push(window.candidates[0]) + expander.finish(), 0, 0, Stats())
            yield Outcome(True, (), None, Stats(), unread=str(error))

    def _result(self, plan: Plan, written: str, outcome: Outcome) -> ApplyResult:
        original = plan.source.text
        rewritten = plan.source.without_new_bom(match_final_newline(original, written))
        ledger = plan.ledger(rewritten)
        checks, evidence = judge(plan, rewritten, outcome, ledger)
        status, confidence = decide_chosen(evidence) if plan.chosen else decide(evidence)
        others: list[Reading] = []
        if status is Status.NEEDS_REVIEW:
            others = [] if plan.chosen else other_readings(plan.candidates, rewritten)
            if others or not evidence.failed:
                asked = dataclasses.replace(plan.request, update=plan.update)
                checks += (in_doubt(original, rewritten, others, asked),)
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


def _alternative(plan: Plan, reading: Reading, rewritten: str) -> Alternative:
    source = plan.source
    hunks = source.restore_hunks(line_hunks(source.text, reading.text))
    diff = unified_diff(source.restore(rewritten), source.restore(reading.text), plan.request.path or "")
    return Alternative(hunks, reading.share, reading.number, diff)


def judge(
    plan: Plan, rewritten: str, outcome: Outcome, ledger: Ledger | None = None
) -> tuple[tuple[Check, ...], Evidence]:
    """The checks of a rewrite, and everything that its confidence depends on. `ledger`: the rewrite's, if known."""
    update, language = plan.request.update, plan.request.language
    checks = run_checks(plan.source.text, rewritten, update, language, plan.request.instruction, placed=plan.exact)
    if plan.exact:  # a diff names every line that comes or goes; the snippet made of it may be read otherwise
        checks = [Check(check.name, True) if check.name in NAMED_BY_DIFFS else check for check in checks]
    checks.append((ledger or plan.ledger(rewritten)).check(plan.source.text))
    if plan.doubt:
        checks = [check for check in checks if check.name != "indentation"]
        checks.append(Check("indentation", False, f"{plan.doubt[0].upper()}{plan.doubt[1:]}."))
    if not outcome.complete:
        checks.append(Check("complete", False, "the model did not end the file by itself"))
    if outcome.unread:
        checks.append(Check("read", False, f"left to the alignment: {outcome.unread}"))
    first, *others = plan.candidates
    known = next((found.features for found in plan.candidates if found.text == rewritten), None)
    evidence = Evidence(
        failed=frozenset(check.name for check in checks if not check.ok),
        behind=tuple(other.cost - first.cost for other in others),
        margin=outcome.margin,
        least_log_prob=min(outcome.decision_log_probs, default=None),
        agrees=rewritten == first.text,
        exact=plan.exact,
        features=known or {},
    )
    return tuple(checks), evidence


def make_plan(request: ApplyRequest, breadth: Breadth = NARROW) -> Plan:
    """Understand a request: its language, its format, and its n-best structural merges.

    Raises:
        UsageError: the update is empty or broken.
        RejectedError: the update matches nothing in the file.
    """
    source = SourceText.of(request.original)
    text = cleaned(SourceText.of(request.update).text, source.text, request.path)
    update = parse_update(text, path=request.path, original=source.text)
    language = request.language or detect(request.path, source.text)
    # Whatever does not take a diff as it stands reads it as a snippet that shows its new side.
    snippet = _as_snippet(update, source.text, language)
    asked = dataclasses.replace(request, original=source.text, update=snippet, language=language)
    if not update.replacements:
        return Plan(source, asked, _candidates(source.text, snippet, asked, breadth), exact=False)
    applied = apply_fitting(source.text, update.replacements)
    if not applied.left:
        return Plan(source, asked, (Ranked(applied.text, 0.0),), True, update.replacements, applied.doubt)
    # The blocks that fit stay where they are, whatever becomes of the others.
    left = _as_snippet(_only(update, applied.left), applied.text, language)
    return Plan(source, asked, _candidates(applied.text, left, asked, breadth), False, update.replacements)


def _candidates(original: str, update: str, request: ApplyRequest, breadth: Breadth) -> tuple[Ranked, ...]:
    """What a snippet may mean in a file, likeliest first.

    Raises RejectedError if it matches nothing there.
    """
    if not original.strip():
        return (Ranked(update, 0.0),)
    ending = "\n" * original.endswith("\n")
    update = outdented(original, in_steps_of(original, update))
    whole = shown_line_for_line(original, update, request.language)
    if whole is None and is_whole_file(original, update, request.language):
        whole = update
    if whole is not None:
        return (Ranked(whole.removesuffix("\n") + ending, 0.0),)
    instruction, language = request.instruction, request.language
    text, snippet = original.removesuffix("\n"), update.removesuffix("\n")
    proposer = Proposer(text, snippet, language, instruction, PROPOSE, breadth)
    if not proposer.anchored():
        raise RejectedError("the update matches nothing in the file: check that it is meant for this file")
    features = Features(original, update, instruction, language)
    return tuple(rank(proposer.candidates(), features, ending))


def _without_final_newlines(text: str) -> tuple[str, str]:
    """`text` in two parts, the second of newlines only."""
    length = len(text.rstrip("\n"))
    return text[:length], text[length:]


def _only(update: Update, left: Sequence[Replacement]) -> Update:
    return dataclasses.replace(update, replacements=tuple(left), rows=())


def _as_snippet(update: Update, original: str, language: str | None) -> str:
    """The new side of a diff. Context that the file does not have, of an older version say, is not new code."""
    if not update.replacements:
        return update.text
    marker = comment(language, "... existing code ...")
    places: dict[str, list[int]] = {}
    lines = original.split("\n")
    for number, line in enumerate(lines):
        places.setdefault(line.strip(), []).append(number)
    shown = [marker]
    for part in update.replacements:
        last = -1
        for line in part.after:
            context, at = line in part.before, places.get(line.strip(), [])
            if context and not at and classify(line) is None:
                continue
            if context and line.strip() and len(at) == 1:
                # Only a sign deletes: what a diff leaves out between two lines of its context stays.
                if part.loose and last >= 0 and any(map(str.strip, lines[last + 1 : at[0]])):
                    shown += [marker] * (not _between(part, lines[last], lines[at[0]]))
                line, last = lines[at[0]], at[0]
            shown.append(line)
        shown.append(marker)
    return "\n".join(shown) + "\n"


def _between(part: Replacement, above: str, below: str) -> bool:
    """Does a diff take lines away, or put some in, between two lines of its context?"""
    roles = {row.text.strip(): i for i, row in enumerate(part.rows)}
    start, end = (roles.get(line.strip(), -1) for line in (above, below))
    return start < 0 or any(row.role is not Role.CONTEXT for row in part.rows[start + 1 : end])


def _rejected(request: ApplyRequest, why: str) -> ApplyResult:
    return ApplyResult(Status.REJECTED, request.original, 0.0, checks=(Check("fits", False, why),), id=request.id)
