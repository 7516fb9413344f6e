"""What is in doubt about a result, and where, in one sentence for a person.

If the update has another reading, the sentence says how that reading differs from the result. Otherwise it names the
weakest evidence. Lines are those of the original, counted from 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapply.judge.readings import NumberedReading
from fastapply.text.asked import code_words, missed_words
from fastapply.text.diff import lf_lines, line_hunks
from fastapply.text.markers import classify
from fastapply.types import ApplyRequest, Check

_TELLING = 4  # characters; shorter lines are brackets and the like
_MOST_QUOTED = 40
_MOST_PLACES = 3
_WORD = re.compile(r"\w+")


def in_doubt(original: str, result: str, others: Sequence[NumberedReading], request: ApplyRequest) -> Check:
    """The failed check `confident`. `request` has the update as it came."""
    if others:
        return Check(
            "confident", False, _places_that_fit(original, result, others) or parting(original, result, others[0])
        )
    return Check("confident", False, _weakest(original, result, request))


@dataclass(frozen=True)
class _Change:
    """A reading's changes to the original, blank lines aside. `gone`: line -> its text. `new`: the inserted texts, each
    with the line that it precedes."""

    gone: dict[int, str]
    new: list[tuple[int, str]]

    @classmethod
    def of(cls, original: str, rewritten: str) -> _Change:
        lines, gone, new = lf_lines(original), dict[int, str](), list[tuple[int, str]]()
        for hunk in line_hunks(original, rewritten):
            gone |= {k: lines[k].rstrip() for k in range(hunk.start_line, hunk.end_line) if lines[k].strip()}
            new += [(hunk.start_line, line.rstrip()) for line in lf_lines(hunk.new_text) if line.strip()]
        return cls(gone, new)

    def words(self) -> tuple[Counter[str], Counter[str]]:
        """The deleted and the inserted texts, regardless of place."""
        return Counter(map(str.strip, self.gone.values())), Counter(text.strip() for _, text in self.new)

    def places(self) -> set[int]:
        return self.gone.keys() | {place for place, _ in self.new}


def _places_that_fit(original: str, result: str, others: Sequence[NumberedReading]) -> str:
    """The sentence for three or more places where the readings make the same change. "" if there are fewer, or if the
    likeliest other reading makes another change."""
    mine = _Change.of(original, result)
    theirs = [_Change.of(original, other.text) for other in others]
    here = min(mine.places() - theirs[0].places(), default=None)
    firsts = [_first_place_apart(mine, change) for change in theirs]
    elsewhere = list(dict.fromkeys(place for place in firsts if place is not None))
    if here is None or firsts[0] is None or len(elsewhere) < 2:
        return ""
    lines = [str(place + 1) for place in (here, *elsewhere)]
    last = "another" if len(lines) > _MOST_PLACES else lines.pop()
    named = f"line {', '.join(lines[:_MOST_PLACES])} or {last}"
    return f"{len(elsewhere) + 1} places fit: {named}; reading {others[0].number} takes line {elsewhere[0] + 1}"


def _first_place_apart(mine: _Change, theirs: _Change) -> int | None:
    """The first place that only the other reading changes, if it makes the same change."""
    return min(theirs.places() - mine.places(), default=None) if theirs.words() == mine.words() else None


def parting(original: str, result: str, other: NumberedReading) -> str:
    """How another reading differs from the result."""
    mine, theirs = _Change.of(original, result), _Change.of(original, other.text)
    reading = f"reading {other.number}"
    goes, stays = _apart(theirs.gone, mine.gone), _apart(mine.gone, theirs.gone)
    if mine.words() == theirs.words():
        return _same_lines(mine, theirs, reading)
    more, fewer = theirs.words()[1] - mine.words()[1], mine.words()[1] - theirs.words()[1]
    if goes and stays:
        return f"{_at(stays[0])}: {_named(stays)} gone here; {reading} takes away {_range(goes)} instead"
    if goes:
        return f"{_at(goes[0])}: {_removal(goes, theirs, more, reading)}"
    if stays:
        return f"{_at(stays[0])}: {_keeping(stays, mine, fewer, reading)}"
    return _other_new_lines(mine, theirs, more, fewer, reading)


def _removal(goes: list[int], theirs: _Change, more: Counter[str], reading: str) -> str:
    texts = [theirs.gone[k].strip() for k in goes]
    what, them = _quoted(texts), "it" if len(goes) == 1 else "them"
    if more and more == Counter(texts):
        place = next(place for place, text in theirs.new if text.strip() in more)
        return f"{what} may belong elsewhere: {reading} moves {them} to line {place + 1}"
    if more:
        return f"{what} may have to change: {reading} replaces {them}"
    return f"{what} may have to go: {reading} removes {them}"


def _keeping(stays: list[int], mine: _Change, fewer: Counter[str], reading: str) -> str:
    texts = [mine.gone[k].strip() for k in stays]
    what, one = _quoted(texts), len(stays) == 1
    them = "it" if one else "them"
    if fewer and fewer == Counter(texts):
        return f"{what} {'moves' if one else 'move'} away, perhaps wrongly: {reading} leaves {them} here"
    return f"{what} {'goes' if one else 'go'}, perhaps wrongly: {reading} keeps {them}"


def _other_new_lines(mine: _Change, theirs: _Change, more: Counter[str], fewer: Counter[str], reading: str) -> str:
    if not more:
        place = next(place for place, text in mine.new if text.strip() in fewer)
        texts = list(fewer.elements())
        them = "it" if len(texts) == 1 else "them"
        return f"{_at(place)}: {_quoted(texts, 'new line')} may not belong here: {reading} leaves {them} out"
    place = next(place for place, text in theirs.new if text.strip() in more)
    if not fewer:
        texts = list(more.elements())
        them = "it" if len(texts) == 1 else "them"
        return f"{_at(place)}: {_quoted(texts, 'more line')} may belong here: {reading} puts {them} in"
    return f"{_at(place)}: the new lines may have to be others: {reading} shows which"


def _same_lines(mine: _Change, theirs: _Change, reading: str) -> str:
    """The difference between readings that delete and insert the same texts: place, order or indentation."""
    ours, others = mine.places(), theirs.places()
    here, there = min(ours - others, default=None), min(others - ours, default=None)
    if here is not None and there is not None:
        return f"two places fit: {_at(here)} or {_at(there)}; {reading} takes the second"
    place = min(ours | others, default=0)
    if sorted(mine.new) != sorted(theirs.new):
        return f"{_at(place)}: the new lines may be indented otherwise: {reading} shows how"
    if mine.new != theirs.new:
        return f"{_at(place)}: the new lines may stand in another order: {reading} shows which"
    return f"{_at(place)}: {reading} differs in blank lines only"


def _weakest(original: str, result: str, request: ApplyRequest) -> str:
    """The weakest evidence, if there is no other reading."""
    change = _Change.of(original, result)
    places = [*change.gone, *(place for place, _ in change.new)]
    if not places:
        return "nothing changes but blank lines, which the update may not mean"
    at = _at(min(places))
    if missed_words(original, result, request.instruction):
        touched = {
            word for text in (*change.gone.values(), *(text for _, text in change.new)) for word in _WORD.findall(text)
        }
        names = ", ".join(f"`{name}`" for name in sorted(code_words(request.instruction) - touched)[:3])
        return f"{at}: the instruction names {names}, and no changed line does"
    shown = [line for raw in request.update.splitlines() if (line := raw.strip())]
    named = {text for line in shown for text in (line, line.removeprefix("-").strip())}
    unnamed = _longest_run(k for k, text in change.gone.items() if text.strip() not in named)
    if len(unnamed) > 1 or (unnamed and not change.new):
        return f"what goes at {_range(unnamed)} is not named by the update"
    code = [line for line in shown if not classify(line, request.language)]
    known = Counter(line.strip() for line in lf_lines(original))
    if code and code[0] not in known:
        return f"{at}: the update's first line is not in the file, so its place is a guess"
    if code and code[-1] not in known:
        return f"{at}: the update's last line is not in the file, so where it ends is a guess"
    anchors = [line for line in code if len(line) >= _TELLING and known[line]]
    if anchors and all(known[line] > 1 for line in anchors):
        return f"{at}: every line that places the update occurs more than once in the file"
    return f"{at}: little in the update confirms that the change belongs here"


def _longest_run(numbers: Iterable[int]) -> list[int]:
    best, run = list[int](), list[int]()
    for number in sorted(numbers):
        run = [*run, number] if run and number == run[-1] + 1 else [number]
        best = max(best, run, key=len)
    return best


def _apart(gone: dict[int, str], others: dict[int, str]) -> list[int]:
    return sorted(gone.keys() - others.keys())


def _at(line: int) -> str:
    return f"line {line + 1}"


def _range(numbers: Sequence[int]) -> str:
    first, last = numbers[0] + 1, numbers[-1] + 1
    if len(numbers) == 1:
        return f"line {first}"
    if last - first + 1 == len(numbers):
        return f"lines {first}-{last}"
    return f"{len(numbers)} lines from line {first} on"


def _named(numbers: Sequence[int]) -> str:
    return f"{_range(numbers)} {'is' if len(numbers) == 1 else 'are'}"


def _quoted(texts: Sequence[str], noun: str = "line") -> str:
    """A single line as it is, or the number of lines."""
    if len(texts) > 1:
        return f"{len(texts)} {noun}s"
    text = texts[0]
    return f"`{text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 3] + '...'}`"
