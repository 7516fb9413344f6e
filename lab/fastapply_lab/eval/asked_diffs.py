"""Ask the model for a diff instead of the whole file, to compare diffs with rewriting.

The same request goes to the same model; only the form of the answer differs. Answers are read leniently: fences, prose,
lost line numbers and shifted indentation do no harm. A diff that still does not fit the file is rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from fastapply.backends.base import Backend, CandidateText, Outcome, Piece, Rewrite
from fastapply.backends.load import load_local
from fastapply.config import Settings
from fastapply.errors import RejectedError, UsageError
from fastapply.prompt import Part, Special, Template, chat
from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.diff import line_hunks
from fastapply.text.formats import parse_update
from fastapply.text.lines import SourceText, match_final_newline
from fastapply.text.replacements import Replacement
from fastapply.text.wrapping import fenced_blocks
from fastapply.types import ApplyRequest, ApplyResult, Check, Stats, Status

_FORMS = {
    "search-replace": (
        "Answer with SEARCH/REPLACE blocks only, one for each change:\n"
        "<<<<<<< SEARCH\n(lines of the file, exactly as they stand there)\n=======\n(the lines that replace them)\n"
        ">>>>>>> REPLACE"
    ),
    "udiff": (
        "Answer with one unified diff of the file only, with the lines `--- a/FILE` and `+++ b/FILE`, hunk headers "
        "`@@ -l,n +l,n @@`, and three lines of context around each change."
    ),
}
DIFF_METHODS = tuple(_FORMS)


@dataclass(frozen=True)
class DiffAsker:
    """Asks a model for a diff and applies it."""

    backend: Backend

    def apply(self, request: ApplyRequest) -> ApplyResult:
        """The result: `applied` with confidence 1 (a diff has no measure of confidence) if the diff fits, else
        `rejected`.

        Raises ModelError if the model cannot run.
        """
        source = SourceText.of(request.original)
        stats = Stats()
        pieces: list[str] = []
        # The candidate only limits the output to the file's length, since a useful diff is not longer.
        job = Rewrite(request, (CandidateText(source.text),), guided=False)
        try:
            for step in self.backend.rewrite(job):
                stats = step.stats
                pieces += [step.text] if isinstance(step, Piece) else []
                assert isinstance(step, Piece | Outcome)
            text = apply_answer(source.text, "".join(pieces), request.path)
        except RejectedError as error:
            why = (Check("fits", False, str(error)),)
            return ApplyResult(Status.REJECTED, request.original, 0.0, checks=why, stats=stats, id=request.id)
        hunks = source.restore_hunks(line_hunks(source.text, text))
        return ApplyResult(Status.APPLIED, source.restore(text), 1.0, hunks, stats=stats, id=request.id)


def diff_asker(method: str, settings: Settings, notify: Callable[[str], None]) -> DiffAsker:
    """Ask the model in the settings, in this process or on a server. Raises UsageError, ModelError."""
    asked = diff_template(method)
    if settings.backend == "openai":
        from fastapply.backends.openai import OpenAIBackend
        from fastapply.backends.server_api import ServerApi

        return DiffAsker(OpenAIBackend(ServerApi.of(settings), asked, predict=False))
    from fastapply.backends.local import LocalBackend  # loads torch

    loaded = load_local(settings, progress=notify)
    return DiffAsker(LocalBackend(loaded.settings, loaded.model, loaded.codec, asked))


def diff_template(method: str) -> Template:
    """A chat template with the file and the update that asks for the kind of diff that `method` names."""
    form = _FORMS[method]

    def parts(request: ApplyRequest) -> list[Part]:
        asked = f"{request.instruction}\n\n" if request.instruction else ""
        user = (
            f"{asked}The file {request.path or 'FILE'}:\n<file>\n{request.original}</file>\n\nThe update, in which "
            f"markers stand for code that stays:\n<update>\n{request.update}\n</update>\n\n{form}"
        )
        return chat("You turn a suggested code update into a diff of the file, and change nothing else.", user)

    return Template(method, parts, Special("<|im_end|>"))


def apply_answer(original: str, answer: str, path: str | None) -> str:
    """`original` after the diff in `answer`, all LF. Raises RejectedError if there is no diff or it does not fit."""
    why = "the answer holds no diff"
    for replacements in _readings(answer, path):
        try:
            return match_final_newline(original, apply_replacements(original, replacements))
        except RejectedError as error:
            why = str(error)
    raise RejectedError(why)


def _readings(answer: str, path: str | None) -> Iterator[tuple[Replacement, ...]]:
    """Readings of the answer: all of it, its fenced blocks together or one by one, or with an added hunk header."""
    blocks = [block.text for block in fenced_blocks(SourceText.of(answer).text)]
    for text in (answer, "".join(blocks), *blocks, f"@@ @@\n{blocks[0] if blocks else answer}"):
        with suppress(UsageError):
            if found := parse_update(text, path=path).replacements:
                yield found
