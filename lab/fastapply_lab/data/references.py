"""Line references: `@@12-15` in our own text stands for those lines of an original, so that we need not store them.

`@@12` is one line. A prefix, such as a diff's sign or blanks, applies to each of the lines. `@@12-15<` omits the lines'
own indentation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fastapply.errors import UsageError

LEAST = 4  # the fewest consecutive quoted lines that must be references
_REFERENCE = re.compile(r"([-+]?\s*)@@(\d+)(?:-(\d+))?(<?)")
_PREFIX = re.compile(r"[-+]?\s*")


class Quotation(NamedTuple):
    """Lines of a text that equal the original's, except for a diff's sign and indentation. Both starts count from 0."""

    start: int
    length: int
    first: int  # of the original


def expand(text: str, lines: Sequence[str]) -> str:
    """The text with references replaced by the original's lines. Raises UsageError for lines that do not exist."""
    return "\n".join(line for raw in text.split("\n") for line in _expanded(raw, lines))


def _expanded(raw: str, lines: Sequence[str]) -> list[str]:
    found = _REFERENCE.fullmatch(raw)
    if found is None:
        return [raw]
    first, last = int(found[2]), int(found[3] or found[2])
    if not 1 <= first <= last <= len(lines):
        raise UsageError(f"`{raw.strip()}` refers to no lines of the original, which has {len(lines)}")
    return [_rendered(found[1], found[4], line) for line in lines[first - 1 : last]]


def _rendered(prefix: str, bare: str, line: str) -> str:
    """A line of the original after a prefix. An empty line gets the prefix's sign but no indentation."""
    return prefix + (line.lstrip() if bare else line) if line or prefix.strip() else line


def quotations(text: str, lines: Sequence[str]) -> Iterator[Quotation]:
    """The longest runs of at least `LEAST` lines that the text quotes from the original, from top to bottom."""
    raw, at = text.split("\n"), 0
    places: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        places[line.strip()].append(number)
    while at < len(raw):
        starts = [start for word in sorted(_contents(raw[at])) for start in places.get(word, [])]
        first = max(starts, key=lambda start: _quoted(raw, at, lines, start), default=0)
        length = _quoted(raw, at, lines, first) if starts else 0
        if length >= LEAST:
            yield Quotation(at, length, first)
        at += length if length >= LEAST else 1


def _contents(raw: str) -> set[str]:
    """The texts that a line may quote: itself, and the part after a diff's sign."""
    if _REFERENCE.fullmatch(raw):
        return set()
    return {raw.strip(), raw[1:].strip()} if raw[:1] in ("-", "+") else {raw.strip()}


def _quoted(raw: Sequence[str], at: int, lines: Sequence[str], first: int) -> int:
    """How many lines from `at` on equal the original's from `first` on."""
    count = 0
    for mine, theirs in zip(raw[at:], lines[first:], strict=False):
        if theirs.strip() not in _contents(mine):
            break
        count += 1
    return count


def fold(text: str, lines: Sequence[str]) -> str:
    """The text with references in place of quoted runs. It expands to the same text as before."""
    raw, out, done = text.split("\n"), list[str](), 0
    for start, length, first in quotations(text, lines):
        out += raw[done:start]
        out += _references(raw[start : start + length], lines, first)
        done = start + length
    folded = "\n".join([*out, *raw[done:]])
    assert expand(folded, lines) == expand(text, lines)
    return folded


def _references(quoted: Sequence[str], lines: Sequence[str], first: int) -> Iterator[str]:
    """The fewest references for the quoted lines. A line that no reference can give, such as a blank one, stays."""
    at = 0
    while at < len(quoted):
        form = _form(quoted[at], lines[first + at])
        if form is None:
            yield quoted[at]
            at += 1
            continue
        end = at + 1
        while end < len(quoted) and _rendered(*form, lines[first + end]) == quoted[end]:
            end += 1
        last = f"-{first + end}" if end - at > 1 else ""
        yield f"{form[0]}@@{first + at + 1}{last}{form[1]}"
        at = end


def _form(quoted: str, line: str) -> tuple[str, str] | None:
    """The prefix and `<` of a reference that gives the quoted line, or None."""
    for bare, content in (("", line), ("<", line.lstrip())):
        prefix = quoted.removesuffix(content)
        if _PREFIX.fullmatch(prefix) and _rendered(prefix, bare, line) == quoted:
            return prefix, bare
    return None
