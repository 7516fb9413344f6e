"""What clients call a language, as the grammars are named."""

from __future__ import annotations

from typing import get_args

from tree_sitter_language_pack import SupportedLanguage

from fastapply.align.languages import detect

_KNOWN = frozenset(get_args(SupportedLanguage))
_OTHER_NAMES = {
    "c++": "cpp",
    "c#": "csharp",
    "golang": "go",
    "javascriptreact": "javascript",
    "objective-c": "objc",
    "shell": "bash",
    "shellscript": "bash",
    "typescriptreact": "tsx",
}


def canonical(name: str | None) -> str | None:
    """The grammar's name for `name`, which may also be a file extension; None where it is not known."""
    said = (name or "").strip().lower()
    found = _OTHER_NAMES.get(said, said)
    if found in _KNOWN:
        return found
    return detect(f"file.{found}", "") if found.isalnum() else None
