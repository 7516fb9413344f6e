"""Markers: the lines by which a snippet says "here stays what was there" or "this goes away".

Judges one line at a time, by its words alone. It does not know the original: whether a bare `...` is a marker or a
statement, and whether the thing named by a removal exists, only the caller can tell.

The test is conservative where there is no ellipsis: then the whole comment must read like a marker ("existing code",
"rest of the class"), since "# remove trailing whitespace from the input" is an ordinary comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fastapply.text.comments import is_comment_in, uncomment


class MarkerKind(StrEnum):
    """KEEP: the original's lines stay here. REMOVE: the thing named goes. BARE: `...` alone, a marker by context."""

    KEEP = "keep"
    REMOVE = "remove"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class InlineMarker:
    """A keep marker that shares its line with code: `before` and `after` are the code around `marker`."""

    before: str
    marker: str
    after: str


def classify(line: str, language: str | None = None) -> MarkerKind | None:
    """The kind of marker that `line` is, or None. `language` is a tree-sitter name; it decides what a comment is
    where there is no ellipsis (`# Existing code` is a heading in Markdown)."""
    body, comment = uncomment(line)
    body = _unwrap(body)
    parts = _Body.of(body)
    if not parts.core:
        if not (parts.opens or parts.closes) or comment == "*":  # the dots of a list, in a block comment
            return None
        return MarkerKind.KEEP if comment else MarkerKind.BARE
    own = is_comment_in(comment, language)
    if _is_keep(parts, bool(comment), own):
        return MarkerKind.KEEP
    if _removed_name(parts, bool(comment), own) is not None:
        return MarkerKind.REMOVE
    return None


def marker_target(line: str, language: str | None = None) -> str | None:
    """What a marker names: X in `// remove X` and `... keep X ...`; "" where it names nothing in particular
    (`# remove this`), None where the line is no REMOVE or KEEP marker."""
    kind = classify(line, language)
    if kind not in (MarkerKind.KEEP, MarkerKind.REMOVE):
        return None
    body, comment = uncomment(line)
    parts = _Body.of(_unwrap(body))
    if kind is MarkerKind.REMOVE:
        return _removed_name(parts, bool(comment), True) or ""
    named = _KEEP_NAME.match(parts.core)
    return _bare_name(named["name"]) if named else ""


def inline_marker(line: str, language: str | None = None) -> InlineMarker | None:
    """The keep marker in a line that holds code too: `run() { /* ... */ }`, `def f(): ...  # existing code`."""
    for start in _INLINE_START.finditer(line):
        before, tail = line[: start.start()], line[start.start() :]
        if not before.strip() or any(before.count(quote) % 2 for quote in "\"'`"):
            continue
        closed = _INLINE_CLOSED.match(tail)
        marker, after = (closed[0], tail[closed.end() :]) if closed else (tail.rstrip(), "")
        if classify(marker, language) is MarkerKind.KEEP:
            return InlineMarker(before, marker, after)
    return None


def is_marker_leak(line: str) -> bool:
    """Is this a marker that no author writes into a real file? For checking output: much stricter than `classify`.
    The caller still has to leave out lines that the original holds as well."""
    body, comment = uncomment(line)
    parts = _Body.of(_unwrap(body))
    if not parts.core or len(parts.core.split()) > _MOST_WORDS:
        return False
    words = parts.core.lower()
    if _PLAIN_LEAK.fullmatch(words):
        return is_comment_in(comment, None) or (parts.opens and parts.spaced)
    if not (parts.opens and parts.spaced and _is_prose(words)):
        return False
    if parts.closes:
        return bool(_KEEP_WORD.search(words) or _REMOVE_WORD.match(words))
    return bool(comment and _KEEP_PLAIN.fullmatch(words))


_BRACKETS = {"[": "]", "(": ")", "{": "}", "<": ">"}


def _unwrap(body: str) -> str:
    """`body` without one pair of brackets around all of it: `[... rest of file ...]`, `(unchanged)`."""
    if len(body) > 2 and _BRACKETS.get(body[0]) == body[-1]:
        return body[1:-1].strip()
    return body


