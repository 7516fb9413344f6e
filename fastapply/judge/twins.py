"""`twin`: the new version of a line stands in its place.

Two lines are twins by what they name (a definition, a variable, a key), by the function they call, or by their looks.
Where lines that stay look as much like the new one, looks say nothing: it is one more entry of a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from fastapply.judge.sides import telling

ALIKE = 60.0  # per cent: twins by their looks
_LEAD = 4.0  # per cent: how much more a line must look like its new version than lines that stay do
_KEY = re.compile(r"(?:[-*]\s+)?[\"']?(?P<key>[\w.$@/-]+)[\"']?\s*(?::(?!:)|=>)")
_ASSIGNED = re.compile(r"(?P<left>[^=(\"']*?[\w\])>]|[\"'][^\"']*[\"'])\s*(?::|[-+*/|&]|\?\?|\|\|)?=(?![=~>])")
_CALL = re.compile(r"(?:(?:await|return|yield|const|let|var|new|go|defer)\s+)*(?P<callee>[\w.$:>?-]+!?)(?:\(|\s+[\"'])")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[\w$]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with what the syntax tree says of it: the kind and name of a definition, or ""."""

    text: str
    kind: str = ""
    name: str = ""


def pairs(gone: Sequence[Line], new: Sequence[Line], staying: Sequence[str]) -> dict[int, int]:
    """Which of the lines that go have which new one as their twin: in order, one to one, as good as can be."""
    score = [[likeness(a, b, staying) for b in new] for a in gone]
    best = [[0.0] * (len(new) + 1) for _ in range(len(gone) + 1)]
    for i in range(len(gone) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            both = score[i][j] + best[i + 1][j + 1] if score[i][j] else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    found: dict[int, int] = {}
    i = j = 0
    while i < len(gone) and j < len(new):
        if score[i][j] and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            found[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def likeness(old: Line, new: Line, staying: Sequence[str]) -> float:
    """How much `new` is the new version of `old`, 0 if it is not."""
    looks = fuzz.ratio(old.text, new.text)
    if letters(old.text) == letters(new.text):
        return 200.0 + looks
    if not telling(old.text) or not telling(new.text):
        return 0.0
    if old.kind in ("function", "type") and old.kind == new.kind and old.name:
        return 100.0 + looks if old.name == new.name else 0.0
    ours, theirs = subject(old.text), subject(new.text)
    if ours and theirs:
        if ours == theirs:
            rivals = [text for text in staying if subject(text) == ours]
            return 100.0 + looks if _leads(looks, new.text, rivals) else 0.0
        if ours.split(" ")[0] == theirs.split(" ")[0] == "key":
            return 0.0
    return looks if looks >= ALIKE and _leads(looks, new.text, staying) else 0.0


def _leads(looks: float, new: str, rivals: Sequence[str]) -> bool:
    return all(fuzz.ratio(rival, new, score_cutoff=looks - _LEAD) <= max(looks - _LEAD, 0) for rival in rivals)


def subject(text: str) -> str:
    """What a line is about: the key, the variable or the function called; "" if none stands out."""
    if found := _KEY.match(text):
        return f"key {found['key']}"
    if (found := _ASSIGNED.match(text)) and (words := _NAME.findall(found["left"])):
        return f"variable {words[-1]}"
    if found := _CALL.match(text):
        return f"call {found['callee']}"
    return ""


def letters(text: str) -> str:
    """A line without what is neither a letter nor a digit; the line itself if nothing is left."""
    return "".join(_WORD.findall(text)) or text
