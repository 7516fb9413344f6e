"""The plan of a request: what its update may mean in its file, likeliest first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapply.judge.ledger import Ledger, account
from fastapply.judge.readings import chosen_reading
from fastapply.judge.score import Ranked
from fastapply.text.lines import SourceText
from fastapply.text.replacements import Replacement
from fastapply.types import ApplyRequest


@dataclass(frozen=True)
class Plan:
    """A request with the LF view of its file, and the candidates, likeliest first.

    `request` has LF texts and the update as a snippet. `sent` is the update as it came. Candidates differ in more than
    blank lines. `exact`: the update is a diff that fits as it is, and leaves the model nothing to decide.
    `replacements` are those of a diff. `doubt` says which of its places or indentations are guesses. `chosen`: a person
    requested this reading. `left_out`: the first line of each code block of the update that is no part of the edit.
    """

    source: SourceText
    request: ApplyRequest
    sent: str
    candidates: tuple[Ranked, ...] = ()
    exact: bool = False
    replacements: tuple[Replacement, ...] = ()
    doubt: str = ""
    chosen: bool = False
    left_out: tuple[str, ...] = ()

    def ledger(self, rewritten: str) -> Ledger:
        """Why each line of the original that `rewritten` lacks was deleted."""
        asked = self.request
        return account(self.source.text, rewritten, asked.update, asked.language, asked.instruction, self.replacements)

    def with_reading(self, number: int, *, with_model: bool) -> Plan:
        """The plan with one chosen reading. `with_model`: a model may have preferred another reading to the first.

        Raises UsageError if there is no such reading.
        """
        text = chosen_reading(self.candidates, number, with_model=with_model)
        return replace(self, candidates=(Ranked(text, 0.0),), chosen=True)
