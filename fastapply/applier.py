"""One request from end to end: read, propose, score, write. Read this file first.

    update text -> format recognised -> candidates proposed and scored -> the model rewrites the regions they touch: the
    first candidate is its draft, and where candidates differ the model chooses -> the text streams out as hunks
    -> checks and confidence -> result

A front (command line, language server, HTTP) builds an `Applier` once and calls `apply` or iterates over `stream`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from fastapply.align.beam import Breadth
from fastapply.align.languages import detect
from fastapply.align.propose import Proposer
from fastapply.backends.base import Backend, Outcome, Piece
from fastapply.errors import RejectedError
from fastapply.judge.features import Features
from fastapply.judge.score import Ranked, rank
from fastapply.judge.weights import PROPOSE
from fastapply.pieces import copied, rewritten
from fastapply.plan import Plan, as_snippet, shown_whole
from fastapply.result import UNASKED, is_sure, make_result
from fastapply.text.apply_blocks import apply_fitting
from fastapply.text.cleaning import cleaned
from fastapply.text.diff import StreamingDiff
from fastapply.text.formats import parse_update
from fastapply.text.indentation import in_steps_of, outdented
from fastapply.text.lines import SourceText, match_final_newline
from fastapply.text.markers import classify
from fastapply.text.wrapping import is_prose_file, looks_like_code
from fastapply.types import ApplyRequest, ApplyResult, Delta

NARROW = Breadth()


class Applier:
    """Applies edits with a backend, or without one by alignment alone."""

    def __init__(
        self, backend: Backend | None, *, guided: bool = True, whole_file: bool = False, only_in_doubt: bool = False
    ) -> None:
        """`guided`: the model follows the alignment's candidates; otherwise it writes freely. `whole_file`: the whole
        file goes through the model, not only the regions that the edit touches. `only_in_doubt`: a result that the
        alignment is sure of is written without the model."""
        self._backend = backend
        self._guided = guided
        self._whole_file = whole_file
        self._only_in_doubt = only_in_doubt

    def apply(self, request: ApplyRequest) -> ApplyResult:
        """The result of `stream`, without the deltas."""
        *_, result = self.stream(request)
        assert isinstance(result, ApplyResult)
        return result

    def stream(self, request: ApplyRequest) -> Generator[Delta | ApplyResult]:
        """Yield deltas as the rewrite settles, then the result. Closing the iterator cancels within one block.

        An edit that cannot be applied gives a result with status `rejected` and the original text.

        Raises UsageError if the update is empty or broken or lacks the requested reading, ModelError if the model
        fails.
        """
        try:
            plan = make_plan(request)
            if request.reading != 1:
                plan = plan.with_reading(request.reading, with_model=self._backend is not None)
            yield from self._write(plan)
        except RejectedError as error:
            yield ApplyResult.rejected(request.original, str(error), request.id)

    def _write(self, plan: Plan) -> Iterator[Delta | ApplyResult]:
        diff = StreamingDiff(plan.source.text)
        written: list[str] = []
        held = ""
        outcome = UNASKED
        for piece in self._pieces(plan):
            if isinstance(piece, Outcome):
                outcome = piece
                continue
            written.append(piece.text)
            # Newlines wait for the text after them: the final ones come from the original, not from the model.
            ready, held = _without_final_newlines(held + piece.text)
            hunks = plan.source.restore_hunks(diff.push(ready))
            done = diff.original_lines_done
            yield Delta(piece.text, hunks, done, piece.tokens, piece.drafted, piece.stats, piece.drafted_characters)
        text = "".join(written)
        settled = diff.push(match_final_newline(plan.source.text, text)[len(text) - len(held) :]) + diff.finish()
        yield Delta("", plan.source.restore_hunks(settled), diff.original_lines_done, 0, 0, outcome.stats)
        yield make_result(plan, text, outcome)

    def _pieces(self, plan: Plan) -> Iterator[Piece | Outcome]:
        if self._backend is None or plan.exact or plan.chosen or (self._only_in_doubt and is_sure(plan)):
            return copied(plan.candidates[0].text)
        return rewritten(plan, self._backend, guided=self._guided, whole=self._whole_file)


def make_plan(request: ApplyRequest, breadth: Breadth = NARROW) -> Plan:
    """Read the request (its file, language and format), then propose and score what it may mean.

    Raises UsageError if the update is empty or broken, RejectedError if it matches nothing in the file.
    """
    source = SourceText.of(request.original)
    text = cleaned(SourceText.of(request.update).text, source.text, request.path)
    update = parse_update(text, path=request.path, original=source.text)
    language = request.language or detect(request.path, source.text)
    # A diff that does not fit is read as a snippet of its new side.
    snippet = as_snippet(update, source.text, language)
    told = f"{request.instruction} {update.said}".strip()  # an answer says around its code what it does
    asked = replace(request, original=source.text, update=snippet, language=language, instruction=told)
    plan = Plan(source, asked, sent=request.update, replacements=update.replacements, left_out=update.left_out)
    if not update.replacements:
        found = _candidates(source.text, snippet, asked, breadth)
        return replace(plan, candidates=found, exact=not source.text.strip())  # empty: the file is the update
    applied = apply_fitting(source.text, update.replacements)
    if not applied.left:
        return replace(plan, candidates=(Ranked(applied.text, 0.0),), exact=True, doubt=applied.doubt)
    left = as_snippet(replace(update, replacements=applied.left), applied.text, language)
    try:  # the blocks that fit stay where they are, whatever happens to the others
        return replace(plan, candidates=_candidates(applied.text, left, asked, breadth), missing=applied.why)
    except RejectedError as error:
        raise RejectedError(applied.why) from error  # says which block, and what of it is missing


def _candidates(original: str, update: str, request: ApplyRequest, breadth: Breadth) -> tuple[Ranked, ...]:
    """What a snippet may mean in a file: proposed, scored, likeliest first.

    Raises RejectedError if the snippet matches nothing in the file.
    """
    if not original.strip():
        return (Ranked(update, 0.0),)
    instruction, language = request.instruction, request.language
    ending = "\n" * original.endswith("\n")
    update = outdented(original, in_steps_of(original, update))
    whole = shown_whole(original, update, language, instruction)
    if whole is not None:
        return (Ranked(whole + ending, 0.0),)
    text, snippet = original.removesuffix("\n"), update.removesuffix("\n")
    proposer = Proposer(text, snippet, language, instruction, PROPOSE, breadth)
    if not proposer.anchored():
        raise RejectedError(_why_not(update, request.path))
    features = Features(original, update, instruction, language)
    return tuple(rank(proposer.candidates(), features, ending))


def _why_not(update: str, path: str | None) -> str:
    """Why an update has no place in the file."""
    code = (line for line in update.split("\n") if looks_like_code(line) and classify(line) is None)
    if next(code, None) is None and not is_prose_file(path):
        return "the update has no code, only prose or a marker: send the changed lines"
    return "the update matches nothing in the file: check that it is meant for this file"


def _without_final_newlines(text: str) -> tuple[str, str]:
    """`text` in two parts. The second part has only the final newlines."""
    length = len(text.rstrip("\n"))
    return text[:length], text[length:]
