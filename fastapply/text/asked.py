"""What an instruction names, and whether a rewrite touches it. LF texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fastapply.text.diff import lf_lines, line_hunks

_QUOTED = re.compile(r"`([^`]+)`|'([^']+)'|\"([^\"]+)\"")
_WORD = re.compile(r"\w+")
_CODE = re.compile(r"\w*(?:_|[a-z0-9][A-Z]|[A-Z]{2})\w*")  # a_name, aName, NAME
_REMOVES = re.compile(r"\b(?:remov|delet|drop|get(?:ting)? rid)", re.IGNORECASE)
_TAKES = re.compile(r"\b(?:remov|delet|drop|get(?:ting)? rid|inlin|mov|replac|renam|chang)", re.IGNORECASE)
_RESHAPES = re.compile(
    r"\b(?:merg|replac|conver|turn\w* .*\binto\b|instead|simplif|collaps|rewr|refactor|inlin|switch\w* to\b|combin|fold"
    r"|split|unif|dedup|factor|extract|shorten|condens|moderni[sz]|us(?:e|es|ing) (?:an?|one|the) )",
    re.IGNORECASE,
)
_ADDS = re.compile(r"\b(?:add|insert|introduc|log|wrap)", re.IGNORECASE)
_ADDS_TO = re.compile(r"\b(?:as well|also|another|too)\b", re.IGNORECASE)
_MOVES = re.compile(r"\bmov(?:e|es|ed|ing)\b", re.IGNORECASE)

_PLACE = re.compile(
    r"\b(?P<side>after|below|beneath|under|following|behind|before|above|ahead of|between)\s+"
    r"(?P<named>(?:[^.;,]|[.;,](?!\s|$)){2,80})",
    re.IGNORECASE,
)
_REMOVAL = re.compile(
    r"\b(?:remov(?:e|es|ed|ing)|delet(?:e|es|ed|ing)|drop(?:s|ped|ping)?|get(?:ting)? rid of)\s+"
    r"(?P<named>(?:[^.;,]|[.;,](?!\s|$)){2,80})",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\s(?:at the|from|in the|in|since|because|so that|instead|as (?:it|they)|into|now that)\b", re.IGNORECASE
)
_RENAMES = re.compile(r"\brenam", re.IGNORECASE)
_OLD_TO_NEW = re.compile(r"(\w+)(?:\(\))?[`'\"]?\s+(?:to|into|as|->|→)\s+[`'\"]?(\w+)")
_BEFORE = frozenset({"before", "above", "ahead of"})
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NUMBERED = re.compile(r"[A-Za-z]+\d+")
_SAYS_NOTHING = frozenset(
    re.findall(r"\w+", "a an and as at by for in is it its of on one ones or that the this to where which with")
)


def told_places(instruction: str) -> list[tuple[bool, str]]:
    """Where an instruction wants something inserted: after (True) or before (False) what."""
    found = []
    for match in _PLACE.finditer(instruction):
        side, named = match["side"].lower(), match["named"]
        first, _, second = named.partition(" and ") if side == "between" else (named, "", "")
        found.append((side not in _BEFORE, first))
        if second:
            found.append((False, second))
    return [(after, named) for after, named in found if pieces(named)]


def told_removals(instruction: str) -> list[frozenset[str]]:
    """What an instruction wants removed, each as pieces of words, without the place and the purpose."""
    named = (_BESIDE.split(match["named"])[0] for match in _REMOVAL.finditer(instruction))
    return [words for name in named if (words := pieces(name))]


def told_renames(instruction: str) -> list[tuple[str, str]]:
    """Pairs of words of which the instruction may want the first to be called as the second."""
    return _OLD_TO_NEW.findall(instruction) if _RENAMES.search(instruction) else []


def pieces(text: str) -> frozenset[str]:
    """The words of a text and of the names in it, in lower case: `get_flatData2` has get, flat, data, 2 and data2."""
    found = (*_PIECE.findall(text), *_NUMBERED.findall(text))
    return frozenset(word for piece in found if (word := piece.lower()) not in _SAYS_NOTHING)


def missed_words(original: str, rewritten: str, instruction: str) -> int:
    """How many words that the instruction names are in no added or removed line."""
    named = code_words(instruction)
    if not named:
        return 0
    lines = lf_lines(original)
    touched = set[str]()
    for hunk in line_hunks(original, rewritten):
        touched |= words_in([*lines[hunk.start_line : hunk.end_line], hunk.new_text])
    return len(named - touched)


def removes(instruction: str) -> bool:
    """Does the instruction want something removed?"""
    return bool(_REMOVES.search(instruction))


def moves(instruction: str) -> bool:
    return bool(_MOVES.search(instruction))


def reshapes(instruction: str) -> bool:
    """Does the instruction want old code to get another shape?"""
    return bool(_RESHAPES.search(instruction)) and not only_adds(instruction)


def only_adds(instruction: str) -> bool:
    """Does the instruction want something added, and nothing else?"""
    return bool(_ADDS.search(instruction) or adds_to(instruction)) and not _TAKES.search(instruction)


def adds_to(instruction: str) -> bool:
    """Does the instruction want something beside its likes ("open 443 as well"), and nothing else?"""
    return bool(_ADDS_TO.search(instruction)) and not _TAKES.search(instruction)


def code_words(instruction: str) -> set[str]:
    """The words of an instruction that are quoted or look like names in code."""
    quoted = [_WORD.findall("".join(found)) for found in _QUOTED.findall(instruction)]
    return {word for words in quoted for word in words} | set(_CODE.findall(instruction))


def words_in(lines: Iterable[str]) -> set[str]:
    return {word for line in lines for word in _WORD.findall(line)}
