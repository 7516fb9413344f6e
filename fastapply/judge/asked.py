"""`removed`: what a removal marker or the instruction names, and whether a line belongs to it."""

from __future__ import annotations

import re
from functools import cache, cached_property

from fastapply.align.chunks import Chunk
from fastapply.judge.sides import Original, Shown
from fastapply.text.asked import code_words

_TAKES = re.compile(
    r"\b(?:remov|delet|drop|get(?:ting)? rid|renam|replac|mov|inlin|strip|clean|eliminat|extract|merg|unused"
    r"|no longer)",
    re.IGNORECASE,
)
_STOP = re.compile(r"\b(?:in|from|with|by|to|for|when|that|which|using|into|so|because|instead|as)\b|[.;](?:\s|$)")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+(?:[.-]\w+)*")  # net6.0, markdown-link-check
_VERSION = re.compile(r"\d+\.\d")
_GOES = re.compile(r"((?:\S+\s+){1,6}?)(?:(?:can|may|must|should|will)\s+(?:go|be dropped)|goes away)\b", re.IGNORECASE)
_LEAST = 3  # characters of a word that names something
_PLAIN = 4  # the same of a plain word
_RARE = 6  # lines that a plain word may name


class Asked:
    """Tells whether a line of the original is meant to be deleted."""

    def __init__(self, instruction: str, shown: Shown, old: Original) -> None:
        taken = " ".join(_taken(instruction))
        targets = [word for target in shown.removals.values() for word in _WORD.findall(target)]
        self._names = {word for word in targets if len(word) >= _LEAST}
        self._names |= {word for word in code_words(taken) if len(word) >= _LEAST}
        self._words = {_stem(word) for word in _WORD.findall(taken)}
        self._tokens = {
            token.lower() for token in _TOKEN.findall(taken) if len(token) >= _PLAIN or _VERSION.match(token)
        }
        self._old = old
        self._named = cache(self._find_named)

    def wants(self, line: int, gone: frozenset[int]) -> bool:
        """Does a line name what is to be deleted, or belong to a definition or block that is? `gone`: all deleted
        lines."""
        around = self._old.outline.chunk_of[line].chain()
        if self._named(line) or any(self.names(chunk) for chunk in around if chunk.header in gone):
            return True
        plain = frozenset[int]().union(*(lines for lines in self._rare if lines <= gone))
        return line in plain or any(chunk.header in plain for chunk in self._old.outline.chunk_of[line].chain())

    @cached_property
    def _rare(self) -> list[frozenset[int]]:
        """For each plain word of the instruction that few lines have, these lines. If all go, they are meant."""
        places: dict[str, set[int]] = {token: set() for token in self._tokens}
        for line, text in enumerate(self._old.outline.lines):
            for token in {token.lower() for token in _TOKEN.findall(text)} | {w.lower() for w in _WORD.findall(text)}:
                if token in places:
                    places[token].add(line)
        return [frozenset(lines) for lines in places.values() if 0 < len(lines) <= _RARE]

    def _find_named(self, line: int) -> bool:
        """Does a line itself name what is to be deleted?"""
        info = self._old.outline.info[line]
        if (info.kind == "import" and "import" in self._words) or (info.comment and "comment" in self._words):
            return True
        return self._names_in(self._old.outline.lines[line])

    def names(self, chunk: Chunk) -> bool:
        """Is this definition or block to be deleted?"""
        header = self._old.outline.lines[chunk.header]
        if self._names_in(header):
            return True
        parts = [_stem(part) for word in _WORD.findall(chunk.name) for part in _PART.findall(word)]
        named = chunk.is_definition or chunk.kind == "value"
        return named and bool(parts) and all(part in self._words for part in parts)

    def _names_in(self, text: str) -> bool:
        return bool(self._names) and not self._names.isdisjoint(_WORD.findall(text))


def _taken(instruction: str) -> list[str]:
    """What each verb of removal names, and what "can go"."""
    behind = [_STOP.split(instruction[found.end() :])[0] for found in _TAKES.finditer(instruction)]
    return [*behind, *(_STOP.split(found[1])[-1] for found in _GOES.finditer(instruction))]


def _stem(word: str) -> str:
    return word.lower().removesuffix("s")
