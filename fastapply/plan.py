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
    """A request that is understood: the LF view of the file, and what the update may mean, likeliest first.

    `request` has LF texts, the update as a snippet; `sent` is the update as it came. No two candidates have the same
    lines but for blank ones: those are not worth a doubt. `exact` says that the update was a diff that fits as it
    stands: nothing is left for a model to decide. `replacements` are those of a diff, `doubt` says what of its place or
    indentation is a guess. `chosen`: somebody asked for this very reading.
    """

    source: SourceText
    request: ApplyRequest
    sent: str
    candidates: tuple[Ranked, ...] = ()
    exact: bool = False
    replacements: tuple[Replacement, ...] = ()
    doubt: str = ""
    chosen: bool = False

    def ledger(self, rewritten: str) -> Ledger:
        """Why each line goes that `rewritten` does not have."""
        asked = self.request
        return account(self.source.text, rewritten, asked.update, asked.language, asked.instruction, self.replacements)

    def with_reading(self, number: int, *, with_model: bool) -> Plan:
        """The plan of taking one reading. `with_model`: a model may have preferred another one to the first.

        Raises UsageError: there is no such reading.
        """
        text = chosen_reading(self.candidates, number, with_model=with_model)
        return replace(self, candidates=(Ranked(text, 0.0),), chosen=True)
