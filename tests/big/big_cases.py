"""Edits of long files in every form that an update takes, with the text that each has to lead to."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from big_sources import STYLES, Method, Source, make_source, new_method

LENGTHS = (2000, 4000, 7000, 10_000)


@dataclass(frozen=True)
class BigCase:
    language: str
    kind: str
    lines: int
    path: str
    original: str
    update: str
    expected: str

    @property
    def name(self) -> str:
        return f"{self.language}-{self.lines}-{self.kind}"


def guard(source: Source, share: float) -> Method:
    """Put a line into the method that stands at a share of the file."""
    method = source.methods[int(len(source.methods) * share)]
    method.guarded = True
    return method


def shown(method: Method) -> str:
    """The changed part of a method with the line below it, then a marker."""
    indent = method.style.guard[: len(method.style.guard) - len(method.style.guard.lstrip())]
    return "".join(method.lines[: method.limit_line + 3]) + f"{indent}{method.style.marker}\n"


def one_hunk(source: Source) -> str:
    return f"{source.style.marker}\n{shown(guard(source, 0.6))}"


def far_apart(source: Source) -> str:
    methods = [guard(source, share) for share in (0.05, 0.35, 0.65, 0.97)]
    return f"{source.style.marker}\n" + "".join(map(shown, methods))


def bare_method(source: Source) -> str:
    return guard(source, 0.45).text


def fenced(source: Source) -> str:
    return f"Here is the method with the audit:\n\n```\n{one_hunk(source)}```\n\nNothing else changes.\n"


def added_method(source: Source) -> str:
    desk = source.desks[len(source.desks) // 3]
    rng = random.Random(1)
    new = new_method(desk, "audit_all" if desk.methods[0].names["name"].count("_") else "auditAll", "batch", rng)
    desk.methods.insert(3, new)
    below = "".join(desk.methods[4].lines[: desk.methods[4].limit_line + 1])
    return f"{source.style.marker}\n{new.text}\n{below}{source.style.marker}\n"


def unified(source: Source) -> str:
    before = source.text.splitlines(keepends=True)
    far_apart(source)
    diff = difflib.unified_diff(before, source.text.splitlines(keepends=True), "a/file", "b/file")
    return re.sub(r"@@ -(\d+)", lambda found: f"@@ -{int(found[1]) + 37}", "".join(diff))


def search_replace(source: Source) -> str:
    blocks = []
    for share in (0.2, 0.8):
        method = source.methods[int(len(source.methods) * share)]
        old = "".join(method.lines[: method.limit_line + 2])
        new = "".join(guard(source, share).lines[: method.limit_line + 3])
        blocks.append(f"<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n")
    return "\n".join(blocks)


def patch(source: Source) -> str:
    method = guard(source, 0.3)
    header = next(line for line in method.lines if method.names["name"].lower() in line.lower() and "(" in line)
    body = method.lines[method.limit_line : method.limit_line + 3]
    hunk = f" {body[0]}+{body[1]} {body[2]}"
    return f"*** Begin Patch\n*** Update File: file\n@@ {header.strip()}\n{hunk}*** End Patch\n"


def whole_file(source: Source) -> str:
    far_apart(source)
    return source.text


KINDS: dict[str, Callable[[Source], str]] = {
    "one-hunk": one_hunk,
    "far-apart": far_apart,
    "bare-method": bare_method,
    "unified-diff": unified,
    "fenced": fenced,
    "added-method": added_method,
    "search-replace": search_replace,
    "patch": patch,
    "whole-file": whole_file,
}


def make_case(language: str, kind: str, lines: int, seed: int) -> BigCase:
    source = make_source(language, lines, seed)
    original = source.text
    update = KINDS[kind](source)
    return BigCase(language, kind, lines, f"desk.{source.style.suffix}", original, update, source.text)


def big_cases() -> list[BigCase]:
    """Twenty-four: each language in each length, the kinds in turn."""
    pairs = [(language, lines) for lines in LENGTHS for language in STYLES]
    kinds = list(KINDS)
    return [
        make_case(language, kinds[number % len(kinds)], lines, seed=number)
        for number, (language, lines) in enumerate(pairs)
    ]
