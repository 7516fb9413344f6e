"""Write an edit as models and agents really send it, in one of many kinds.

`write_sent` draws a kind, writes the update in it, and adds a fence, prose and slips. It needs only the two texts, so
it works for commits and for made edits. An update that a careful reader could not apply is not written.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from fastapply.text.comments import comment
from fastapply_lab.data import sent_styles as styles
from fastapply_lab.data.edit import lead_of
from fastapply_lab.data.sent_bare import write_bare, write_whole
from fastapply_lab.data.sent_diffs import slip, write_diff, write_hybrid, write_patch, write_search
from fastapply_lab.data.sent_edit import read_edit
from fastapply_lab.data.sent_lazy import tails, write_lazy, write_ordered
from fastapply_lab.data.shown import Sides
from fastapply_lab.data.styles import FENCE_NAMES, draw

_TRIES = 5
_SEARCH_SIGN = re.compile(r"<{7}|={7}|>{7}|:start_line|-{7}|\.\.\.")
_TABS_COUNT = ("make", "markdown")
_SIGNED = ("hybrid", "diff", "unified", "patch")


@dataclass(frozen=True, slots=True)
class Sent:
    """An update, its style (kind and further changes), and the text that it leads to."""

    update: str
    style: str
    expected: str


def write_sent(
    original: str, expected: str, language: str, path: str, rng: random.Random, subject: str = ""
) -> Sent | None:
    """The edit as a model would send it; None if it is not clear in any drawn kind.

    `subject`: a description of the edit for the prose. The result's `expected` omits changes of blank lines only.
    """
    read = read_edit(original, expected, language)
    if read is None:
        return None
    sides, wanted = read
    for kind in _drawn_kinds(sides, rng):
        lines = _write(sides, kind, path, rng)
        if lines and any(line.strip() for line in lines):
            lines, extras = _slipped(sides, lines, kind, rng)
            text, fenced = _dressed(lines, kind, sides.language, path, subject, rng)
            return Sent(text, "+".join([kind, *extras, *fenced]), wanted)
    return None


def _drawn_kinds(sides: Sides, rng: random.Random) -> list[str]:
    first = ["tail"] if tails(sides) and rng.random() < styles.TAIL_FIRST else []
    return first + [draw(styles.KINDS, rng) for _ in range(_TRIES)]


def _write(sides: Sides, kind: str, path: str, rng: random.Random) -> list[str] | None:
    match kind:
        case "bare":
            return write_bare(sides, rng)
        case "order":
            return write_ordered(sides, rng)
        case "whole":
            return write_whole(sides)
        case "hybrid":
            return write_hybrid(sides, rng)
        case "diff" | "unified":
            return write_diff(sides, rng, path, numbers=kind == "unified")
        case "search":
            return write_search(sides, rng, path)
        case "patch":
            return write_patch(sides, rng, path)
        case _:
            return write_lazy(sides, kind, rng)


def _slipped(sides: Sides, lines: list[str], kind: str, rng: random.Random) -> tuple[list[str], list[str]]:
    """Add slips: a shifted margin, tabs, trailing blanks, a misquoted line. Returns the lines and the slips."""
    done: list[str] = []
    if rng.random() < styles.DEDENTED.get(kind, styles.DEDENTED_ELSE) and (shifted := _dedented(lines, kind)) != lines:
        lines = shifted
        done.append("dedented")
    if rng.random() < styles.RETABBED and sides.language not in _TABS_COUNT and any("\t" in line for line in lines):
        lines = [_untabbed(line, kind) for line in lines]
        done.append("spaces")
    two_sided = kind in (*_SIGNED, "search")
    if kind not in ("whole", "bare") and rng.random() < (styles.MISQUOTED_DIFF if two_sided else styles.MISQUOTED):
        wrong = _misquoted(sides, lines, two_sided, rng)
        done += ["misquoted"] if wrong != lines else []
        lines = wrong
    if rng.random() < styles.TRAILING_BLANKS and sides.language != "markdown":
        kept = {line.strip() for line in sides.original}
        lines = [line + "  " if line.strip() in kept and rng.random() < 0.2 else line for line in lines]
    return lines, done


def _dedented(lines: list[str], kind: str) -> list[str]:
    """The lines without their common indentation. In search blocks, only the lines between the signs count."""
    if kind in _SIGNED:
        return lines
    inner = [line for line in lines if line.strip() and not _SEARCH_SIGN.match(line)]
    width = min((len(lead_of(line)) for line in inner), default=0)
    return [line[width:] if line[:width].strip() == "" else line for line in lines]


def _untabbed(line: str, kind: str) -> str:
    sign = line[:1] if kind in _SIGNED and line[:1] in "+- " else ""
    rest = line[len(sign) :]
    return sign + lead_of(rest).replace("\t", "    ") + rest.lstrip()


def _misquoted(sides: Sides, lines: list[str], two_sided: bool, rng: random.Random) -> list[str]:
    """Misquote one unchanged line with unchanged neighbours."""
    original = {line.strip() for line in sides.original}
    new = {sides.expected[r].strip() for c in sides.changed for r in range(c.new_start, c.new_end)}
    kept = [bool(line.strip()) and line.strip() in original - new and line[:1] not in "+-" for line in lines]
    chosen = [at for at in range(1, len(lines) - 1) if kept[at - 1] and kept[at] and kept[at + 1]]
    if sum(kept) < 5 or not chosen:
        return lines
    at = rng.choice(chosen)
    wrong = slip(lines[at], rng, mild=not two_sided)
    if wrong.strip() in original:
        return lines
    return [wrong if line == lines[at] else line for line in lines]  # a search block has it twice


def _dressed(
    lines: list[str], kind: str, language: str, path: str, subject: str, rng: random.Random
) -> tuple[str, list[str]]:
    """The text, possibly in a fence with prose around it, and labels of what was added."""
    text = "\n".join(lines) + "\n"
    if rng.random() >= styles.FENCED[kind] or (language == "markdown" and kind not in _SIGNED):
        return text, []
    if kind not in (*_SIGNED, "search") and rng.random() < styles.PATH_LINE and language != "json":
        text = comment(language, path) + "\n" + text
    ticks = "````" if "```" in text else "```"
    signed = kind in ("diff", "unified") or (kind == "hybrid" and rng.random() < 0.6)
    names = ("", "diff", "patch") if kind == "patch" else ("diff",) if signed else ()
    name = rng.choice(names or FENCE_NAMES.get(language, (language,))) if rng.random() < 0.93 else ""
    said = rng.random() < styles.PROSE
    what = subject.rstrip(".") or "This is a small change"
    prose = rng.choice(styles.PROSE_BEFORE).replace("{path}", path).replace("{file}", PurePosixPath(path).name)
    before = prose.replace("{what}", what) + "\n\n" if said else ""
    after = "\n" + rng.choice(styles.PROSE_AFTER) + "\n" if rng.random() < styles.PROSE_LATER else ""
    return f"{before}{ticks}{name}\n{text}{ticks}\n{after}", ["chat" if said else "fenced"]
