"""Markers: the lines with which a snippet says "the original's lines stay here" or "this is removed".

Each line is judged alone, by its words. Only the caller can tell whether a bare `...` is a marker or a statement, and
whether the thing named by a removal exists.

Without an ellipsis, the whole comment must read like a marker ("existing code", "rest of the class"), because "# remove
trailing whitespace from the input" is an ordinary comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fastapply.text import marker_words as words
from fastapply.text.comments import is_comment_in, uncomment
from fastapply.text.languages import LANGUAGES


class MarkerKind(StrEnum):
    """KEEP: the original's lines stay here. REMOVE: the named thing is removed. BARE: `...` alone, a marker by
    context."""

    KEEP = "keep"
    REMOVE = "remove"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class InlineMarker:
    """A keep marker that shares its line with code. `before` and `after` are the code around `marker`."""

    before: str
    marker: str
    after: str


def classify(line: str, language: str | None = None) -> MarkerKind | None:
    """The kind of marker that `line` is, or None. `language` is a tree-sitter name. Without an ellipsis it decides what
    is a comment (`# Existing code` is a heading in Markdown)."""
    if len(line) > _LONGEST or not (words.DOTS.search(line) or uncomment(line)[1]):
        return None
    said = _Said.by(line, language)
    if not said.words:
        if not said.dotted or said.comment == "*":  # dots of a list in a block comment
            return None
        known = LANGUAGES.get(language or "")
        bare = None if known and known.dots else MarkerKind.BARE
        return MarkerKind.KEEP if said.comment else bare
    if _is_keep(said):
        return MarkerKind.KEEP
    return None if _removed_name(said) is None else MarkerKind.REMOVE


def marker_target(line: str, language: str | None = None) -> str | None:
    """The name in a marker: X in `// remove X` and `... keep X ...`. "" if it names nothing specific (`# remove this`),
    None if the line is not a REMOVE or KEEP marker."""
    kind = classify(line, language)
    said = _Said.by(line, language)
    if kind is MarkerKind.REMOVE:
        return _removed_name(said)
    if kind is MarkerKind.KEEP:
        named = words.KEEP_NAME.fullmatch(said.words)
        return _bare_name(named["name"]) if named else ""
    return None


def is_bare_comment(line: str, language: str | None) -> bool:
    """Does a line have only dots, in a comment of another language?"""
    said = _Said.by(line, language)
    return said.dotted and not said.words and bool(said.comment) and not said.own


def kept_names(line: str) -> list[str]:
    """The words of a KEEP marker that may name something: `run`, `Crane` in `... run(), the Crane ...`."""
    said = _Said.by(line, None).words
    return [word for word in _NAME.findall(said) if not words.GENERIC.fullmatch(word)]


def keeps_docstring(line: str) -> bool:
    """Does a KEEP marker stand only for a docstring or the comment of a definition?"""
    return bool(words.ONLY_DOCSTRING.fullmatch(_Said.by(line, None).words))


def inline_marker(line: str, language: str | None = None) -> InlineMarker | None:
    """The keep marker in a line that also has code: `run() { /* ... */ }`, `def f(): ... # existing code`."""
    if uncomment(line)[1] not in ("", "*"):
        return None
    for start in words.INLINE_START.finditer(line):
        before, tail = line[: start.start()], line[start.start() :]
        if not before.strip() or any(before.count(quote) % 2 for quote in "\"'`"):
            continue
        closed = words.INLINE_CLOSED.match(tail)
        marker, after = (closed[0], tail[closed.end() :]) if closed else (tail.rstrip(), "")
        if not closed and (ended := words.INLINE_ENDED.fullmatch(marker)):
            marker, after = ended["marker"], ended["after"]  # `{ // (unchanged) }`
        if classify(marker, language) is MarkerKind.KEEP:
            return InlineMarker(before, marker, after)
    stub = words.STUB_BODY.fullmatch(line)
    return InlineMarker(stub["before"], stub["marker"], stub["after"]) if stub else None


def is_marker_leak(line: str) -> bool:
    """Is this a marker that no author writes into a real file? For checking output, so much stricter than `classify`.
    The caller must exclude lines that the original has too."""
    if len(line) > _LONGEST:
        return False
    said = _Said.by(line, None)
    if words.PLAIN_LEAK.fullmatch(said.words):
        return said.own or (said.opens and said.spaced)
    if not (said.opens and said.spaced) or said.count > _MOST_WORDS:
        return False
    if said.closes:
        return bool(words.KEEP_WORD.search(said.words) or words.REMOVE_WORD.match(said.words))
    return bool(said.comment and words.KEEP_PLAIN.fullmatch(said.words))


_NAME = re.compile(r"[A-Za-z_$@][\w$]*(?:[.-][\w$]+)*")
_QUOTED = re.compile(r"([\"'`]).+?\1")  # the name of a test, say
_LONGEST = 400  # characters of a marker's line, its indentation included
_MOST_WORDS = 15
_BRACKETS = {"[": "]", "(": ")", "{": "}", "<": ">"}


@dataclass(frozen=True, slots=True)
class _Said:
    """The parts of what a line says.

    `words` are between the ellipses. `spaced`: a space follows the opening one (unlike `...args`). `comment` is the
    opener of the comment around them, "" if there is none. `own`: the comment is one of the language. `bracketed`:
    everything is in brackets.
    """

    words: str
    opens: bool
    closes: bool
    spaced: bool
    comment: str
    own: bool
    bracketed: bool

    @classmethod
    def by(cls, line: str, language: str | None) -> _Said:
        body, comment = uncomment(line)
        found = words.SPLIT.fullmatch(_unwrap(body))
        assert found is not None  # every part may be empty
        core = _unwrap(found["core"].strip(" -=*~_:^↑↓✂") or found["core"])  # "--- existing code ---"
        core = words.EITHER.sub(" and ", words.OPERATOR.sub("operator", core))
        opens, closes, spaced = (bool(found[name]) for name in ("opens", "closes", "gap"))
        own, bracketed = is_comment_in(comment, language), _unwrap(body) != body
        return cls(core, opens, closes, spaced, comment, own, bracketed)

    @property
    def dotted(self) -> bool:
        return self.opens or self.closes

    @property
    def count(self) -> int:
        return len(_QUOTED.sub("name", self.words).split())

    @property
    def prose(self) -> bool:
        """Is it words, names and signatures, not code? No operators, statement ends or string interpolation. Between
        two ellipses, a name may have the signs of its language: `$(EXE)`, `@name`, `Vec<T>`."""
        named = words.SIGNATURE.sub("name", self.words)
        if self.opens and self.closes:
            named = words.SIGNED_NAME.sub("name", named)
        return not words.CODE.search(named)


def _unwrap(body: str) -> str:
    """`body` without a pair of brackets around all of it: `[... rest of file ...]`, `(unchanged)`."""
    if len(body) > 2 and _BRACKETS.get(body[0]) == body[-1]:
        return body[1:-1].strip()
    return body


def _is_keep(said: _Said) -> bool:
    if words.REMOVE_WORD.match(said.words):
        return False
    enclosed = said.opens and said.closes
    if enclosed and said.comment and said.spaced and words.KEEP_WORD.search(said.words):
        return True  # whatever it names: "... rest of &str ...", "... x = 1 and find(key) unchanged ..."
    if not said.prose:
        return False
    if said.own and said.bracketed and (words.BRACKETED_END.search(said.words) or words.EXISTING.fullmatch(said.words)):
        return True
    if said.count > _MOST_WORDS:
        return False
    plain = words.KEEP_PLAIN.fullmatch(said.words) or words.KEEP_NAME.fullmatch(said.words)
    if enclosed and (said.spaced or said.comment):
        # Dots on both sides: any words in a comment, but only marker words outside one.
        return bool((said.comment and said.spaced) or plain or words.KEEP_WORD.search(said.words))
    if said.opens and said.comment:
        leaning = words.LEANING.match(said.words) or words.LEANING_END.search(said.words)
        named = words.IN_NAMED.match(said.words)
        placed = words.PLACE.fullmatch(said.words) or (named and words.CODE_NAME.search(named["name"]))
        return bool(plain or leaning or placed)
    if said.opens:
        return bool(plain and (said.spaced or said.closes) and said.count > 1)
    if said.closes:
        return bool(said.comment and (words.KEEP_PLAIN.fullmatch(said.words) or words.EXISTING.fullmatch(said.words)))
    common = not said.bracketed and words.TOO_COMMON.fullmatch(said.words)
    return bool(said.own and words.KEEP_PLAIN.fullmatch(said.words) and not common)


def _removed_name(said: _Said) -> str | None:
    """The name in a removal, "" for "this line" and similar, None if the line is not a removal."""
    dotted = said.opens and (said.closes or bool(said.comment))
    if not (dotted or said.own):
        return None
    listed = words.REMOVED_LIST.fullmatch(said.words)
    if listed and said.comment and (len(listed["rest"].split()) <= 2 or words.CODE_NAME.search(listed["rest"])):
        return _bare_name(listed["rest"])
    if not said.prose:
        return None
    found = words.REMOVAL.fullmatch(said.words) or (words.NAME_REMOVED.fullmatch(said.words) if said.comment else None)
    if found is None:
        unnamed = dotted and words.REMOVE_WORD.match(said.words) and said.count <= _MOST_WORDS
        return "" if unnamed else None
    part = found.groupdict()
    name = _bare_name(part["name"])
    if part.get("article") and not part.get("old") and words.STRUCTURE.fullmatch(name):
        return ""  # "remove this function"
    if name.lower() in ("this", "these", "that", "it"):
        return ""
    if dotted or part.get("colon") or part.get("noun") or part.get("kind") or words.CODE_NAME.search(part["name"]):
        return name
    # A plain word: "remove foo" may be a marker, "remove duplicates" describes the next line.
    return name if part.get("verb") and name.lower() not in words.EVERYDAY else None


def _bare_name(name: str) -> str:
    """A name without its quotes or call brackets."""
    if len(name) > 1 and name[0] in "`'\"" and name[-1] == name[0]:
        name = name[1:-1]
    return name.removesuffix("()")
