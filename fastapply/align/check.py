"""Checks of a rewritten file against the original and the update: what a careful reviewer would look at first.

Knows texts only, whoever wrote them: a model's output and a structural merge are judged alike.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import Levenshtein

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.languages import count_errors, parse
from fastapply.text.markers import MarkerKind, classify, is_marker_leak, marker_target
from fastapply.types import Check

_TAIL = 5  # lines at the end of the file that an edit hardly removes
_TELLING = 4  # characters; shorter lines are brackets and the like
_LONG_BLOCK = 3
_WORD = re.compile(r"\w+")


def run_checks(original: str, merged: str, update: str, language: str | None) -> list[Check]:
    """All checks, in a fixed order. LF texts."""
    case = _Case(original, merged, update, language)
    return [
        _syntax(case),
        _markers(case),
        _lost_chunks(case),
        _overwritten(case),
        _truncated(case),
        _no_op(case),
        _duplicates(case),
        _explained(case),
    ]


@dataclass
class _Case:
    original: str
    merged: str
    update: str
    language: str | None

    @cached_property
    def old(self) -> Outline:
        return Outline(self.original.split("\n"), self.language)

    @cached_property
    def new(self) -> Outline:
        return Outline(self.merged.split("\n"), self.language)

    @cached_property
    def update_lines(self) -> list[str]:
        return [line.strip() for line in self.update.split("\n")]

    @cached_property
    def shown(self) -> set[str]:
        """The lines of code that the update shows."""
        old = set(self.old.stripped)
        return {text for text in self.update_lines if text and (text in old or not classify(text, self.language))}

    @cached_property
    def removed_names(self) -> set[str]:
        targets = [
            marker_target(text, self.language)
            for text in self.update_lines
            if classify(text, self.language) is MarkerKind.REMOVE
        ]
        return {target for target in targets if target}

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


def _syntax(case: _Case) -> Check:
    old, new = parse(case.original, case.language), parse(case.merged, case.language)
    if old is None or new is None:
        return Check("syntax", True, "No grammar for this file: the syntax was not checked.")
    before, after = count_errors(old), count_errors(new)
    if after > before:
        return Check("syntax", False, f"{after - before} new syntax errors.")
    return Check("syntax", True, "No new syntax errors.")


def _markers(case: _Case) -> Check:
    old = Counter(case.old.stripped)
    suspects = [
        text
        for text in case.new.stripped
        if is_marker_leak(text) or (classify(text, case.language) is MarkerKind.KEEP and text in case.update_lines)
    ]
    leaked = [text for text, count in Counter(suspects).items() if count > old[text]]
    if leaked:
        return Check("markers", False, f"A marker was left in the file: {leaked[0][:60]}")
    return Check("markers", True, "No marker was left in the file.")


def _lost_chunks(case: _Case) -> Check:
    """Definitions that vanished though the update neither removes nor replaces them, and imports likewise."""
    kept = {chunk.name for chunk in case.new.definitions} | case.removed_names
    words = set(case.merged.split())
    gone = [chunk for chunk in case.old.definitions if chunk.name not in kept]
    added = len(case.new.definitions) - len([c for c in case.old.definitions if c.name in kept])
    lost = [chunk.name for chunk in gone if chunk.name not in words][max(0, added) :]
    imports = [
        case.old.stripped[k]
        for k, info in enumerate(case.old.info)
        if info.kind == "import" and info.name and case.old.stripped[k] not in case.new.stripped
    ]
    names = {info.name for info in case.new.info if info.kind == "import"}
    inserted = sum(info.kind == "import" for k, info in enumerate(case.new.info) if case.new.stripped[k] in case.shown)
    missing = [text for text in imports if not any(name and name in text for name in names)]
    if lost:
        return Check("lost_chunks", False, f"{_count(len(lost), 'definition')} vanished: {', '.join(lost[:3])}")
    if missing and not inserted and "import" not in " ".join(case.update_lines):
        return Check("lost_chunks", False, f"{_count(len(missing), 'import')} vanished: {missing[0][:60]}")
    return Check("lost_chunks", True, "All definitions and imports are there or were replaced.")


def _overwritten(case: _Case) -> Check:
    """A definition gave way to one of another name that has little of it: the new one was to stand beside it."""
    old_names = {chunk.name for chunk in case.old.definitions}
    new_names = {chunk.name for chunk in case.new.definitions} | case.removed_names
    words = set(_WORD.findall(case.update))
    fresh = [set(case.new.stripped[c.start : c.end]) for c in case.new.definitions if c.name not in old_names]
    for chunk in case.old.definitions:
        if not fresh or chunk.name in new_names or chunk.name in words:
            continue
        body = {text for text in case.old.stripped[chunk.header + 1 : chunk.end] if len(text) >= _TELLING}
        if not any(2 * len(body & lines) >= len(body) > 0 for lines in fresh):
            return Check("overwritten", False, f"`{chunk.name}` gave way to a definition of another name.")
    return Check("overwritten", True, "No definition gave way to another one.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _truncated(case: _Case) -> Check:
    """The last lines of the original are gone and the update does not show what comes instead."""
    tail = [text for text in case.old.stripped if text][-_TAIL:]
    new = set(case.new.stripped)
    if not tail or any(text in new for text in tail if len(text) >= _TELLING):
        return Check("truncated", True, "The end of the file is there.")
    last = next((text for text in reversed(case.new.stripped) if text), "")
    if last in case.shown and last == next((t for t in reversed(case.update_lines) if t), ""):
        return Check("truncated", True, "The update shows a new end of the file.")
    if all(len(text) < _TELLING for text in tail):
        return Check("truncated", True, "The end of the file tells nothing.")
    _, b, c, d = case.hunks[-1]
    if any(case.old.stripped[b:]) and any(
        len(text) >= _TELLING and text in case.shown for text in case.new.stripped[c:d]
    ):
        return Check("truncated", True, "The update shows new lines for the end of the file.")
    return Check("truncated", False, f"The last {len(tail)} lines of the file are gone.")


def _no_op(case: _Case) -> Check:
    if case.merged != case.original:
        return Check("no_op", True, "The file changed.")
    old = set(case.old.stripped)
    fresh = [text for text in case.shown if text not in old]
    if fresh or case.removed_names:
        return Check("no_op", False, "Nothing changed although the update has new code.")
    return Check("no_op", True, "Nothing changed; the update shows what is there.")


def _duplicates(case: _Case) -> Check:
    """A definition, or a run of lines, that stands twice now and did not before."""
    before = Counter((_path(chunk), chunk.kind, chunk.name) for chunk in case.old.definitions)
    after = Counter((_path(chunk), chunk.kind, chunk.name) for chunk in case.new.definitions)
    update = Outline(case.update.split("\n"), case.language)
    shown = Counter((chunk.kind, chunk.name) for chunk in update.definitions)
    for key, count in after.items():
        if count > max(1, before[key]) and count > shown[key[1:]]:
            return Check("duplicates", False, f"The definition of {key[2]} stands twice.")
    for _, _, c, d in case.hunks:
        block = case.new.stripped[c:d]
        size = len(block)
        if size < _LONG_BLOCK or sum(len(text) >= _TELLING for text in block) < _LONG_BLOCK:
            continue
        if case.new.stripped[d : d + size] == block or case.new.stripped[max(0, c - size) : c] == block:
            return Check("duplicates", False, f"{size} lines stand twice, one after the other: {block[0][:40]}")
    return Check("duplicates", True, "Nothing stands twice.")


def _path(chunk: Chunk) -> tuple[str, ...]:
    return tuple(inner.name for inner in chunk.chain() if inner is not chunk)


def _explained(case: _Case) -> Check:
    """Every inserted line comes from the update; every deleted one lies by what the update shows."""
    strange: list[str] = []
    unexplained: list[str] = []
    for a, b, c, d in case.hunks:
        new = case.new.stripped[c:d]
        strange += [text for text in new if text and text not in case.shown and text not in case.old.stripped[a:b]]
        old = [text for text in case.old.stripped[a:b] if len(text) >= _TELLING and text not in new]
        if not old or any(name in text for name in case.removed_names for text in old):
            continue
        above = next((text for text in reversed(case.old.stripped[:a]) if text), "")
        below = next((text for text in case.old.stripped[b:] if text), "")
        if not any(text in case.shown for text in (above, below, *new) if text):
            unexplained += old
    if strange:
        return Check("explained", False, f"{_count(len(strange), 'line')} not in the update: {strange[0][:60]}")
    if unexplained:
        return Check(
            "explained", False, f"{_count(len(unexplained), 'line')} vanished unexplained: {unexplained[0][:60]}"
        )
    return Check("explained", True, "The update explains every change.")
