"""Find the language of an edit: from the client's name for it, from the path, or else from the text.

Clients of Morph and Relace send no path, and a file of unknown language is aligned by its lines alone.
"""

from __future__ import annotations

import re
from typing import get_args

from tree_sitter_language_pack import SupportedLanguage

from fastapply.align.languages import ALIASES, count_errors, detect, parse
from fastapply.text.languages import LANGUAGES
from fastapply.types import ApplyRequest

_KNOWN = frozenset(get_args(SupportedLanguage))
_LOOKED_AT = 8_000  # characters
_LINES_PER_ERROR = 50


def canonical(name: str | None) -> str | None:
    """The grammar's name for the language or file extension `name`; None if it is unknown."""
    said = (name or "").strip().lower()
    found = ALIASES.get(said, said)
    if found in _KNOWN:
        return found
    return detect(f"file.{found}", "") if found.isalnum() else None


def language_of(request: ApplyRequest) -> str | None:
    """The language that the client names, else that of the path, else the one that the text looks like."""
    return canonical(request.language) or detect(request.path, request.original) or guess(request.original)


def guess(text: str) -> str | None:
    """The language whose pattern matches `text` and whose grammar finds the fewest errors in it, of equals the first in
    the table; None if none fits."""
    head = text[:_LOOKED_AT]
    if len(head) < len(text):  # cut before a definition, if there is one, so that none is cut in two
        starts = [match.end() for match in re.finditer(r"\n\n(?=\w)", head)]
        head = head[: starts[-1] if starts else head.rfind("\n") + 1]
    counts: dict[str, int] = {}
    for language, row in LANGUAGES.items():
        if row.pattern and re.search(row.pattern, head, re.MULTILINE):
            tree = parse(head, language)
            counts[language] = count_errors(tree) if tree else len(head)
    best = min(counts, key=lambda language: counts[language], default=None)
    allowed = head.count("\n") // _LINES_PER_ERROR + (len(head) < len(text))
    return best if best is not None and counts[best] <= allowed else None
