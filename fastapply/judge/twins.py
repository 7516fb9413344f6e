"""`twin`: a deleted line with a new version in its place.

Two lines are twins by what they name (a definition, variable or key), by the function they call, or by similarity.
Similarity is no evidence if unchanged lines are as similar to the new one: it is another entry of a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel

from fastapply.align.told import identity
from fastapply.judge.sides import telling
from fastapply.text.echoes import only_adds_to
from fastapply.text.lines import brief

ALIKE = 0.6  # least similarity of their words and signs for twins
_LEAD = 0.05  # how much more similar a new version must be to the old line than to unchanged lines
_OPENS = ("{", "(", "[", " do", ":", "=>")  # a line that opens a block is identified by its first argument
_LEAST_TOKENS = 5  # of a statement that goes on in its new version
_LEAST = 6  # letters that a value needs to identify its line
_KEY = re.compile(r"(?:[-*]\s+)?[\"']?(?P<key>[\w.$@/-]+)[\"']?\s*(?::(?![:=])|=>)|(?P<arm>(?:is\s+)?[\w.]+)\s->\s")
_ASSIGNED = re.compile(r"(?P<left>[^=(\"']*?[\w\])>]|[\"'][^\"']*[\"'])\s*(?::|[-+*/|&]|\?\?|\|\|)?=(?![=~>])")
_SEVERAL = re.compile(r"(?:(?:const|let|var)\s+)?[\[({]?\s*\w+(?:\s*,\s*\w+)+\s*[\])}]?")  # `exists, err`
_CALL = re.compile(
    r"(?:(?:await|yield|const|let|var|new|go|defer)\s+)*"
    r"(?P<callee>[\w.$:>?-]+!?(?=\(|\s+[\"'])|[\w$?!]*\.[\w.$?!]+(?=\s*\{))"
)
_STATEMENT = re.compile(r"(?:return|raise|throw|assert|if|elif|while|for|switch|match|with|until|unless)\b")
_ELEMENT = re.compile(r"</?[A-Za-z]")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[\w$]+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SOURCE = re.compile(r"^from\s+(?P<module>\S+)\s+import\b|[{}\w]\s*from\s*[\"'](?P<string>[^\"']+)[\"']")
_TELLS = re.compile(r"[\"'`]|(?<=\|)\s*\w|\d")
_DIGITS = re.compile(r"[\d.]+")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the kind and name of what it defines, or "". `home` is the definition around it. For a new line it is
    set only if the original lacks that definition. `first`: it is the first line of an entry."""

    text: str
    kind: str = ""
    name: str = ""
    home: str = ""
    first: bool = False


def pairs(gone: Sequence[Line], new: Sequence[Line], staying: Sequence[Sequence[str]], *, held: bool) -> dict[int, int]:
    """The best one-to-one, in-order matching of deleted lines with their twins. `staying`: for each new line, the
    unchanged lines that it may be a version of. `held`: the update shows the new lines beside an unchanged neighbour of
    the deleted ones. Otherwise similarity is not enough, unless a line only gets longer."""
    score = [[likeness(a, b, stay, held) for b, stay in zip(new, staying, strict=True)] for a in gone]
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


