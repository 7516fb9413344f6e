"""Whole-line comments in any syntax: their openers, and their words.

Each line is judged alone. Strings and block comments are not tracked.
"""

from __future__ import annotations

import re

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
_C_LIKE = frozenset({"//", "/*", "{/*"})
_HASH = frozenset({"#"})
_MARKUP = frozenset({"<!--", "{{!--", "<%--", "<%#", "{#", "{#-", "@*", "//", "/*", "{/*"})
_DASHES = frozenset({"--", "/*", "--[[", "{-"})
_ANY = frozenset({*_LINE_OPENERS, "rem", *(opener for opener, _ in _ENCLOSED)})

_FAMILIES = (
    (_C_LIKE, ("c", "cpp", "csharp", "css", "go", "java", "javascript", "json", "kotlin", "rust", "scala", "scss")),
    (_C_LIKE, ("swift", "tsx", "typescript")),
    (_C_LIKE | _HASH | {"<!--"}, ("php",)),
    (_HASH, ("bash", "elixir", "make", "perl", "python", "r", "ruby", "toml", "yaml")),
    (_MARKUP, ("html", "markdown", "svelte", "vue", "xml")),
    (_DASHES, ("haskell", "lua", "sql")),
)
_OF_LANGUAGE = {name: openers for openers, names in _FAMILIES for name in names}


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
    return opener in (_OF_LANGUAGE.get(language, _ANY) if language else _ANY)