# Words --------------------------------------------------------------------------------------------------------------

_MOST_WORDS = 12
_ELLIPSIS = r"(?:(?<!\.)\.{3,5}(?!\.)|…+)"
_SPLIT = re.compile(rf"(?P<opens>{_ELLIPSIS})?(?P<gap>\s*)(?P<core>.*?)\s*(?P<closes>{_ELLIPSIS})?[.,;:]?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Body:
    """A marker's words between its ellipses. `spaced`: a space follows the opening dots, unlike in `...args`."""

    core: str
    opens: bool
    closes: bool
    spaced: bool

    @classmethod
    def of(cls, text: str) -> _Body:
        found = _SPLIT.fullmatch(text)
        assert found is not None  # every part may be empty
        core = _unwrap(found["core"].strip(" -=*~_:") or found["core"])  # "--- existing code ---"
        return cls(core, bool(found["opens"]), bool(found["closes"]), bool(found["gap"]))


_QUALIFIER = r"(?:existing|previous|prior|original|current|other|remaining|unchanged|unmodified|untouched|same)"
_NOUN = (
    r"(?:code|files?|class(?:es)?|functions?|methods?|modules?|components?|imports?|implementations?|logic|contents?"
    r"|bod(?:y|ies)|fields?|propert(?:y|ies)|props|attributes?|members?|tests?|test cases|lines?|definitions?"
    r"|options?|config|configurations?|settings?|styles?|rules?|routes?|handlers?|helpers?|types?|variables?"
    r"|constants?|statements?|cases|entries|items|keys|values|rows|sections?|text|document|markup|elements?|stuff"
    r"|script|structs?|interfaces?|enums?|hooks|state|setup|exports?|declarations?|parameters|arguments|docstrings?"
    r"|docs|documentation|block|dependencies|scripts)"
)
_NAME = r"[`'\"]?[\w$][\w$.:#-]*(?:\(\))?[`'\"]?"
_ARTICLE = r"(?:(?:the|this|your|our|that|all|all the|all other|any|any other|an?|my)\s+)?"
_THING = rf"(?:(?:{_QUALIFIER}\s+)*(?:{_NAME}\s+)?{_NOUN}(?:\s+(?:and|or|&)\s+{_NOUN})?)"
_STAYS = (
    r"(?:(?:(?:is|are|remains?|stays?|keeps?|left|kept|continues?|goes|go|be|should|will|must|to)\s+)*"
    r"(?:the same|same|unchanged|untouched|unmodified|intact|as is|as-is|as before|as above|as it was|as they were|here"
    r"|below|above|omitted|not shown|hidden|elided)(?:\s+(?:for brevity|here|as before))?"
    r"|remains?|stays?|continues?|follows?|for brevity)"
)
_REST = rf"(?:(?:the\s+)?(?:rest|remainder)(?:\s+of\s+{_ARTICLE}(?:{_THING}|{_NAME}))?)"
_KEEP_VERB = r"(?:(?:please\s+)?(?:keep|keeping|leave|preserve|retain)s?)"

# A whole comment that is a marker even without an ellipsis.
_KEEP_PLAIN = re.compile(
    rf"{_ARTICLE}{_QUALIFIER}\s+(?:{_NAME}\s+)?{_NOUN}(?:\s+(?:and|or|&)\s+{_NOUN})?(?:\s+{_STAYS})?"
    rf"|{_REST}(?:\s+{_STAYS})?"
    rf"|{_KEEP_VERB}\s+{_ARTICLE}(?:{_QUALIFIER}\s+{_THING}|{_REST}|everything(?:\s+else)?)(?:\s+{_STAYS})?"
    rf"|{_KEEP_VERB}\s+{_ARTICLE}{_THING}\s+{_STAYS}"
    rf"|{_ARTICLE}(?:{_NOUN}|everything(?:\s+else)?)\s+(?:above\s+|below\s+|here\s+)?{_STAYS}"
    r"|unchanged|unmodified|no changes?(?: here| needed)?|(?:the )?same as (?:before|above|original)|as before"
    r"|everything else|code omitted|omitted(?: for brevity)?|snip(?:ped)?|remaining|keep as is",
    re.IGNORECASE,
)
# With a qualifier or a rest, "existing imports" and "other methods" alone are too common in real comments.
_TOO_COMMON = re.compile(
    rf"{_ARTICLE}(?:other|same|current|previous|prior|original|remaining)\s+(?:{_NAME}\s+)?"
    rf"(?!code\b){_NOUN}(?:\s+(?:and|or|&)\s+{_NOUN})?(?:\s+(?:here|below|above))?"
    r"|as before|remaining|snip(?:ped)?|(?:the )?(?:rest|remainder)|everything else|(?:the )?same as above"
    rf"|(?:(?!{_QUALIFIER}\b){_NAME}\s+)?{_NOUN}\s+(?:below|above|here|follows?)",
    re.IGNORECASE,
)
_KEEP_WORD = re.compile(
    r"\b(?:existing|rest|remainder|remaining|remains?|unchanged|unmodified|untouched|same|keep|keeping|previous|original"
    r"|omitted|as before|as is|no changes?|brevity|truncated|snip(?:ped)?)\b",
    re.IGNORECASE,
)
_KEEP_NAME = re.compile(
    rf"{_KEEP_VERB}\s+{_ARTICLE}(?!{_QUALIFIER}\b|{_NOUN}\b|rest\b|everything\b)(?P<name>{_NAME})(?:\s+{_NOUN})?"
    rf"(?:\s+{_STAYS})?$",
    re.IGNORECASE,
)
_WHOLE = r"(?:code|file|class|function|method|component|implementation)"
_PLAIN_LEAK = re.compile(
    rf"{_ARTICLE}existing (?:code|imports|methods|functions)(?: {_STAYS})?"
    rf"|keep (?:the )?existing (?:code|imports|methods|functions)(?: {_STAYS})?"
    rf"|(?:the )?rest of {_ARTICLE}(?:{_NAME} )?{_WHOLE}(?: {_STAYS})?"
    rf"|{_WHOLE} (?:remains (?:the same|unchanged)|unchanged|omitted for brevity)"
)


def _is_keep(parts: _Body, comment: bool, own: bool) -> bool:
    core = parts.core
    if len(core.split()) > _MOST_WORDS or not _is_prose(core) or _REMOVE_WORD.match(core):
        return False
    plain = _KEEP_PLAIN.fullmatch(core)
    if parts.opens and parts.closes and (parts.spaced or comment):
        # Dots on both sides: any words in a comment, marker words outside of one.
        return bool(comment and parts.spaced) or bool(plain or _KEEP_WORD.search(core) or _KEEP_NAME.match(core))
    if parts.opens and (comment or (parts.spaced and " " in core)):
        return bool(plain or _KEEP_NAME.match(core) or (comment and _leans_on_keep(core)))
    if parts.closes:
        return bool(comment and plain)
    return bool(own and plain and not _TOO_COMMON.fullmatch(core))


def _leans_on_keep(core: str) -> bool:
    """Do the words after opening dots start or end like a marker's? "... imports", "... handlers stay the same"."""
    if len(core.split()) > 8:
        return False
    return bool(_LEANING.match(core) or _LEANING_END.search(core))


_LEANING = re.compile(rf"{_ARTICLE}(?:{_THING}|{_REST})(?:\s+{_STAYS})?$|{_QUALIFIER}\b|rest\b", re.IGNORECASE)
_LEANING_END = re.compile(rf"\s{_STAYS}$", re.IGNORECASE)


def _is_prose(core: str) -> bool:
    """Words and names, not code: no operators, no statement ends, no string interpolation."""
    return not re.search(r"[=;{}<>|&^~\\$@]|\w\(\w|\)\(|\bself\.", core)


# Removals -----------------------------------------------------------------------------------------------------------

_REMOVE_WORD = re.compile(r"(?:removed?|removing|deleted?|deleting|drop(?:ped)?)\b", re.IGNORECASE)
_STRUCTURE = (
    r"(?:functions?|methods?|class(?:es)?|imports?|fields?|propert(?:y|ies)|variables?|constants?|statements?|blocks?"
    r"|lines?|calls?|definitions?|declarations?|routes?|handlers?|components?|hooks?|tests?|types?|interfaces?|enums?"
    r"|structs?|sections?|rules?|parameters?|arguments?|attributes?|decorators?|helpers?|code|keys?|options?|entry)"
)
_OLD = r"(?:old|obsolete|unused|legacy|deprecated|previous|dead|existing|original)"
_REMOVAL = re.compile(
    rf"(?P<verb>removed?|deleted?|drop(?:ped)?)\b\s*(?P<colon>[:\-–—])?\s*"
    rf"(?P<article>(?:the|this|these|that|all)\s+)?(?P<old>{_OLD}\s+)?"
    rf"(?:(?P<kind>{_STRUCTURE})\s+)?(?P<name>{_NAME})(?:\s+(?P<noun>{_STRUCTURE}))?",
    re.IGNORECASE,
)
_NAME_REMOVED = re.compile(
    rf"(?:{_STRUCTURE}\s+)?(?P<name>{_NAME})(?:\s+{_STRUCTURE})?"
    r"\s+(?:(?:is|was|has been|have been)\s+)?(?:removed|deleted)(?:\s+here)?",
    re.IGNORECASE,
)
# Things that ordinary code removes: "# remove duplicates" is a comment on the next line.
_EVERYDAY = frozenset(
    re.findall(
        r"\w+",
        """
        blank blanks brackets cache char character characters child children colon comma comment comments container
        cookie cookies cursor data directory dirs docker duplicate duplicates element elements empty entries entry
        event extension file files first folder foreign from node nodes html image images in index it item items job
        key keys last leading listener listeners lock newline newlines noise nulls object objects old one padding
        path prefix punctuation quotes record records row rows session slash space spaces stopwords suffix tab table
        tables tag tags temp text them timer token tokens trailing user users value values whitespace whitespaces
        word words zeros dupes by since after and because but due when on for to if at as is with support
        """,
    )
)


def _removed_name(parts: _Body, comment: bool, own: bool) -> str | None:
    """The name that a removal gives, "" for "this line" and the like, None where the line is no removal."""
    core = parts.core
    dotted = parts.opens and (parts.closes or comment)
    if not (dotted or (comment and own)) or not _is_prose(core):
        return None
    found = _REMOVAL.fullmatch(core) or (_NAME_REMOVED.fullmatch(core) if comment else None)
    if found is None:
        if dotted and _REMOVE_WORD.match(core) and len(core.split()) <= _MOST_WORDS:
            return ""
        return None
    groups = found.groupdict()
    name = _bare_name(groups["name"])
    if name.lower() in ("this", "these", "that", "it"):
        return ""
    if groups.get("article") and not groups.get("old") and re.fullmatch(_STRUCTURE, name, re.IGNORECASE):
        return ""  # "remove this function"
    if dotted or groups.get("colon") or groups.get("noun") or groups.get("kind") or _looks_like_code(groups["name"]):
        return name
    return None if name.lower() in _EVERYDAY or not groups.get("verb", "") else name


def _bare_name(name: str) -> str:
    """A name without quotes and call brackets."""
    return name.strip("`'\"").removesuffix("()")


def _looks_like_code(name: str) -> bool:
    return bool(re.search(r"[_`()$.]|[a-z][A-Z]|\d", name))


# Markers after code -------------------------------------------------------------------------------------------------

_INLINE_START = re.compile(r"//|#|--|/\*|<!--|\{/\*")
_INLINE_CLOSED = re.compile(
    rf"/\*.*?\*/|<!--.*?-->|\{{/\*.*?\*/\}}|(?://|#|--)\s*{_ELLIPSIS}.*?{_ELLIPSIS}(?=[\s)}}\]>,;]*$)"
)
