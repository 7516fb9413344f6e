"""Whole-line comments in any syntax: their openers, their words, and writing one. `languages` says whose they are.

Each line is judged alone. Strings and block comments are not tracked.
"""

from __future__ import annotations

import re

from fastapply.text.languages import LANGUAGES, LIKE_SLASHES, Language

# Openers with their closers. An opener comes before any prefix of it.
_ENCLOSED = (
    ("{/*", "*/}"),
    ("{{!--", "--}}"),
    ("<!--", "-->"),
    ("<%--", "--%>"),
    ("<%#", "%>"),
    ("{#-", "-#}"),
    ("{#", "#}"),
    ("{{- /*", "*/ -}}"),
    ("{{/*", "*/}}"),
    ("{-", "-}"),
    ("(*", "*)"),
    ("@*", "*@"),
    ("--[[", "]]"),
    ("/*", "*/"),
)
_TO_LINE_END = re.compile(
    r"//+!?|#+(?!\[|!)|-{2,3}(?!-)|;+|%+|\*(?!\*)|rem\b|\.\.(?=\s)"
    r"|['\"](?=\s(?:\.{3}|…)[^'\"]*$)",  # Basic and Vim: only with dots, to exclude strings
    re.IGNORECASE,
)
_LINE_OPENERS = ("//", "--", "#", ";", "%", "..")
_UNKNOWN = Language(LIKE_SLASHES)
_ANY = frozenset({*_LINE_OPENERS, "rem", *(opener for opener, _ in _ENCLOSED)})


def uncomment(line: str) -> tuple[str, str]:
    """The words of a comment that fills `line`, and its opener ("//", "#", "/*", ...). (line, "") for other lines.

    A lone "*", as inside a block comment, counts as an opener too.
    """
    line = line.strip()
    for opener, closer in _ENCLOSED:
        if line.startswith(opener):
            inner, _, rest = line[len(opener) :].lstrip("*").partition(closer)
            return (line, "") if rest.strip() else (inner.strip(), opener)
    found = _TO_LINE_END.match(line)
    if not found:
        return line, ""
    text = found[0].lower()
    opener = next((kind for kind in _LINE_OPENERS if text.startswith(kind)), text)
    return line[found.end() :].strip(), opener


def is_comment_in(opener: str, language: str | None) -> bool:
    """Does `opener` open a comment in this language? For None or an unknown language, any opener does. "" and "*" never
    do."""
    known = LANGUAGES.get(language) if language else None
    return opener in ((known.comments.openers if known else None) or _ANY)


def comment(language: str | None, text: str) -> str:
    """`text` as a comment line."""
    if language is None:
        return f"# {text}"
    return LANGUAGES.get(language, _UNKNOWN).comments.form.replace("{}", text)
