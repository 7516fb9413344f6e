"""The plan of a request: its update as a snippet, whatever the format, and what it may mean, likeliest first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from fastapply.align.whole import is_said_to_be_whole, is_whole_file, shown_line_for_line, shows_no_change
from fastapply.judge.ledger import Ledger, account
from fastapply.judge.readings import chosen_reading
from fastapply.judge.score import Ranked
from fastapply.text.asked import removes, told_renames
from fastapply.text.comments import comment
from fastapply.text.diff import is_telling
from fastapply.text.formats import Update
from fastapply.text.lines import SourceText
from fastapply.text.markers import classify
from fastapply.text.places import in_own_signs
from fastapply.text.replacements import Replacement
from fastapply.text.rows import Role
from fastapply.types import ApplyRequest


@dataclass(frozen=True)
class Plan:
    """A request with the LF view of its file, and the candidates, likeliest first.

    `request` has LF texts and the update as a snippet. `sent` is the update as it came. Candidates differ in more than
    blank lines. `exact`: the update is a diff that fits, or a new file, and leaves the model nothing to decide.
    `replacements` are those of a diff. `doubt` says which of its places or indentations are guesses, `missing` which of
    its blocks is not in the file as it is quoted. `chosen`: a person requested this reading. `left_out`: the first line
    of each code block of the update that does not belong to the edit.
    """

    source: SourceText
    request: ApplyRequest
    sent: str
    candidates: tuple[Ranked, ...] = ()
    exact: bool = False
    replacements: tuple[Replacement, ...] = ()
    doubt: str = ""
    missing: str = ""
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


def as_snippet(update: Update, original: str, language: str | None) -> str:
    """The new side of a diff. Context that the file lacks, perhaps from an older version, is not new code."""
    if not update.replacements:
        return in_own_signs(update.text, original)
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
                # Only signs delete: lines that a diff omits between two lines of context stay.
                if part.loose and last >= 0 and any(map(str.strip, lines[last + 1 : at[0]])):
                    shown += [marker] * (not _between(part, lines[last], lines[at[0]]))
                line, last = lines[at[0]], at[0]
            shown.append(line)
        shown.append(marker)
    return "\n".join(shown) + "\n"


def still_there(part: Replacement, original: str, rewritten: str) -> str | None:
    """A line that a diff deletes, and that the rewritten text has as often as before, or more."""
    before, after = (Counter(map(str.strip, text.split("\n"))) for text in (original, rewritten))
    gone = Counter(row.text.strip() for row in part.rows if row.role is Role.GONE)
    new = Counter(row.text.strip() for row in part.rows if row.role is Role.NEW)
    left = (text for text in gone if is_telling(text) and not new[text] and after[text] >= before[text] > 0)
    return next(left, None)


def _between(part: Replacement, above: str, below: str) -> bool:
    """Does a diff delete or insert lines between two lines of its context?"""
    roles = {row.text.strip(): i for i, row in enumerate(part.rows)}
    start, end = (roles.get(line.strip(), -1) for line in (above, below))
    return start < 0 or any(row.role is not Role.CONTEXT for row in part.rows[start + 1 : end])


def shown_whole(original: str, update: str, language: str | None, said: str = "") -> str | None:
    """The new text, without its last line break, if a snippet shows the whole file, or nothing but lines as they are.
    Otherwise None. `said`: the instruction and the prose around the snippet."""
    whole = shown_line_for_line(original, update, language)
    if whole is None and (
        is_said_to_be_whole(original, update, language, said) or is_whole_file(original, update, language)
    ):
        whole = update
    if whole is None and not removes(said) and not told_renames(said) and shows_no_change(original, update, language):
        whole = original
    return None if whole is None else whole.removesuffix("\n")
