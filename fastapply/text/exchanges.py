"""Answers that show old code in one block and what replaces it in the next: they are read as SEARCH/REPLACE blocks.

"Replace this: ... with this: ...", "Before: ... After: ...", "Remove these lines: ...".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_CODE = r"(?:this|these|it|the (?:line|lines|block|code|following|current|existing|old)\b.*)"
_OLD = re.compile(
    r"(?:(?:in .*|first|then|also|next|and)?\W*\b(?:replace|change|find|locate|swap(?: out)?|turn|instead of)\b"
    rf".*\b{_CODE}.*"
    r"|before|old(?: code| version)?|previously|from|(?:current|existing|original)(?:ly)?(?: code| version)?)\W*",
    re.IGNORECASE,
)
_NEW = re.compile(
    r"(?:and |then )?(?:(?:replace|change|swap|turn) (?:it|them|that|this) )?"
    r"(?P<sure>with|to|after(?:wards)?|new(?: code| version)?|updated(?: code| version)?|becomes?)\b.{0,40}"
    r"|(?:by|into|for|use|write)\b.{0,40}",
    re.IGNORECASE,
)
_GOES = re.compile(r".*\b(?:remove|delete|drop)\b.*", re.IGNORECASE)
_QUIET = re.compile(r"^\W+|\W+$")


class Shown(NamedTuple):
    """A block of an answer: the last line of prose above it, and its lines with their line breaks."""

    said: str
    lines: Sequence[str]


def as_search_blocks(blocks: Sequence[Shown], original: str) -> str | None:
    """The blocks as SEARCH/REPLACE blocks, if each belongs to a pair of old and new code or is to go. Else None."""
    theirs = [line.strip() for line in original.split("\n") if line.strip()]
    found = list[str]()
    rest = iter(blocks)
    for block in rest:
        quotes = _quotes(block.lines, theirs)
        if quotes and _GOES.fullmatch(block.said) and not _is_old(block.said):
            found += _search_block(block.lines, ())
            continue
        new = next(rest, None) if quotes or _is_old(block.said) else None
        says = _NEW.fullmatch(_QUIET.sub("", new.said)) if new is not None else None
        if new is None or says is None or not (quotes or says["sure"]):
            return None
        found += _search_block(block.lines, new.lines)
    return "".join(found) or None


def _is_old(said: str) -> bool:
    return _OLD.fullmatch(_QUIET.sub("", said)) is not None


def _quotes(lines: Sequence[str], theirs: Sequence[str]) -> bool:
    """Are the lines consecutive lines of the file, but for blank ones and indentation?"""
    ours = [line.strip() for line in lines if line.strip()]
    starts = (k for k, text in enumerate(theirs) if ours and text == ours[0])
    return any(list(theirs[k : k + len(ours)]) == ours for k in starts)


def _search_block(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    yield "<<<<<<< SEARCH\n"
    yield from old
    yield "=======\n"
    yield from new
    yield ">>>>>>> REPLACE\n"
