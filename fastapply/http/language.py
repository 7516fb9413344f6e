"""Find the language of an edit: from the client's name for it, from the path, or else from the text.

Clients of Morph and Relace send no path, and a file of unknown language is aligned by its lines alone.
"""

from __future__ import annotations

import re
from typing import get_args

from tree_sitter_language_pack import SupportedLanguage

from fastapply.align.languages import ALIASES, count_errors, detect, parse
from fastapply.types import ApplyRequest

_KNOWN = frozenset(get_args(SupportedLanguage))
# Patterns that occur in a language and not in prose. The language's grammar must agree; the first of equals wins.
_SIGNS = {
    "json": r"\A\s*[{\[]\s*(?:[\"{\[\d]|[}\]]\s*\Z)",
    "python": r"^[ \t]*(?:async def|def|class) \w+.*:|^(?:import [\w.]+|from [\w.]+ import .*)$|^[ \t]*(?:if|for) .*:$",
    "go": r"^package \w+[ \t]*$|^func .*\{",
    "rust": r"^[ \t]*(?:pub(?:\(\w+\))? )?(?:fn|struct|impl|enum|mod|trait|use)\b.*[{;][ \t]*$",
    "java": r"^[ \t]*(?:import|package) [\w.*]+;|^[ \t]*(?:public|private|protected|class|interface) .*[{;][ \t]*$",
    "csharp": r"^[ \t]*(?:using|namespace) [\w.]+\s*[;{]?[ \t]*$|^[ \t]*(?:public|private|internal) .*",
    "kotlin": r"^[ \t]*(?:(?:private|override|suspend) )?(?:fun|val|var|object) \w+",
    "javascript": r"\b(?:const|let|var) \w+|\bfunction\b|=>|\brequire\(|^[ \t]*(?:import|export)\b",
    "typescript": r"\b(?:const|let|var) \w+|\bfunction\b|=>|^[ \t]*(?:import|export|interface|type|class)\b",
    "tsx": r"\b(?:const|let|var) \w+|\bfunction\b|=>|^[ \t]*(?:import|export|interface|type|class)\b",
    "c": r"^[ \t]*#\s*(?:include|define|if)|^\w[\w *]*\([^;\n]*\)\s*\{?[ \t]*$|\bstruct \w+",
    "cpp": r"^[ \t]*#\s*(?:include|define|if)|\b(?:template|namespace|class|std::)|^\w[\w *&:<>]*\([^;\n]*\)",
    "ruby": r"^[ \t]*(?:def|module|class) [\w.:?!]+|^[ \t]*require\b|^[ \t]*end[ \t]*$",
    "php": r"<\?php",
    "css": r"^[\w.#*:@\[][^;{}]*\{[ \t]*$",
    "bash": r"^[ \t]*(?:fi|done|esac)[ \t]*$|^[ \t]*(?:if|for|while) .*; (?:then|do)$|^export \w+=",
}
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
    """The language whose pattern matches `text` and whose grammar finds the fewest errors in it; None if none fits."""
    head = text[:_LOOKED_AT]
    if len(head) < len(text):  # cut before a definition, if there is one, so that none is cut in two
        starts = [match.end() for match in re.finditer(r"\n\n(?=\w)", head)]
        head = head[: starts[-1] if starts else head.rfind("\n") + 1]
    counts: dict[str, int] = {}
    for language, signs in _SIGNS.items():
        if re.search(signs, head, re.MULTILINE):
            tree = parse(head, language)
            counts[language] = count_errors(tree) if tree else len(head)
    best = min(counts, key=lambda language: counts[language], default=None)
    allowed = head.count("\n") // _LINES_PER_ERROR + (len(head) < len(text))
    return best if best is not None and counts[best] <= allowed else None
