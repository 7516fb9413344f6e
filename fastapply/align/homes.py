"""Where in the original the lines of a definition belong that the snippet shows whole.

Line by line, a stub that is filled in may be nearest to a look-alike of its new body. But a definition that is shown
whole, under a first line or a name that both sides have once, is that one. Knows outlines and claims, no costs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fastapply.align.chunks import Chunk, Outline
from fastapply.align.prices import Prices

_WORD = re.compile(r"\w+")


def homes(prices: Prices) -> dict[int, range]:
    """For lines of the snippet: the lines of the original among which they are to be found."""
    original, snippet = prices.original, prices.snippet
    ours_once, theirs_once = _headers_once(snippet), _headers_once(original)
    pairs = [(ours, theirs_once[text]) for text, ours in ours_once.items() if text in theirs_once]
    found: dict[int, range] = {}
    for ours, theirs in [*([] if snippet.markers else _named_alike(prices)), *pairs]:
        if not _shown_whole(snippet, ours) or (prices.has_closers and not theirs.closed):
            continue
        lines = range(theirs.header, theirs.end)
        found |= {line: lines for line in range(ours.header, ours.end) if snippet.stripped[line]}
    return found


def _named_alike(prices: Prices) -> Iterator[tuple[Chunk, Chunk]]:
    """Functions of one name on both sides, in places that agree."""
    for ours, claimed in prices.claimed.items():
        theirs = prices.original.chunks[claimed[0]]
        alone = len(claimed) == 1 and len(prices.places.claimers[theirs.index]) == 1
        if alone and prices.snippet.chunks[ours].kind == theirs.kind == "function":
            yield prices.snippet.chunks[ours], theirs


def _shown_whole(snippet: Outline, ours: Chunk) -> bool:
    """Does the chunk go on from its header to its end, or to other code than a marker?"""
    if any(ours.start <= k < ours.end for k in snippet.markers):
        return False
    below = next((k for k in range(ours.end, len(snippet.lines)) if snippet.stripped[k]), None)
    return ours.closed or (below is not None and below not in snippet.markers)


def _headers_once(outline: Outline) -> dict[str, Chunk]:
    """The definitions whose first line stands once in the text, by that line."""
    times = Counter(outline.stripped)
    return {
        text: chunk
        for chunk in outline.definitions
        if times[text := outline.stripped[chunk.header]] == 1 and len(_WORD.findall(text)) > 1
    }
