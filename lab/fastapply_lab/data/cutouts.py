"""Cut short pieces out of long files: runs of whole definitions or members that can be files of their own.

Small files are rare in real code, and short texts have more decisions per token to learn from.
"""

from __future__ import annotations

import random

from fastapply_lab.data.units import Parsed, Unit, parse, parses


def pieces(
    text: str, language: str, most_lines: int, rng: random.Random, *, least_lines: int = 6, most: int = 12
) -> list[str]:
    """The text itself if it is short enough, else up to `most` cut-outs of at most `most_lines` lines that parse."""
    parsed = parse(text, language)
    if parsed is None:
        return []
    if len(parsed.lines) <= most_lines:
        return [text] if len(parsed.lines) >= least_lines else []
    found = []
    for lines in _cuts(parsed, -1, most_lines, rng):
        piece = "\n".join(_trimmed(lines)) + "\n"
        if len(_trimmed(lines)) >= least_lines and parses(piece, language):
            found.append(piece)
    rng.shuffle(found)
    return found[:most]


def _cuts(parsed: Parsed, parent: int, most_lines: int, rng: random.Random) -> list[list[str]]:
    """Runs of units in `parent`, each with the lines that open and close the parent. Too long units are cut inside."""
    opening, closing = _frame(parsed, parent)
    if len(opening) + len(closing) > most_lines // 2:
        return []
    room = most_lines - len(opening) - len(closing)
    result: list[list[str]] = []
    run: list[str] = []
    target = rng.randint(room // 3, room)
    previous_end: int | None = None
    for index in parsed.siblings(parent):
        unit = parsed.units[index]
        if previous_end is not None and unit.start < previous_end:
            continue  # its leading comment is part of the previous unit
        if unit.kind == "comment" and _leads_next(parsed, index):
            continue
        if unit.type == "php_tag":
            continue
        gap = list(parsed.lines[previous_end : unit.start]) if previous_end is not None and run else []
        body = list(parsed.lines[unit.start : unit.end])
        if run and len(run) + len(gap) + len(body) > target:
            result.append([*opening, *run, *closing])
            run, gap, target = [], [], rng.randint(room // 3, room)
        if len(body) > room:
            if unit.kind == "definition":
                result += _cuts(parsed, index, most_lines, rng)
            run = []
        else:
            run += [*gap, *body]
        previous_end = unit.end
    if run:
        result.append([*opening, *run, *closing])
    return result


def _leads_next(parsed: Parsed, index: int) -> bool:
    comment = parsed.units[index]
    return any(u.start <= comment.start and comment.end <= u.head and u.kind != "comment" for u in parsed.units)


def _frame(parsed: Parsed, parent: int) -> tuple[list[str], list[str]]:
    opening: list[str] = []
    closing: list[str] = []
    while parent >= 0:
        unit: Unit = parsed.units[parent]
        opening = [*parsed.lines[unit.head : unit.body], *opening]
        closing = [*closing, *parsed.lines[unit.closer : unit.end]]
        parent = unit.parent
    if parsed.lines[0].startswith("<?php") and opening[:1] != ["<?php"]:
        opening = ["<?php", "", *opening]  # without it the rest is plain text
    return opening, closing


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]