def likeness(old: Line, new: Line, staying: Sequence[str], held: bool) -> float:
    """How likely `new` is the new version of `old`. 0 if it is not."""
    alike = looks(old.text, new.text)
    if letters(old.text).casefold() == letters(new.text).casefold():
        return 2.0 + alike
    if not telling(old.text) and not telling(new.text):
        return 0.1 if old.text[0] == new.text[0] else 0.0
    if not telling(old.text) or not telling(new.text) or (new.home and new.name != new.home):
        return 0.0
    if old.kind in ("function", "type") and old.kind == new.kind and old.name:
        return 1.0 + alike if old.name == new.name else 0.0
    if (
        old.kind == "function"
        and old.name
        and (head := old.text.partition("{")[0].rstrip())
        and new.text.startswith(head)
    ):
        return 1.0 + alike  # `~A() {}` and `~A() = default`
    if old.kind == new.kind == "import":
        same = (
            _WORD.findall(old.text)[-1:] == _WORD.findall(new.text)[-1:] or _source(old.text) == _source(new.text) != ""
        )
        return alike if same or only_adds_to(old.text, new.text) else 0.0
    ours, theirs = subject(old), subject(new)
    told = "" if _ELEMENT.match(old.text) else identity(old.text)  # the first string of an element may be its class
    only = bool(told) and told == identity(new.text) and all(identity(text) != told for text in staying)
    if only and alike >= ALIKE and _leader(old.text) == _leader(new.text):  # an entry that is told by its name
        return 1.0 + alike
    if {ours[0], theirs[0]} == {"key", "variable"}:  # `a: T = x` and `a = x`
        theirs = (ours[0], theirs[1])
    if ours[0] and ours == theirs and (held or ours[0] != "statement"):
        rivals = [text for text in staying if subject(Line(text)) == ours]
        named = ours[0] == "call" and (bool(rivals) or not held or new.text.endswith(_OPENS))
        if ours[0] == "key" and old.first and rivals:  # the first line of an entry identifies it, but for its version
            return 1.0 + alike if _DIGITS.sub("", old.text) == _DIGITS.sub("", new.text) else 0.0
        same = first_argument(old.text) == first_argument(new.text) if named else True
        return 1.0 + alike if same and _leads(alike, new.text, rivals) else 0.0
    if not held:
        grows = only_adds_to(old.text, new.text) or (ours[0] == "statement" and _goes_on(old.text, new.text))
        return alike if grows and _leads(alike, new.text, staying) else 0.0
    if (
        ours[0]
        and theirs[0]
        and "call" not in (ours[0], theirs[0])
        and not _renamed(old.text, new.text, ours[1], theirs[1])
    ):
        return 0.0
    enough = alike >= ALIKE or only_adds_to(old.text, new.text)
    return alike if enough and _leads(alike, new.text, staying) else 0.0


def _goes_on(old: str, new: str) -> bool:
    """Does a line begin with all of another one, its closing signs aside?"""
    start = old.rstrip(" :;{)")
    return len(_TOKEN.findall(start)) >= _LEAST_TOKENS and new.startswith(start)


def _leader(text: str) -> str:
    """The text before the first string, word of a table or number: the kind of an entry."""
    return _TELLS.split(text, maxsplit=1)[0].strip()


def _source(text: str) -> str:
    """Where an import that lists names takes them from."""
    found = _SOURCE.search(text)
    return (found["module"] or found["string"]) if found else ""


@lru_cache(maxsize=1 << 13)  # candidates share most of their lines
def looks(old: str, new: str) -> float:
    """The similarity of two lines by their words and signs, 0..1."""
    return float(Indel.normalized_similarity(*(_TOKEN.findall(brief(text)) for text in (old, new))))


def _leads(alike: float, new: str, rivals: Sequence[str]) -> bool:
    return all(looks(rival, new) <= alike - _LEAD for rival in rivals)


def _renamed(old: str, new: str, ours: str, theirs: str) -> bool:
    """Are two lines equal except for the name of their subject?"""
    rest = letters(old.replace(ours, "", 1))
    return len(rest) >= _LEAST and rest == letters(new.replace(theirs, "", 1))


def subject(line: Line) -> tuple[str, str]:
    """The subject of a line: its key, variable, called function or kind of statement. ("", "") if it has none."""
    return _subject(line.text, line.name if line.kind == "value" else "")


@lru_cache(maxsize=1 << 13)
def _subject(text: str, value: str) -> tuple[str, str]:
    """The same. `value` is the name of the value that the line defines, or ""."""
    if found := _STATEMENT.match(text):
        return "statement", found[0]
    if _ELEMENT.match(text):  # its attributes are no variables
        return "", ""
    if found := _KEY.match(text):
        return "key", found["key"] or found["arm"]
    if (found := _ASSIGNED.match(text)) and (words := _NAME.findall(found["left"])):
        return "variable", ", ".join(words) if _SEVERAL.fullmatch(found["left"].strip()) else words[-1]
    if value:
        return "variable", value
    if found := _CALL.match(text):
        return "call", found["callee"]
    return "", ""


def first_argument(text: str) -> str:
    """The first argument of a call: its leading string, or the text before a comma, bracket or blank."""
    found = _CALL.match(text)
    rest = text[found.end() :].lstrip("({ ") if found else text
    string = _STRING.match(rest)
    return string[0] if string else re.split(r"[,()\s]", rest, maxsplit=1)[0]


def words(text: str) -> list[str]:
    """The words of a line."""
    return _WORD.findall(text)


def letters(text: str) -> str:
    """The letters and digits of a line, or the line itself if it has none."""
    return "".join(_WORD.findall(text)) or text
