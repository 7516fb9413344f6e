"""Answers that show old code in one block and what replaces it in the next: they are read as SEARCH/REPLACE blocks.

"Replace this: ... with this: ...", "Before: ... After: ...", "Remove these lines: ...". The words around both blocks
have to say no more than that. Lines of the file that only tell a place ("below this line, add"), a new version and its
use, and two additions are no pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fastapply.text.lines import starts_of

_QUIET = " \t:.,*_#>-\u2013\u2014\"'`"  # around a line of prose
_LONGEST = 160  # characters of prose that are read
# The whole line above old code that the file quotes.
_OLD = re.compile(
    r"(?:.{0,60}\b)?(?:replace|change|find|locate|swap(?: out)?|turn|instead of)\b"
    r"(?:(?!\b(?:with|to|by|like|as|so)\b).)*",
    re.IGNORECASE,
)
# The whole line above old code that need not be quoted exactly.
_NAMED_OLD = re.compile(
    r"(?:the )?(?:before|old|previous(?:ly)?|current(?:ly)?|original)(?: code| version)?", re.IGNORECASE
)
# The whole line above the new code.
_NEW = re.compile(
    r"(?:and |then )?(?:(?:replace|change|swap|turn) (?:it|them|that|this) )?"
    r"(?:with|by|to|into|use|after|new|updated|becomes?)"
    r"(?: (?:this|that|these|the following|the new))?(?: (?:one|code|version|lines?|block))?(?: instead)?",
    re.IGNORECASE,
)
# The whole line above code that is to go.
_GOES = re.compile(
    r"(?:(?:and|also|then|now|next|finally|please|you (?:can|should)|we (?:can|should))[\s,]+)*"
    r"(?:remove|delete|drop) (?:this|these|the following)(?: (?:unused|old|dead|whole|entire|two|three))*"
    r"(?: (?:lines?|blocks?|functions?|methods?|imports?|statements?|checks?|tests?|calls?|code))?"
    r"(?: (?:here|too|as well|entirely|completely|altogether))?",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:below|above|beneath|before (?:it|this|that)|after (?:it|this|that)|add|insert|keep|not|n't)\b", re.I
)


class Shown(NamedTuple):
    """A block of an answer: the last line of prose above it, and its lines with their line breaks."""

    said: str
    lines: Sequence[str]


def as_search_blocks(blocks: Sequence[Shown], original: str) -> str | None:
    """The blocks as SEARCH/REPLACE blocks, if each is code to delete or belongs to a pair of old and new code. Else
    None."""
    theirs = [line.strip() for line in original.split("\n") if line.strip()]
    found = list[str]()
    rest = iter(blocks)
    for block in rest:
        quotes = _quotes(block.lines, theirs)
        if quotes and _says(_GOES, block.said):
            found += _search_block(block.lines, ())
            continue
        old = _says(_NAMED_OLD, block.said) or (quotes and _says(_OLD, block.said))
        new = next(rest, None) if old else None
        if new is None or not _says(_NEW, new.said):
            return None
        found += _search_block(block.lines, new.lines)
    return "".join(found) or None


def _says(pattern: re.Pattern[str], said: str) -> bool:
    bare = said.strip(_QUIET)
    return len(bare) <= _LONGEST and pattern.fullmatch(bare) is not None and not _PLACE.search(bare)


def _quotes(lines: Sequence[str], theirs: Sequence[str]) -> bool:
    """Are the lines consecutive lines of the file, but for blank ones and indentation?"""
    ours = [line.strip() for line in lines if line.strip()]
    return bool(ours) and next(starts_of(ours, theirs), None) is not None


def _search_block(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    yield "<<<<<<< SEARCH\n"
    yield from _whole_lines(old)
    yield "=======\n"
    yield from _whole_lines(new)
    yield ">>>>>>> REPLACE\n"


def _whole_lines(lines: Sequence[str]) -> Iterator[str]:
    """The lines without blank ones at both ends, each with a line break: an answer may be cut off in the last."""
    filled = [k for k, line in enumerate(lines) if line.strip()]
    return (lines[k].rstrip("\n") + "\n" for k in (range(filled[0], filled[-1] + 1) if filled else ()))
