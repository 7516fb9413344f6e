"""A rewritten file beside its original and the update, with properties that several checks share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import Levenshtein

from fastapply.align.chunks import Outline, file_outline
from fastapply.align.languages import parse_rewrite
from fastapply.text.asked import code_words, removes
from fastapply.text.markers import MarkerKind, classify, inline_marker, marker_target

TELLING = 4  # characters; shorter lines are brackets and the like


@dataclass
class Checked:
    """The LF texts to check. All properties are derived from them."""

    original: str
    rewritten: str
    update: str
    language: str | None
    instruction: str = ""
    explained: frozenset[int] = frozenset()  # lines of the original that are deleted for a reason

    @cached_property
    def old(self) -> Outline:
        return file_outline(self.original.removesuffix("\n"), self.language)

    @cached_property
    def new(self) -> Outline:
        tree = parse_rewrite(self.rewritten, self.original, self.language)
        return Outline(self.rewritten.removesuffix("\n").split("\n"), self.language, tree=tree)

    @cached_property
    def update_lines(self) -> list[str]:
        return [line.strip() for line in self.update.split("\n")]

    @cached_property
    def shown(self) -> set[str]:
        """The lines of code that the update shows."""
        old = set(self.old.stripped)
        return {text for text in self.update_lines if text and (text in old or not classify(text, self.language))}

    @cached_property
    def shown_lines(self) -> list[str]:
        """The same in order, without brackets and without lines that contain a marker."""
        lines = (text for text in self.update_lines if len(text) >= TELLING and text in self.shown)
        return [text for text in lines if inline_marker(text, self.language) is None]

    @cached_property
    def removed_names(self) -> set[str]:
        """The names that the update's markers or the instruction want removed."""
        targets = [
            marker_target(text, self.language)
            for text in self.update_lines
            if classify(text, self.language) is MarkerKind.REMOVE
        ]
        asked = code_words(self.instruction) if removes(self.instruction) else set[str]()
        return {target for target in targets if target} | asked

    @cached_property
    def hunks(self) -> list[tuple[int, int, int, int]]:
        """Changed ranges (old start, old end, new start, new end)."""
        codes = Levenshtein.opcodes(self.old.lines, self.new.lines)
        merged: list[tuple[int, int, int, int]] = []
        for tag, a, b, c, d in codes:
            if tag == "equal":
                continue
            if merged and merged[-1][1] == a and merged[-1][3] == c:
                merged[-1] = (merged[-1][0], b, merged[-1][2], d)
            else:
                merged.append((a, b, c, d))
        return merged


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
