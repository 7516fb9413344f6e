"""What an instruction names, and whether a rewrite touches it. Knows LF lines only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapply.text.diff import lf_lines, line_hunks

_QUOTED = re.compile(r"`([^`]+)`|'([^']+)'|\"([^\"]+)\"")
_WORD = re.compile(r"\w+")
_CODE = re.compile(r"\w*(?:_|[a-z0-9][A-Z]|[A-Z]{2})\w*")  # a_name, aName, NAME
_REMOVES = re.compile(r"\b(?:remov|delet|drop|get(?:ting)? rid)", re.IGNORECASE)
_TAKES = re.compile(r"\b(?:remov|delet|drop|get(?:ting)? rid|inlin|mov|replac|renam|chang)", re.IGNORECASE)
_ADDS = re.compile(r"\b(?:add|insert|introduc|log|wrap)", re.IGNORECASE)


def missed_words(original: str, rewritten: str, instruction: str) -> int:
    """How many words the instruction names that stand in no line that comes or goes."""
    named = code_words(instruction)
    if not named:
        return 0
    lines = lf_lines(original)
    touched = set[str]()
    for hunk in line_hunks(original, rewritten):
        touched |= _words(lines[hunk.start_line : hunk.end_line]) | _words(lf_lines(hunk.new_text))
    return len(named - touched)


def removes(instruction: str) -> bool:
    """Does the instruction want something to go?"""
    return bool(_REMOVES.search(instruction))


def only_adds(instruction: str) -> bool:
    """Does the instruction want something to be put in, and nothing else?"""
    return bool(_ADDS.search(instruction)) and not _TAKES.search(instruction)


def code_words(instruction: str) -> set[str]:
    """The words of an instruction that are quoted, or look like names in code."""
    quoted = [_WORD.findall("".join(found)) for found in _QUOTED.findall(instruction)]
    return {word for words in quoted for word in words} | set(_CODE.findall(instruction))


def _words(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in _WORD.findall(line)}
