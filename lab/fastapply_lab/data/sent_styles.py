"""How strong models and their agents send edits: tables of kinds, marker words and prose, and drawing from them.

The other `sent_` modules write a kind as text.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from fastapply_lab.data.styles import draw

KINDS: Mapping[str, float] = {
    "lazy": 26,  # chunks with context, markers between and at both ends
    "open": 17,  # like lazy, without the last marker, the first one, or both
    "tail": 9,  # header, marker, addition, nothing below
    "inner": 7,  # one function: header, marker, changed lines, marker, closer
    "bare": 11,  # whole functions, members or blocks, without markers
    "order": 4,  # chunks in another order than in the file
    "hybrid": 8,  # markers and lines with signs
    "diff": 6,  # a diff without line numbers
    "unified": 3,  # a diff with wrong line numbers
    "search": 8,
    "patch": 3,  # *** Begin Patch
    "whole": 1,
}
TAIL_FIRST = 0.4  # edits that add at the end of a block are written as `tail`
CONTEXT: Mapping[str, float] = {"0": 6, "1": 26, "2": 28, "3": 24, "4": 10, "6": 6}
HEADERS = 0.5
CLOSERS = 0.6
SKETCHED = 0.25  # the definition above an insertion is shown as head, marker, closer
TAIL_CLOSED = 0.25  # the closer of the block is shown below the addition
OPEN_ENDS: Mapping[str, float] = {"last": 55, "first": 20, "both": 25}
DEDENTED: Mapping[str, float] = {"bare": 0.4, "inner": 0.3, "search": 0.06, "tail": 0.03}
DEDENTED_ELSE = 0.04
RETABBED = 0.06
FENCED: Mapping[str, float] = {
    "lazy": 0.22, "open": 0.22, "tail": 0.25, "inner": 0.4, "bare": 0.4, "order": 0.3, "hybrid": 0.35, "diff": 0.6,
    "unified": 0.4, "search": 0.2, "patch": 0.1, "whole": 0.3,
}  # fmt: skip
PROSE = 0.7  # a fence has a sentence before it
PROSE_LATER = 0.35
PATH_LINE = 0.06  # a fence has the file's path as a comment in its first line
TRAILING_BLANKS = 0.03
MISQUOTED = 0.03
MISQUOTED_DIFF = 0.09
WRONG_COMMENT = 0.04  # markers use another language's comment syntax
BARE_MARKER = 0.04
MARGIN_MARKER = 0.22  # markers are at column 0
VARIED = 0.2  # each marker has other words
REMOVAL_COMMENT = 0.35
INSTRUCTION = 0.75

MARKERS: Mapping[str, float] = {
    "... existing code ...": 46,
    "... rest of the code ...": 3,
    "... keep existing code ...": 3,
    "... (existing code) ...": 1.5,
    "... unchanged ...": 3,
    "... unchanged code ...": 1.5,
    "...": 6,
    "... same as before ...": 1.5,
    "... existing {noun} ...": 6,
    "... other {noun} ...": 4,
    "... rest of {name} ...": 2,
    "... existing {word} code ...": 1,
    "existing {noun}...": 1.5,
    "existing {word} {noun} ...": 1,
    "... (other {noun} unchanged) ...": 1,
    "[existing code]": 0.7,
    "(unchanged)": 1,
    "unchanged": 0.5,
    "... snip ...": 0.5,
}
MARKERS_FIRST: Mapping[str, float] = {
    "... existing code above ...": 2,
    "... existing imports ...": 2,
    "... everything above stays the same ...": 1,
    "keep everything above as is": 1,
    "... previous code unchanged ...": 1,
}
MARKERS_LAST: Mapping[str, float] = {
    "... rest of the file ...": 2,
    "... rest of the file unchanged ...": 2,
    "rest of the {noun} stay the same": 1,
    "... remaining {noun} ...": 2,
    "the rest of the file stays the same": 1,
    "... rest of existing code ...": 1,
}
MARKERS_INSIDE: Mapping[str, float] = {
    "... existing body ...": 1,
    "... rest of the function ...": 2,
    "... existing logic ...": 2,
    "rest of the method stays the same": 1,
}
BY_PLACE = 0.18  # the words say where the marker is

REMOVALS: Mapping[str, float] = {
    "removed: {name}": 3,
    "remove {name}": 2,
    "removed {name}": 2,
    "... removed {name} ...": 1,
    "deleted: {name}": 1,
    "(removed: {name})": 1,
}

PROSE_BEFORE = (
    "Here is the updated code:",
    "Here's the change:",
    "Here's the updated `{file}`:",
    "Update `{file}` like this:",
    "Sure! Change `{file}` as follows:",
    "I made the following edit in `{path}`:",
    "The fix is small. In `{path}`:",
    "You need to touch only a few lines of `{file}`:",
    "**{path}**",
    "Apply this to `{path}`:",
    "I'd do it like this, keeping everything else as it is:",
    "{what}. Here is what changes:",
)
PROSE_AFTER = (
    "Everything else in the file stays as it is.",
    "This should do what you asked for. Let me know if you want anything else changed.",
    "I left everything else untouched.",
    "You may want to run the tests after applying this.",
    "The rest of the file is unchanged.",
    "Key points:\n\n- only the lines shown change\n- nothing else in the file depends on them",
)
HUNK_SIGNS: Mapping[str, float] = {"@@": 3, "@@ ... @@": 3, "@@ {header}": 2, "@@ @@": 1, "": 3}
SEARCH_SIGNS: Mapping[str, float] = {"SEARCH REPLACE": 9, "ORIGINAL UPDATED": 1}


def marker_words(rng: random.Random, place: str) -> str:
    """The template of one marker. `place`: first, middle, last or inside a function."""
    by_place = {"first": MARKERS_FIRST, "last": MARKERS_LAST, "inside": MARKERS_INSIDE}
    return draw(by_place[place] if place in by_place and rng.random() < BY_PLACE else MARKERS, rng)


def context(rng: random.Random) -> int:
    """The number of context lines on one side of a change."""
    return int(draw(CONTEXT, rng))
